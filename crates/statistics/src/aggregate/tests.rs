use std::sync::LazyLock;

use policy::{Femto, GroupKeys, NanoRho, UNKNOWN_CODE};
use proptest::prelude::*;

use super::*;
use crate::samples::{
    Line, YEAR, catalogue, every_plan, facts, mean_plan, name, overlap_plan, persons_plan, plan,
    table,
};
use crate::{DatasetFacts, Links, Noise, Price, Sensitivity, attribute::Attribute};

/// The vectors of an answer: counts, or centred sums and counts.
fn vectors(persons: u32, lines: &[Vec<Line>; 3], plan: &Plan) -> Vec<Vec<i64>> {
    let answer = aggregate(&table(persons, lines), catalogue(), plan, YEAR).unwrap();
    answer.vectors.into_iter().map(Exact::into_mechanism).collect()
}

/// Every kind of plan with the sensitivities that its price states.
static PLANS: LazyLock<Vec<(Plan, Vec<Sensitivity>)>> = LazyLock::new(|| {
    let rho = NanoRho::new(1_000_000).unwrap();
    let delta = Femto::new(1_000_000).unwrap();
    let stated = |plan: Plan| {
        let price = Price::of(&plan, rho, delta).unwrap();
        (plan, price.noise().iter().map(Noise::sensitivity).collect())
    };
    every_plan().into_iter().map(stated).collect()
});

const PERSONS: u32 = 6;

/// Few persons, months, households and ranks, so that contradictions and ties are the rule.
fn line() -> impl Strategy<Value = Line> {
    let code = |most: u16| prop_oneof![4 => 0..most, 1 => Just(UNKNOWN_CODE), 1 => Just(99)];
    let amount = proptest::option::of(prop_oneof![-50_i64..2_000, Just(i64::MAX)]);
    let months = (1_u8..=12, 0_u8..6);
    let unit = proptest::option::of(0_u32..3);
    let years = prop_oneof![3 => Just(YEAR), 1 => YEAR - 3..YEAR];
    let person = (0..PERSONS, 0_u32..3);
    (person, 0_u64..3, years, months, code(3), code(2), amount, unit).prop_map(
        |((person, subject), rank, year, (first_month, more), municipality, sex, amount, unit)| {
            Line {
                person,
                subject,
                rank,
                year,
                first_month,
                month: (first_month + more).min(12),
                unit,
                codes: [municipality, sex],
                amount,
            }
        },
    )
}

fn lines() -> impl Strategy<Value = [Vec<Line>; 3]> {
    let rows = || proptest::collection::vec(line(), 0..12);
    [rows(), rows(), rows()]
}

