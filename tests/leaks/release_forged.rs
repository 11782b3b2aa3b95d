//! Only `release` makes a release: out of an aggregate and a grant.

use statistics::Release;

fn relabel(noised: Release) -> Release {
    Release { label: "free of charge".to_owned(), ..noised }
}

fn main() {}
