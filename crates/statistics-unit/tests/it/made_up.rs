//! Tables that were made up for a measurement.

use std::sync::Arc;

use statistics::PersonTable;
use statistics_unit::UnitError;
use submission::{ProblemCode, SnapshotId};

use crate::county::{County, name};

#[tokio::test]
async fn what_departments_delivered_is_never_replaced() {
    let mut county = County::open(&[]).await;
    let snapshot = county.complete("2025-q3", "2025-09").await;
    let keep = async |snapshot: SnapshotId| {
        let table = PersonTable::new(name("made-up"), 1, 2025..=2025, Vec::new()).unwrap();
        county.unit.keep_made_up(snapshot, Arc::new(table)).await
    };
    let unknown = SnapshotId::random(&ring::rand::SystemRandom::new()).unwrap();
    for (snapshot, code) in
        [(snapshot, ProblemCode::SnapshotInconsistent), (unknown, ProblemCode::SnapshotUnknown)]
    {
        let refused = keep(snapshot).await.unwrap_err();
        let UnitError::Refused(problem) = refused else { panic!("{refused}") };
        assert_eq!(problem.code, code);
    }
}