proptest! {
    #[test]
    fn order_of_rows_changes_nothing_and_repetition_only_sums(
        (one, other, again) in lines().prop_flat_map(|lines| {
            let mixed = lines.clone().map(|rows| Just(rows).prop_shuffle());
            let again = lines.clone().map(|rows| {
                let twice: Vec<Line> = rows.iter().chain(&rows).copied().collect();
                Just(twice).prop_shuffle()
            });
            (Just(lines), mixed, again)
        })
    ) {
        for (plan, _) in PLANS.iter() {
            let answer = vectors(PERSONS, &one, plan);
            prop_assert_eq!(&answer, &vectors(PERSONS, &other, plan));
            if !matches!(plan.kind, PlanKind::Sum { .. } | PlanKind::SubjectSum { .. }) {
                prop_assert_eq!(&answer, &vectors(PERSONS, &again, plan));
            }
        }
    }

    /// Whatever departments say: one value per dimension and year, so one group.
    #[test]
    fn a_person_alone_is_in_one_group_at_most(lines in lines()) {
        let own = lines.map(|rows| {
            rows.into_iter().filter(|line| line.person == 0).collect::<Vec<_>>()
        });
        let table = table(PERSONS, &own);
        for dimension in ["municipality", "sex"] {
            for year in [YEAR, YEAR - 1] {
                let codes = Attribute::new(&table, catalogue(), &name(dimension), &[year]).unwrap();
                prop_assert!((1..6).all(|person| codes.of(person) == UNKNOWN_CODE));
            }
        }
        // Rows of a subject sum stand in the cells of their own values.
        let subjects = |plan: &Plan| matches!(plan.kind, PlanKind::SubjectSum { .. });
        for (plan, _) in PLANS.iter().filter(|(plan, _)| !subjects(plan)) {
            let per_group = plan.kind.noised_per_group().unwrap();
            for vector in vectors(PERSONS, &own, plan) {
                prop_assert_eq!(vector.len() % per_group, 0);
                let groups = vector.chunks(per_group).filter(|own| own.iter().any(|x| *x != 0));
                prop_assert!(groups.count() <= 1);
            }
        }
    }

    #[test]
    fn a_person_more_or_less_stays_within_the_stated_sensitivities(
        lines in lines(), leaving in 0..PERSONS
    ) {
        let rest = lines.clone().map(|rows| {
            rows.into_iter().filter(|line| line.person != leaving).collect::<Vec<_>>()
        });
        for (plan, sensitivities) in PLANS.iter() {
            let with = vectors(PERSONS, &lines, plan);
            let without = vectors(PERSONS, &rest, plan);
            prop_assert_eq!(with.len(), sensitivities.len());
            for ((with, without), stated) in with.iter().zip(&without).zip(sensitivities) {
                let changes: Vec<u64> =
                    with.iter().zip(without).map(|(a, b)| a.abs_diff(*b)).collect();
                let changed = changes.iter().filter(|change| **change > 0).count();
                prop_assert!(changed as u64 <= stated.l0);
                prop_assert!(changes.iter().sum::<u64>() <= stated.l1);
                prop_assert!(changes.iter().map(|c| c * c).sum::<u64>() <= stated.l2_squared);
                prop_assert!(changes.iter().all(|change| *change <= stated.linf));
            }
        }
    }

    #[test]
    fn one_changed_record_costs_at_most_the_stated_multiple(
        lines in lines(), dataset in 0_usize..3, at in any::<prop::sample::Index>(), new in line()
    ) {
        let mut changed = lines.clone();
        let rows = &mut changed[dataset];
        prop_assume!(!rows.is_empty());
        let at = at.index(rows.len());
        rows[at] = Line { person: rows[at].person, ..new };
        for (plan, sensitivities) in PLANS.iter() {
            let before = vectors(PERSONS, &lines, plan);
            let after = vectors(PERSONS, &changed, plan);
            // Loss in units of the whole budget, of which each vector has an equal part.
            let part = 1.0 / before.len() as f64;
            let mut loss = 0.0;
            for ((before, after), stated) in before.iter().zip(&after).zip(sensitivities) {
                let squares: f64 =
                    before.iter().zip(after).map(|(a, b)| ((a - b) as f64).powi(2)).sum();
                loss += part * squares / stated.l2_squared as f64;
            }
            let factor = if plan.unit.is_person() { 2.0 } else { 4.0 };
            prop_assert!(loss <= factor + 1e-9, "{}: {loss}", plan.kind_name());
        }
    }
}

proptest! {
    /// Whatever the links: a person more or less changes one class by one.
    #[test]
    fn a_person_is_in_one_class_of_links_at_most(
        lines in lines(), leaving in 0..PERSONS,
        records in proptest::collection::vec((1_usize..4, 0_u8..8), PERSONS as usize)
    ) {
        let quality = plan(serde_json::json!({
            "compute": {"kind": "link_quality", "datasets": ["sgb2", "wohngeld", "kita"]}}));
        let count = |lines: &[Vec<Line>; 3]| {
            let map = (0..PERSONS).zip(&records).flat_map(|(own, (number, band))| {
                std::iter::repeat_n((own, *band), *number)
            });
            let links = Links::of_lines(Digest::of(b"schema"), PERSONS, map).unwrap();
            let table = table(PERSONS, lines).with_links(links).unwrap();
            let answer = aggregate(&table, catalogue(), &quality, YEAR).unwrap();
            answer.vectors.into_iter().next().unwrap().into_mechanism()
        };
        let present: std::collections::BTreeSet<u32> =
            lines.iter().flatten().filter(|own| own.year == YEAR).map(|own| own.person).collect();
        let with = count(&lines);
        prop_assert_eq!(with.iter().sum::<i64>(), present.len() as i64);
        let rest = lines.clone().map(|rows| {
            rows.into_iter().filter(|line| line.person != leaving).collect::<Vec<_>>()
        });
        let changes: u64 = with.iter().zip(count(&rest)).map(|(a, b)| a.abs_diff(b)).sum();
        prop_assert_eq!(changes, u64::from(present.contains(&leaving)));
    }
}

