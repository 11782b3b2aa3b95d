//! How long a run takes. `cargo test --release -p statistics-unit --test it -- --ignored --nocapture`

use std::time::Instant;

use crate::county::{County, HOUSING, NURSERY, run_plans};

#[tokio::test]
#[ignore = "measures; has nothing to add to the other tests"]
async fn a_run_of_four_tables_over_twenty_thousand_persons() {
    let fourth = "indicator = \"overlap\"\nshare_per_mille = 200\n[[release]]\n\
                  indicator = \"persons\"\ngroup_by = [\"municipality\", \"sex\"]\n\
                  share_per_mille = 100";
    let file = "purposes/plan-2026.toml";
    let third = "indicator = \"overlap\"\nshare_per_mille = 300";
    let mut county = County::open(&[(file, third, fourth)]).await;
    county.deliver(NURSERY, "2025-09", 12_000).await;
    county.deliver(HOUSING, "2025-09", 8_000).await;
    let started = Instant::now();
    county.accept(Some("2025-q3")).await;
    let accepted = started.elapsed();
    let started = Instant::now();
    assert_eq!(run_plans(&county.unit).await, ["plan/plan-2026/2025-q3/2025: 4 tables"]);
    eprintln!("accepted in {accepted:?}, charged, drawn and stored in {:?}", started.elapsed());
    county.restart(&[]).await;
    let started = Instant::now();
    assert!(run_plans(&county.unit).await.is_empty());
    eprintln!("looked again in {:?}", started.elapsed());
}
