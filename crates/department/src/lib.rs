//! What a department runs.
