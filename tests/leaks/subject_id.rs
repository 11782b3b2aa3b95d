//! A subject id says nothing about its bearer: neither an index nor a case number makes one.

use submission::SubjectId;

fn from_index(row: u128) -> SubjectId {
    SubjectId::from(row)
}

fn from_case_number(case: &str) -> SubjectId {
    SubjectId::new(case)
}

fn none_at_all() -> SubjectId {
    SubjectId::default()
}

fn main() {}
