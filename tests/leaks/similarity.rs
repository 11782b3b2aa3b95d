//! How alike two records are stays in the linkage unit.

use linkage::{Pair, Similarity};

fn send(similarity: Similarity) {
    let _ = serde_json::to_string(&similarity);
}

fn print(similarity: Similarity) {
    println!("{similarity:?}");
}

fn show(similarity: Similarity) -> String {
    similarity.to_string()
}

fn send_pair(pair: &Pair) {
    let _ = serde_json::to_string(pair);
}

fn print_pair(pair: &Pair) {
    println!("{pair:?}");
}

fn main() {}
