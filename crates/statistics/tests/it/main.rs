//! The path from facts to a release, through the public interface alone.
