//! The department as a whole, through its public interface.
