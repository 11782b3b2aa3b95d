//! An encoding is not text that ends up in a message.

use submission::Encoding;

fn show(encoding: &Encoding) -> String {
    encoding.to_string()
}

fn main() {}
