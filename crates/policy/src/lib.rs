//! What the parties agreed, as checked types.
