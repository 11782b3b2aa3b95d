//! A grant is the right to draw once: it is neither copied nor read from somewhere.

use statistics::Grant;

fn copy(grant: &Grant) -> Grant {
    grant.clone()
}

fn read(text: &str) -> Grant {
    serde_json::from_str(text).unwrap()
}

fn none_at_all() -> Grant {
    Grant::default()
}

fn main() {}
