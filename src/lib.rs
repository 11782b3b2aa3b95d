//! The server of both units.
