//! Released cells rolled up: over HTTP, and as often right as their intervals say.

use std::pin::pin;
use std::task::{Context as Waiting, Poll, Waker};

use policy::{Catalogue, Digest, Femto, Name, NanoRho, Plan, Territory};
use publication::{Document, RollupText, rollup};
use serde_json::json;
use statistics::{
    Charge, Context, DatasetFacts, Durable, Fact, PersonTable, Price, RankKey, Receipt, Request,
    Table, aggregate, charge, release,
};

use crate::place::Place;
use milchglas::UnitName::Statistics;

const YEAR: u16 = 2025;
const PLENTY: u64 = 500_000_000;

#[test]
fn a_roll_up_costs_nothing_and_what_cannot_be_told_is_refused() {
    let place = Place::start(PLENTY);
    place.ready();
    let ask = |query: &str| place.get(Statistics, "dpo", &format!("/v1/releases/rollup{query}"));
    let refused = |query: &str, status: u16, word: &str| {
        let answer = ask(query);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, status, "{query}: {detail}");
        assert!(detail.contains(word), "{query}: {detail}");
    };
    refused("?indicator=day-care-hours", 422, "nothing of that indicator was released");
    assert_eq!(place.ask("day-care-hours", 2025).status, 200);
    let spent = place.spent();
    refused("?indicator=day-care-hours&sum=age_group", 422, "a mean cannot be added up");
    refused("", 400, "name an indicator");
    refused("?indicator=day-care-hours&quarter=1", 400, "name an indicator");
    refused("?indicator=Kinder", 400, "no short name");
    refused("?indicator=overlap&group=x", 400, "dimension:name:key");
    assert_eq!(place.spent(), spent);
}

const CATALOGUE: &str = r#"
    name = "sample"
    version = 1
    [dimensions.municipality]
    label = "Gemeinde"
    keys = [{ key = "06432001", label = "A" }, { key = "06432002", label = "B" },
            { key = "06432003", label = "C" }, { key = "06432004", label = "D" }]
    attribute_from = ["kita"]
    [dimensions.sex]
    label = "Geschlecht"
    keys = [{ key = "f", label = "weiblich" }, { key = "m", label = "männlich" }]
    attribute_from = ["kita"]
    [datasets.kita]
    label = "Kindertagesbetreuung"
    legal_basis = "SGB VIII §§ 22-24"
    retention_months = 36
    max_rows = 12
    dimensions = ["municipality", "sex"]
"#;

/// Commits whatever is asked.
struct Willing;

impl Durable for Willing {
    type Error = std::convert::Infallible;

    async fn commit(&mut self, _: &Charge) -> Result<Receipt, Self::Error> {
        Ok(Receipt { charge: name("charge-1"), sequence: 1, head: Digest::of(b"log") })
    }

    async fn start_drawing(&mut self, _: &Receipt) -> Result<(), Self::Error> {
        Ok(())
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Waiting::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it never waits"),
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// 40 girls and 20 boys in A, 100 and 50 in B, nobody in C, 7 girls in D.
const GROUPS: [(u16, u16, u32); 5] = [(0, 0, 40), (0, 1, 20), (1, 0, 100), (1, 1, 50), (3, 0, 7)];

fn table(catalogue: &Catalogue) -> PersonTable {
    let key = RankKey::take(&mut [3; 32]);
    let kita = name("kita");
    let mut facts = DatasetFacts::builder(kita.clone(), catalogue.dataset(&kita).unwrap());
    let mut person = 0;
    for (municipality, sex, number) in GROUPS {
        for _ in 0..number {
            let codes = [municipality, sex];
            let rank = key.rank(&[7; 16], person);
            let fact = Fact {
                person,
                subject: person,
                rank,
                year: YEAR,
                first_month: 1,
                last_month: 12,
                unit: None,
                codes: &codes,
                measures: &[],
            };
            facts.push(&fact).unwrap();
            person += 1;
        }
    }
    PersonTable::new(name("snapshot-1"), person, YEAR..=YEAR, vec![facts.finish()]).unwrap()
}

fn document(plan: &Plan, table: &PersonTable, catalogue: &Catalogue) -> Document {
    let (rho, delta) = (NanoRho::new(20_000_000).unwrap(), Femto::new(1_000_000_000).unwrap());
    let price = Price::of(plan, rho, delta).unwrap();
    let request = Request {
        project: name("p"),
        snapshot: name("snapshot-1"),
        purpose: name("early-help"),
        analyst: name("planner"),
        idempotency_key: "k1".into(),
        year: YEAR,
    };
    let paid = Charge::new(request, plan, price).unwrap();
    let Ok(grant) = now(charge(&mut Willing, paid));
    let context = Context {
        indicator: name("children"),
        label: "Kinder".into(),
        policy: Digest::of(b"policies"),
        separation: "Both units ran in one process.".into(),
        withholding: None,
    };
    let aggregate = aggregate(table, catalogue, plan, YEAR).ok().unwrap();
    let releases = release(grant, vec![Table { aggregate, plan, context }]).ok().unwrap();
    Document::read(&releases[0].to_bytes().unwrap()).unwrap()
}

/// Real releases, with totals and without, rolled up in all ways; each cell is right in 95 %.
#[test]
fn rolled_up_intervals_cover_the_numbers_before_the_noise() {
    let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
    let territory =
        Territory { dimension: name("municipality"), prefix: "06432".into(), label: "K".into() };
    let table = table(&catalogue);
    let exact = |places: &[u16], sexes: &[u16]| {
        let inside = |own: &&(u16, u16, u32)| places.contains(&own.0) && sexes.contains(&own.1);
        f64::from(GROUPS.iter().filter(inside).map(|own| own.2).sum::<u32>())
    };
    let text = |sum: &str, group: &str| RollupText {
        indicator: "children".into(),
        sum: Some(sum.into()),
        group: Some(group.into()),
        ..RollupText::default()
    };
    let asked = [
        (text("municipality", ""), exact(&[0, 1, 2, 3], &[0])),
        (text("municipality,sex", ""), exact(&[0, 1, 2, 3], &[0, 1])),
        (text("sex", "municipality:zwei:06432001,06432003"), exact(&[0, 2], &[0, 1])),
        (text("", "municipality:drei:06432002,06432003,06432004"), exact(&[1, 2, 3], &[0])),
    ];
    let runs = 300;
    for margins in [json!([]), json!(["municipality", "sex"]), json!(["sex"])] {
        let query = json!({"compute": {"kind": "persons", "datasets": ["kita"]},
            "group_by": ["municipality", "sex"], "margins": margins});
        let query = serde_json::from_value(query).unwrap();
        let plan = Plan::resolve(&query, &catalogue, &territory).unwrap();
        let mut covered = [0; 4];
        for _ in 0..runs {
            let documents = [document(&plan, &table, &catalogue)];
            for ((text, exact), covered) in asked.iter().zip(&mut covered) {
                let rolled = rollup(&documents, &text.read().unwrap()).unwrap();
                let cell = &rolled.cells[0];
                *covered += u32::from((cell.low.unwrap()..=cell.high.unwrap()).contains(exact));
            }
        }
        // 95 % with a false-alarm rate of 1e-6 on each side.
        let spread = 4.753 * (0.05 * 0.95 / f64::from(runs)).sqrt();
        for ((text, _), covered) in asked.iter().zip(covered) {
            let share = f64::from(covered) / f64::from(runs);
            assert!(share > 0.95 - spread, "{margins} {:?} {:?}: {share}", text.sum, text.group);
        }
    }
}
