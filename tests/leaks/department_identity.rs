//! With a department's identity every linkage key that was wrapped to it opens.

use department::keys::Identity;

fn print(key: &Identity) {
    println!("{key:?}");
}

fn copy(key: &Identity) -> Identity {
    key.clone()
}

fn send(key: &Identity) {
    let _ = serde_json::to_string(key);
}

fn look(key: &Identity) -> [u8; 32] {
    key.0.to_bytes()
}

fn main() {}
