use policy::{Plan, UNKNOWN_CODE};
use proptest::prelude::*;

use crate::{
    DatasetFacts, Error, Fact, PersonTable, aggregate,
    exact::Exact,
    samples::{YEAR, catalogue, name, plan},
};

const SUBJECTS: u32 = 8;
const PERSONS: u32 = 8;
const ROWS: i64 = 2;
const CAP: i64 = 500;

#[derive(Clone, Copy, Debug)]
struct Record {
    subject: u32,
    rank: u64,
    year: u16,
    codes: [u16; 2],
    amount: Option<i64>,
}

fn record() -> impl Strategy<Value = Record> {
    let code = |most: u16| prop_oneof![4 => 0..most, 1 => Just(UNKNOWN_CODE)];
    let amount = proptest::option::of(prop_oneof![-50_i64..2_000, Just(i64::MAX)]);
    let year = prop_oneof![4 => Just(YEAR), 1 => Just(YEAR - 1)];
    (0..SUBJECTS, 0_u64..4, year, code(3), code(2), amount).prop_map(
        |(subject, rank, year, municipality, sex, amount)| Record {
            subject,
            rank,
            year,
            codes: [municipality, sex],
            amount,
        },
    )
}

/// The facts of one dataset, where subject s belongs to person `owners[s]`.
fn table(records: &[Record], owners: &[u32], deliveries: &[(u8, u8)]) -> PersonTable {
    let wohngeld = name("wohngeld");
    let declared = catalogue().dataset(&wohngeld).unwrap();
    let mut builder = DatasetFacts::builder(wohngeld, declared);
    for record in records {
        let fact = Fact {
            person: owners[record.subject as usize],
            subject: record.subject,
            rank: record.rank,
            year: record.year,
            first_month: 1,
            last_month: 2,
            unit: None,
            codes: &record.codes,
            measures: &[record.amount],
        };
        builder.push(&fact).unwrap();
    }
    for (from, to) in deliveries {
        builder.delivered(((YEAR, *from), (YEAR, *to)));
    }
    PersonTable::new(name("s"), PERSONS, YEAR - 1..=YEAR, vec![builder.finish()]).unwrap()
}

fn question(subjects: u8) -> Plan {
    plan(serde_json::json!({"compute": {"kind": "subject_sum", "parts": [{"dataset": "wohngeld",
        "measure": "amount", "per_month": true, "rows": ROWS, "cap": CAP, "subjects": subjects}]},
        "group_by": ["municipality", "sex"]}))
}

fn answer(records: &[Record], owners: &[u32]) -> Vec<i64> {
    let table = table(records, owners, &[]);
    let answer = aggregate(&table, catalogue(), &question(1), YEAR).unwrap();
    answer.vectors.into_iter().flat_map(Exact::into_mechanism).collect()
}

fn owners() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(0..PERSONS, SUBJECTS as usize)
}

proptest! {
    /// Permuted, merged or split: who belongs to whom changes no cell.
    #[test]
    fn no_linkage_changes_anything(
        records in proptest::collection::vec(record(), 0..30), one in owners(), other in owners()
    ) {
        let own: Vec<u32> = (0..SUBJECTS).collect();
        let together = vec![0; SUBJECTS as usize];
        let expected = answer(&records, &own);
        for links in [one, other, together] {
            prop_assert_eq!(&answer(&records, &links), &expected);
        }
    }

    /// One subject more or less: at most `rows` times `cap`, wherever its rows lie.
    #[test]
    fn one_subject_changes_no_more_than_its_rows(
        records in proptest::collection::vec(record(), 0..30), leaving in 0..SUBJECTS,
        links in owners()
    ) {
        let rest: Vec<Record> =
            records.iter().copied().filter(|own| own.subject != leaving).collect();
        let (with, without) = (answer(&records, &links), answer(&rest, &links));
        let changes = with.iter().zip(&without).map(|(a, b)| a - b);
        prop_assert!(changes.clone().all(|change| change >= 0));
        prop_assert!(changes.sum::<i64>() <= ROWS * CAP);
    }

    /// Beside a reading subject by subject; no two ranks are equal.
    #[test]
    fn the_sum_is_that_of_the_least_ranks(
        mut records in proptest::collection::vec(record(), 0..30), links in owners()
    ) {
        for (number, record) in (0..).zip(&mut records) {
            record.rank = record.rank * 100 + number;
        }
        let mut expected = vec![0; 4];
        for subject in 0..SUBJECTS {
            let mut own: Vec<(u64, usize, i64)> = records
                .iter()
                .filter(|own| own.subject == subject && own.year == YEAR)
                // Two municipalities of the territory with two sexes each.
                .filter(|own| own.codes[0] < 2 && own.codes[1] < 2)
                .filter_map(|own| {
                    let cell = usize::from(own.codes[0] * 2 + own.codes[1]);
                    Some((own.rank, cell, own.amount?.clamp(0, 1_000_000) * 2))
                })
                .map(|(rank, cell, amount)| (rank, cell, amount.min(CAP)))
                .collect();
            own.sort_unstable();
            own.into_iter().take(ROWS as usize).for_each(|(_, cell, amount)| expected[cell] += amount);
        }
        prop_assert_eq!(answer(&records, &links), expected);
    }
}

#[test]
fn more_deliveries_than_stated_are_refused_by_public_facts() {
    let deliveries = [(1, 6), (7, 12), (3, 3)];
    let table = table(&[], &[0; SUBJECTS as usize], &deliveries);
    let ask = |subjects| aggregate(&table, catalogue(), &question(subjects), YEAR).err();
    let refused = ask(2).unwrap();
    assert!(matches!(&refused, Error::Deliveries { deliveries: 3, stated: 2, .. }));
    assert!(refused.to_string().contains("raise `subjects` to 3"));
    assert!(ask(3).is_none());
    let earlier = aggregate(&table, catalogue(), &question(1), YEAR - 1).err();
    assert!(earlier.is_none(), "no delivery covers the year before");
}
