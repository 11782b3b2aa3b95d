use std::cmp::Reverse;
use std::collections::BTreeSet;

use policy::UNKNOWN_CODE;
use proptest::prelude::*;

use super::year::Row;
use super::*;
use crate::samples::{Line, catalogue, facts, name};

fn push(fact: &Fact<'_>) -> Result<(), Error> {
    let kita = name("kita");
    DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap()).push(fact)
}

const GOOD: Fact<'_> = Fact {
    person: 0,
    subject: 0,
    rank: 0,
    year: 2024,
    first_month: 1,
    last_month: 12,
    unit: None,
    codes: &[0, 0],
    measures: &[Some(i64::MIN)],
};

#[test]
fn rows_of_another_shape_are_refused() {
    assert!(push(&GOOD).is_ok());
    assert!(push(&Fact { last_month: 0, ..GOOD }).is_err());
    assert!(push(&Fact { last_month: 13, ..GOOD }).is_err());
    assert!(push(&Fact { first_month: 0, ..GOOD }).is_err());
    assert!(push(&Fact { first_month: 5, last_month: 4, ..GOOD }).is_err());
    assert!(push(&Fact { unit: Some(0), ..GOOD }).is_err(), "kita names no households");
    assert!(push(&Fact { codes: &[0], ..GOOD }).is_err());
    assert!(push(&Fact { measures: &[], ..GOOD }).is_err());
    assert!(push(&Fact { person: PersonTable::MAX_PERSONS, ..GOOD }).is_err());
    assert!(push(&Fact { subject: PersonTable::MAX_PERSONS, ..GOOD }).is_err());
}

#[test]
fn a_subject_belongs_to_one_person() {
    let kita = name("kita");
    let mut builder = DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap());
    let mut push = |person, subject| builder.push(&Fact { person, subject, ..GOOD });
    assert!(push(3, 5).is_ok());
    assert!(push(3, 5).is_ok());
    assert!(push(3, 0).is_ok(), "a person linked from two subjects");
    assert!(push(4, 5).is_err());
    assert!(push(4, 1).is_ok());
    let facts = builder.finish();
    let year = facts.year(2024);
    let subjects = |person| year.rows(person).map(|row| year.subject(row)).collect::<Vec<_>>();
    assert_eq!(subjects(3), [0, 1, 1], "numbered within the person");
    assert_eq!(subjects(4), [0]);
}

#[test]
fn a_person_has_fewer_rows_of_a_year_than_an_unknown_code() {
    let kita = name("kita");
    let mut builder = DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap());
    for _ in 0..UNKNOWN_CODE {
        builder.push(&GOOD).unwrap();
    }
    assert!(builder.push(&GOOD).is_err());
    assert!(builder.push(&Fact { year: 2023, ..GOOD }).is_ok());
    let facts = builder.finish();
    let places: BTreeSet<u16> =
        facts.year(2024).rows(0).map(|row| facts.year(2024).by_rank(row)).collect();
    assert_eq!(places.len(), usize::from(UNKNOWN_CODE));
}

#[test]
fn years_without_rows_are_empty_and_their_number_is_limited() {
    let kita = name("kita");
    let mut builder = DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap());
    for year in 1_900..2_000 {
        builder.push(&Fact { year, ..GOOD }).unwrap();
    }
    assert!(builder.push(&Fact { year: 2_000, ..GOOD }).is_err());
    let facts = builder.finish();
    assert!(facts.year(1_950).holds(0) && !facts.year(1_950).holds(1));
    assert!(!facts.year(2_000).holds(0));
    assert_eq!(facts.extent().next(), Some((1_900, 1)));
}

#[test]
fn months_that_nobody_delivered_are_known() {
    let kita = name("kita");
    let builder = || DatasetFacts::builder(kita.clone(), catalogue().dataset(&kita).unwrap());
    let range = |from, to| month_index(2024, from)..=month_index(2024, to);
    assert!(builder().finish().delivered(range(1, 12)), "nobody said anything");
    let mut parts = builder();
    parts.delivered(((2024, 1), (2024, 3)));
    parts.delivered(((2024, 4), (2024, 6)));
    parts.delivered(((2024, 8), (2024, 12)));
    let parts = parts.finish();
    assert!(parts.delivered(range(2, 6)));
    assert!(!parts.delivered(range(2, 7)));
    assert!(!parts.delivered(month_index(2023, 12)..=month_index(2024, 1)));
}

