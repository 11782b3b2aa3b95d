//! With the linkage key every encoding is a name.

use encoder::LinkageKey;

fn print(key: &LinkageKey) {
    println!("{key:?}");
}

fn copy(key: &LinkageKey) -> LinkageKey {
    key.clone()
}

fn send(key: &LinkageKey) {
    let _ = serde_json::to_string(key);
}

fn look(key: &LinkageKey) -> u8 {
    key.0[0]
}

fn main() {}
