//! A person's identifying fields leave their type as an encoding only.

use encoder::Identifiers;

fn print(person: &Identifiers) {
    println!("{person:?}");
}

fn copy(person: &Identifiers) -> Identifiers {
    person.clone()
}

fn send(person: &Identifiers) {
    let _ = serde_json::to_string(person);
}

fn main() {}
