//! How a batch arrives.