#[test]
fn persons_are_counted_by_the_weakest_of_their_links() {
    let quality = plan(serde_json::json!({
        "compute": {"kind": "link_quality", "datasets": ["sgb2", "kita"]}}));
    let rows = |people: &[u32]| people.iter().map(|own| person(*own, 0, 0)).collect::<Vec<_>>();
    // Person 0 is single; 1 to 5 have bands 0 to 4; 5 is in neither dataset, 4 was last year.
    let earlier = Line { year: YEAR - 1, ..person(4, 0, 0) };
    let sgb2 = [rows(&[0, 1, 1]), vec![earlier]].concat();
    let lines = [sgb2, rows(&[5]), rows(&[1, 2, 3])];
    assert_eq!(vectors(6, &lines, &quality), [[1, 1, 1, 1, 0, 0, 0, 0, 0]]);
    let unlinked =
        PersonTable::new(name("s"), 0, YEAR..=YEAR, vec![facts("sgb2", &[]), facts("kita", &[])]);
    let refused = aggregate(&unlinked.unwrap(), catalogue(), &quality, YEAR).err().unwrap();
    assert!(refused.to_string().contains("how persons were linked"));
}

fn person(person: u32, municipality: u16, sex: u16) -> Line {
    Line { person, codes: [municipality, sex], ..Line::default() }
}

#[test]
fn persons_are_counted_once_in_the_cell_of_their_trusted_value() {
    // Person 0 lives in A for kita and in B for sgb2; kita decides. Person 2 lives elsewhere.
    let sgb2 = vec![person(0, 1, 0), person(0, 1, 0), person(1, 1, 0), person(2, 2, 0)];
    let kita = vec![person(0, 0, 0)];
    let lines = [sgb2, vec![person(3, 0, 0)], kita];
    assert_eq!(vectors(5, &lines, &persons_plan()), [[1, 1]]);
}

#[test]
fn a_filter_keeps_the_persons_whose_value_it_names() {
    let women = plan(serde_json::json!({
        "compute": {"kind": "persons", "datasets": ["sgb2"]},
        "filter": {"sex": ["f"]}, "group_by": ["municipality"]}));
    let rows = vec![person(0, 0, 0), person(1, 0, 1), person(2, 1, 0), person(3, 0, UNKNOWN_CODE)];
    let elsewhere = Line { codes: [0, 1], ..person(2, 0, 0) };
    let lines = [rows, vec![elsewhere], vec![]];
    assert_eq!(vectors(4, &lines, &women), [[1, 1]]);
}

#[test]
fn an_overlap_counts_each_combination_once() {
    let lines = [
        vec![person(0, 0, 0), person(1, 0, 0)],
        vec![person(1, 0, 0), person(2, 0, 1)],
        vec![person(1, 0, 0), person(3, 1, 1)],
    ];
    let answer = vectors(4, &lines, &overlap_plan());
    let mut expected = vec![0; 28];
    expected[0] = 1; // A, f, sgb2
    expected[6] = 1; // A, f, all three
    expected[7 + 1] = 1; // A, m, wohngeld
    expected[21 + 3] = 1; // B, m, kita
    assert_eq!(answer, [expected]);
}

#[test]
fn a_mean_sums_distances_from_the_middle() {
    let paid = |who, amount| Line { amount: Some(amount), ..person(who, 0, 0) };
    let gap = Line { amount: None, ..person(2, 0, 0) };
    let lines = [vec![], vec![paid(0, 500), paid(1, 5_000), gap], vec![]];
    // Bounds 100 to 901: middle 500, half range 401.
    assert_eq!(vectors(3, &lines, &mean_plan()), [[401, 0], [2, 0]]);
}

#[test]
fn questions_that_the_snapshot_cannot_answer_are_refused_by_public_facts() {
    let (table, plan) = (table(1, &Default::default()), persons_plan());
    let ask = |plan: &Plan, year| aggregate(&table, catalogue(), plan, year).err();
    assert!(ask(&plan, YEAR).is_none());
    assert!(matches!(ask(&plan, YEAR + 1), Some(Error::Year { .. })));
    let empty = Plan { cells: vec![], ..plan.clone() };
    assert!(matches!(ask(&empty, YEAR), Some(Error::Plan(_))));
    let none = Plan { kind: PlanKind::Persons { datasets: vec![] }, ..plan.clone() };
    assert!(matches!(ask(&none, YEAR), Some(Error::Plan(_))));
    let doubled = GroupKeys { codes: vec![1, 1], ..plan.group_by[0].clone() };
    let twice = Plan { group_by: vec![doubled], ..plan.clone() };
    assert!(matches!(ask(&twice, YEAR), Some(Error::Plan(_))));
    let one = vec![facts("kita", &[])];
    let partial = PersonTable::new(name("s"), 1, YEAR..=YEAR, one).unwrap();
    let missing = aggregate(&partial, catalogue(), &plan, YEAR).err();
    assert!(matches!(missing, Some(Error::Dataset(dataset)) if dataset == "sgb2"));
}

