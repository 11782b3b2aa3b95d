//! However often a department repeats itself, and wherever it is cut off: one batch, one receipt,
//! and never other content under the same name.

use crate::batches::{announced, key};
use crate::place::{Place, kinds};
use crate::postgres::Server;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use store::batches::{Mode, State, begin, complete, put_chunk, read_chunk, status};
use store::{Db, Error, UnitKind};

const CHUNKS: u64 = 3;

#[derive(Debug, Clone)]
enum Step {
    Begin { batch: usize, other: bool },
    Put { batch: usize, index: u64, other: bool },
    Complete { batch: usize },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let other = || prop::bool::weighted(0.2);
    let step = prop_oneof![
        3 => (0..2_usize, other()).prop_map(|(batch, other)| Step::Begin { batch, other }),
        6 => (0..2_usize, 0..CHUNKS + 1, other())
            .prop_map(|(batch, index, other)| Step::Put { batch, index, other }),
        3 => (0..2_usize).prop_map(|batch| Step::Complete { batch }),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..40)
}

/// What the unit must know of one batch.
#[derive(Default)]
struct Expected {
    /// Digest of the first manifest that arrived.
    manifest: Option<[u8; 32]>,
    /// Digest of the first chunk that arrived at each position.
    chunks: BTreeMap<u64, u8>,
    receipt: Option<String>,
}

fn digest(other: bool) -> u8 {
    if other { 2 } else { 1 }
}

impl Expected {
    async fn begin(&mut self, db: &Db, name: &str, other: bool) {
        let mut new = announced(key("a", name), Mode::Amend, CHUNKS);
        new.manifest_digest = [digest(other); 32];
        let first = *self.manifest.get_or_insert(new.manifest_digest);
        let outcome = begin(db, &new, 1).await;
        assert_eq!(outcome.is_ok(), first == new.manifest_digest);
        assert!(matches!(outcome, Ok(_) | Err(Error::Conflict(_))));
    }

    async fn put(&mut self, db: &Db, name: &str, index: u64, other: bool) {
        let mark = digest(other);
        let outcome = put_chunk(db, &key("a", name), index, &[mark; 32], &[mark]).await;
        if self.manifest.is_none() {
            assert!(matches!(outcome, Err(Error::NotFound(_))));
        } else if index >= CHUNKS {
            assert!(matches!(outcome, Err(Error::Limit { .. })));
        } else {
            let first = *self.chunks.entry(index).or_insert(mark);
            assert_eq!(outcome.is_ok(), first == mark);
            assert!(matches!(outcome, Ok(()) | Err(Error::Conflict(_))));
        }
    }

    async fn complete(&mut self, db: &Db, name: &str, number: usize) {
        let outcome = complete(db, &key("a", name), &format!("r-{number}"), &[], 2).await;
        let missing = CHUNKS - self.chunks.len() as u64;
        match outcome {
            Ok(receipt) => {
                assert_eq!(missing, 0);
                assert_eq!(*self.receipt.get_or_insert(format!("r-{number}")), receipt);
            }
            Err(Error::Incomplete { missing: told }) => assert_eq!(told, missing),
            Err(Error::NotFound(_)) => assert!(self.manifest.is_none()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn check(&self, db: &Db, name: &str) {
        let key = key("a", name);
        let Some(found) = status(db, &key).await.unwrap() else {
            return assert!(self.manifest.is_none());
        };
        assert_eq!(Some(found.manifest_digest), self.manifest);
        assert_eq!(found.receipt, self.receipt);
        assert_eq!(found.state == State::Complete, self.receipt.is_some());
        assert_eq!(found.present, self.chunks.keys().copied().collect::<Vec<_>>());
        for (&index, &mark) in &self.chunks {
            assert_eq!(read_chunk(db, &key, index).await.unwrap(), [mark]);
        }
    }
}

async fn holds(place: &Place, steps: &[Step]) {
    let names = ["1", "2"];
    let mut db = place.open(UnitKind::Linkage).await;
    let mut expected = [Expected::default(), Expected::default()];
    for (number, step) in steps.iter().enumerate() {
        match *step {
            Step::Begin { batch, other } => expected[batch].begin(&db, names[batch], other).await,
            Step::Put { batch, index, other } => {
                expected[batch].put(&db, names[batch], index, other).await;
            }
            Step::Complete { batch } => {
                expected[batch].complete(&db, names[batch], number).await;
            }
            Step::Restart => {
                drop(db);
                db = place.open(UnitKind::Linkage).await;
            }
        }
        for (expected, name) in expected.iter().zip(names) {
            expected.check(&db, name).await;
        }
    }
    let receipts = expected.iter().filter(|expected| expected.receipt.is_some()).count();
    assert_eq!(kinds(&db).await.len(), receipts, "one entry for each batch that counts");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn holds_on_sqlite(steps in steps()) {
        let directory = crate::place::directory();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(holds(&Place::sqlite(directory.path()), &steps));
    }
}

pub(crate) async fn holds_on(server: &Server) {
    let mut runner = TestRunner::deterministic();
    for case in 0..4 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        holds(&server.place(&format!("upload_{case}")), &steps).await;
    }
}
