//! Any bytes as a linkage schema.
#![no_main]

#[path = "../laws.rs"]
#[expect(dead_code, reason = "each target calls one law")]
mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::schema(data));