#[test]
fn of_too_many_keys_those_of_least_rank_count() {
    let cases = |most: u8| {
        plan(serde_json::json!({"compute": {"kind": "cases", "dataset": "kita",
            "dimension": "municipality", "most": most}}))
    };
    let row = |rank, municipality| Line { rank, ..person(0, municipality, 0) };
    let kita = vec![row(7, 0), row(3, 1), row(5, 2), row(1, 0), row(0, UNKNOWN_CODE)];
    let lines = [vec![], vec![], kita];
    assert_eq!(vectors(1, &lines, &cases(1)), [[1, 0, 0]], "the least rank of a key counts");
    assert_eq!(vectors(1, &lines, &cases(2)), [[1, 1, 0]]);
    assert_eq!(vectors(1, &lines, &cases(3)), [[1, 1, 1]]);
}

#[test]
fn who_left_is_where_it_was() {
    let transition = plan(serde_json::json!({
        "compute": {"kind": "transition", "years": 1, "states": [
            {"id": "sgb2", "label": "SGB II", "datasets": ["sgb2"]},
            {"id": "wohngeld", "label": "Wohngeld", "datasets": ["wohngeld"]}]},
        "group_by": ["municipality"]}));
    let earlier = |line: Line| Line { year: YEAR - 1, ..line };
    let sgb2 = vec![person(0, 0, 0), person(3, 1, 0), earlier(person(3, 0, 0))];
    let wohngeld = vec![earlier(person(0, 1, 0)), earlier(person(1, 1, 0)), person(2, 0, 0)];
    let answer = vectors(5, &[sgb2, wohngeld, vec![]], &transition);
    // From sgb2, wohngeld, none, to the same three; without none to none.
    let a = [0, 0, 0, 1, 0, 0, 0, 1];
    let b = [1, 0, 0, 0, 0, 1, 0, 0];
    assert_eq!(answer, [[a, b].concat()]);
}

#[test]
fn nobody_is_new_after_months_that_nobody_delivered() {
    let entries = plan(serde_json::json!({"compute": {"kind": "entries", "datasets": ["kita"],
        "gap_months": 6, "most": 1}}));
    let ask = |delivered: Option<((u16, u8), (u16, u8))>| {
        let mut builder =
            DatasetFacts::builder(name("kita"), catalogue().dataset(&name("kita")).unwrap());
        if let Some(months) = delivered {
            builder.delivered(months);
        }
        let table =
            PersonTable::new(name("s"), 1, YEAR - 1..=YEAR, vec![builder.finish()]).unwrap();
        aggregate(&table, catalogue(), &entries, YEAR).err()
    };
    assert!(ask(None).is_none());
    assert!(ask(Some(((YEAR - 1, 7), (YEAR, 3)))).is_none());
    let refused = ask(Some(((YEAR - 1, 8), (YEAR, 3)))).unwrap();
    assert!(matches!(&refused, Error::Months { dataset, .. } if dataset == "kita"));
    assert!(refused.to_string().contains("ask about a later year"));
    let short = PersonTable::new(name("s"), 1, YEAR..=YEAR, vec![facts("kita", &[])]).unwrap();
    let refused = aggregate(&short, catalogue(), &entries, YEAR).err();
    assert!(matches!(refused, Some(Error::Year { year, .. }) if year == YEAR - 1));
}

#[test]
fn plans_that_nobody_resolved_are_refused() {
    let unbounded = |kind: PlanKind, plan: Plan| {
        let plan = Plan { kind, ..plan };
        let delta = Femto::new(1).unwrap();
        Price::of(&plan, NanoRho::new(1_000_000).unwrap(), delta).err().unwrap().to_string()
    };
    let sum = |cap| PlanKind::Sum { dataset: name("kita"), position: 0, per_month: false, cap };
    for cap in [i64::MIN, 0, i64::MAX] {
        assert!(unbounded(sum(cap), persons_plan()).contains("cap"));
    }
    let none = PlanKind::Entries { datasets: vec![name("kita")], gap_months: 1, most: 0 };
    let entries = every_plan().into_iter().find(|plan| plan.kind_name() == "entries").unwrap();
    let single = Plan { cells: entries.cells[..5].to_vec(), group_by: vec![], ..entries };
    assert!(unbounded(none, single).contains("one cell at least"));
}
