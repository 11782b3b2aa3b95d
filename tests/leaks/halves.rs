//! The two halves of a record have no way back together, and rows no wire format of their own.

use submission::{Linkable, LinkableChunk, Measures, MeasuresChunk};

fn join_rows(linkable: Linkable<'_>, measures: Measures<'_>) {
    linkable.join(measures);
}

fn join_chunks(linkable: LinkableChunk, measures: MeasuresChunk) {
    linkable.join(measures);
}

fn encoding_beside_facts(measures: &Measures<'_>) {
    let _ = &measures.views;
}

fn facts_beside_encoding(linkable: &Linkable<'_>) {
    let _ = &linkable.codes;
}

fn send_linkable(row: &Linkable<'_>) {
    let _ = serde_json::to_string(row);
}

fn send_measures(row: &Measures<'_>) {
    let _ = serde_json::to_string(row);
}

fn print_linkable(row: &Linkable<'_>) {
    println!("{row:?}");
}

fn print_measures(row: &Measures<'_>) {
    println!("{row:?}");
}

fn main() {}
