//! What was not noised can be moved into a release and nowhere else.

use statistics::{Aggregate, Exact, PersonTable};

fn send(exact: &Exact<i64>) {
    let _ = serde_json::to_string(exact);
}

fn print(exact: &Exact<i64>) {
    println!("{exact:?}");
}

fn show(exact: &Exact<i64>) -> String {
    exact.to_string()
}

fn look(exact: &Exact<i64>) -> i64 {
    **exact
}

fn compare(one: Exact<i64>, other: Exact<i64>) -> bool {
    one == other
}

fn copy(exact: &Exact<i64>) -> Exact<i64> {
    exact.clone()
}

fn open(exact: Exact<i64>) -> i64 {
    exact.0
}

fn open_as_the_mechanism_does(exact: Exact<i64>) -> i64 {
    exact.into_mechanism()
}

fn send_aggregate(aggregate: &Aggregate) {
    let _ = serde_json::to_string(aggregate);
}

fn print_aggregate(aggregate: &Aggregate) {
    println!("{aggregate:?}");
}

fn open_aggregate(aggregate: Aggregate) {
    let _ = aggregate.vectors;
}

fn how_many(table: &PersonTable) -> usize {
    table.persons()
}

fn main() {}
