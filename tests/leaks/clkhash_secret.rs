//! With the secret of a clkhash project every encoding is a name.

use encoder::clkhash::ClkhashSecret;

fn print(secret: &ClkhashSecret) {
    println!("{secret:?}");
}

fn copy(secret: &ClkhashSecret) -> ClkhashSecret {
    secret.clone()
}

fn send(secret: &ClkhashSecret) {
    let _ = serde_json::to_string(secret);
}

fn main() {}