/// Everything that can be read of a person and year.
#[derive(Debug, PartialEq)]
struct Told {
    rows: Vec<(u8, u8, [u16; 2], Option<i64>, Option<u32>)>,
    by_rank: Vec<u16>,
    subjects: Vec<u16>,
    least_rank: Option<u64>,
    standing: Option<(u8, u64, u32)>,
}

fn told(facts: &DatasetFacts, person: usize, year: u16) -> Told {
    let year = facts.year(year);
    let amount = |row: Row| {
        let mut amounts = year.amounts(person, 0);
        amounts.find(|(own, _)| own.place == row.place).map(|(_, amount)| amount)
    };
    let rows = year.rows(person).map(|row| {
        let codes = [0, 1].map(|position| year.codes(position).unwrap().get(row.place));
        (row.first_month, row.last_month, codes, amount(row), year.unit(row))
    });
    Told {
        rows: rows.collect(),
        by_rank: year.rows(person).map(|row| year.by_rank(row)).collect(),
        subjects: year.rows(person).map(|row| year.subject(row)).collect(),
        least_rank: year.holds(person).then(|| year.least_rank(person)),
        standing: year.standing(person).map(|own| (own.last_month, own.rank, own.unit)),
    }
}

/// The same from the rows as they came.
fn expected(lines: &[Line], person: u32, year: u16) -> Told {
    let own = lines.iter().filter(|line| line.person == person && line.year == year);
    let mut own: Vec<Line> = own.copied().collect();
    own.sort_by_key(|line| (Reverse(line.month), line.rank, line.codes));
    let by_rank = |line: &Line| own.iter().filter(|other| other.rank < line.rank).count();
    let subjects: BTreeSet<u32> = own.iter().map(|line| line.subject).collect();
    let subject = |line: &Line| subjects.range(..line.subject).count();
    let standing = own.iter().find_map(|line| Some((line.month, line.rank, line.unit?)));
    Told {
        rows: (own.iter())
            .map(|line| (line.first_month, line.month, line.codes, line.amount, line.unit))
            .collect(),
        by_rank: own.iter().map(|line| u16::try_from(by_rank(line)).unwrap()).collect(),
        subjects: own.iter().map(|line| u16::try_from(subject(line)).unwrap()).collect(),
        least_rank: own.iter().map(|line| line.rank).min(),
        standing,
    }
}

const PERSONS: u32 = 4;

/// Rows with few months and ranks, each rank below `ranks`.
fn line(ranks: u64) -> impl Strategy<Value = Line> {
    let code = |many: u16| prop_oneof![4 => 0..3_u16, 1 => Just(UNKNOWN_CODE), 1 => Just(many)];
    let amount = proptest::option::of(-5_i64..5);
    let unit = proptest::option::of(0_u32..3);
    let months = (1_u8..=3, 0_u8..3);
    (0..PERSONS, 0_u32..3, 0..ranks, 2_023_u16..=2_024, months, (code(40), code(300)), amount, unit)
        .prop_map(|(person, subject, rank, year, (first_month, more), codes, amount, unit)| Line {
            person,
            subject,
            rank,
            year,
            first_month,
            month: first_month + more,
            unit,
            codes: [codes.0, codes.1],
            amount,
        })
}

proptest! {
    /// Ranks differ, as 64 bits of HMAC do.
    #[test]
    fn rows_stand_in_deciding_order(mut lines in prop::collection::vec(line(u64::MAX), 0..30)) {
        let mut seen = BTreeSet::new();
        lines.retain(|line| seen.insert(line.rank));
        let facts = facts("sgb2", &lines);
        for (person, year) in (0..PERSONS).flat_map(|own| [(own, 2_023), (own, 2_024)]) {
            let told = told(&facts, person as usize, year);
            prop_assert_eq!(told, expected(&lines, person, year));
        }
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_table(
        (lines, mixed) in prop::collection::vec(line(2), 0..30)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle()))
    ) {
        let (facts, mixed) = (facts("sgb2", &lines), facts("sgb2", &mixed));
        for (person, year) in (0..PERSONS).flat_map(|own| [(own, 2_023), (own, 2_024)]) {
            let person = person as usize;
            prop_assert_eq!(told(&facts, person, year), told(&mixed, person, year));
        }
    }
}
