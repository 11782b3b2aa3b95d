//! The only crate that speaks SQL.
