//! A signing key leaves its file as nothing but signatures.

use submission::SigningKey;

fn print(key: &SigningKey) {
    println!("{key:?}");
}

fn copy(key: &SigningKey) -> SigningKey {
    key.clone()
}

fn send(key: &SigningKey) {
    let _ = serde_json::to_string(key);
}

fn main() {}
