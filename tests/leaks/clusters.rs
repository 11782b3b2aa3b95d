//! Who belongs together leaves the linkage unit as its link map.

use linkage::Clusters;

fn send(clusters: &Clusters) {
    let _ = serde_json::to_string(clusters);
}

fn print(clusters: &Clusters) {
    println!("{clusters:?}");
}

fn main() {}
