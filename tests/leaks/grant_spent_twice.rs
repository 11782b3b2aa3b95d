//! One charge pays for one release, with all tables of the charge.

use statistics::{Grant, Table, release};

fn twice(first: Vec<Table<'_>>, grant: Grant, second: Vec<Table<'_>>) {
    let _ = release(grant, first);
    let _ = release(grant, second);
}

fn main() {}
