//! The service that holds encodings.
