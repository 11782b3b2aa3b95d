//! With the master key the linkage key of every epoch is known.

use encoder::MasterKey;

fn print(key: &MasterKey) {
    println!("{key:?}");
}

fn copy(key: &MasterKey) -> MasterKey {
    key.clone()
}

fn send(key: &MasterKey) {
    let _ = serde_json::to_string(key);
}

fn look(key: &MasterKey) -> u8 {
    key.0[0]
}

fn main() {}
