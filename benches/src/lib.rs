//! Benchmarks; may link anything, never shipped.
