//! Any bytes as an extract.
#![no_main]

#[path = "../laws.rs"]
#[expect(dead_code, reason = "each target calls one law")]
mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::extract(data));
