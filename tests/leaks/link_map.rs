//! The link map travels sealed or not at all.

use submission::{Link, LinkMap, PendingMap};

fn send(map: &LinkMap) {
    let _ = serde_json::to_string(map);
}

fn print(map: &LinkMap) {
    println!("{map:?}");
}

fn send_line(link: &Link) {
    let _ = serde_json::to_string(link);
}

fn print_line(link: &Link) {
    println!("{link:?}");
}

fn keep_the_key_for_later(pending: &PendingMap) -> PendingMap {
    pending.clone()
}

fn main() {}
