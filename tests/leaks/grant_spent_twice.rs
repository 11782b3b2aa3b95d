//! One charge pays for one release.

use policy::Plan;
use statistics::{Aggregate, Context, Grant, release};

fn twice(aggregates: [Aggregate; 2], grant: Grant, plan: &Plan, contexts: [Context; 2]) {
    let [first, second] = aggregates;
    let [one, other] = contexts;
    let _ = release(first, grant, plan, one);
    let _ = release(second, grant, plan, other);
}

fn main() {}
