//! The only home of identifiers and linkage keys.
