//! How often the generator's people receive something, beside what is published.
//!
//! The published figures were looked up, not fitted: where they differ, the page says so.

use anyhow::Context;
use policy::{PlanKind, PolicySet, Purpose, Query};
use serde::Serialize;
use serde_json::{Value, json};

use crate::county::{County, Month};
use crate::reading::Reading;
use crate::run::YEAR;

/// One figure, generated and published.
#[derive(Serialize)]
pub(super) struct Prevalence {
    pub(super) what: &'static str,
    pub(super) generated: f64,
    pub(super) published: f64,
    pub(super) source: &'static str,
}

/// By what a number of persons, households or euros is divided.
#[derive(Clone, Copy)]
enum Per {
    Residents(i16, i16),
    Households,
}

struct Asked {
    what: &'static str,
    compute: Value,
    unit: &'static str,
    ages: &'static [&'static str],
    per: Per,
    times: f64,
    published: f64,
    source: &'static str,
}

const EVERYBODY: Per = Per::Residents(0, i16::MAX);
const UNDER_21: &[&str] = &["00-02", "03-05", "06-14", "15-17", "18-20"];

fn asked() -> Vec<Asked> {
    let persons = |datasets: Value| json!({"kind": "persons", "datasets": datasets});
    vec![
        Asked {
            what: "young people with youth welfare in the year, per 10,000 under 21",
            compute: persons(json!(["hze"])),
            unit: "person",
            ages: UNDER_21,
            per: Per::Residents(0, 21),
            times: 10_000.0,
            published: 724.0,
            source: "Germany 2023, with counselling (§ 28), about half of all: AKJStat, Monitor \
                     Hilfen zur Erziehung, chapter 1",
        },
        Asked {
            what: "expenditure on youth welfare in the year, euro per resident under 21",
            compute: json!({"kind": "sum", "dataset": "hze", "measure": "cost",
                "per_month": true, "cap": 100_000}),
            unit: "person",
            ages: UNDER_21,
            per: Per::Residents(0, 21),
            times: 1.0,
            published: 798.0,
            source: "Germany 2023: as above",
        },
        Asked {
            what: "households with Wohngeld in the year, per cent of households",
            compute: persons(json!(["wohngeld"])),
            unit: "household",
            ages: &[],
            per: Per::Households,
            times: 100.0,
            published: 2.4,
            source: "Hesse, 31 December 2023 (not in the course of a year): Destatis, 30 September \
                     2024",
        },
        Asked {
            what: "children under 3 in day care in the year, per cent",
            compute: persons(json!(["kita"])),
            unit: "person",
            ages: &["00-02"],
            per: Per::Residents(0, 3),
            times: 100.0,
            published: 34.7,
            source: "Hesse, 1 March 2024 (not in the course of a year): Hessisches Statistisches \
                     Landesamt",
        },
        Asked {
            what: "persons with AsylbLG in the year, per 10,000 residents",
            compute: persons(json!(["asyl"])),
            unit: "person",
            ages: &[],
            per: EVERYBODY,
            times: 10_000.0,
            published: 53.7,
            source: "Kreis Offenbach, 31 December 2023: 1,955 persons; residents from the same page",
        },
        Asked {
            what: "persons with SGB II, SGB XII or AsylbLG in the year, per cent of residents",
            compute: persons(json!(["sgb2", "sgb12", "asyl"])),
            unit: "person",
            ages: &[],
            per: EVERYBODY,
            times: 100.0,
            published: 8.2,
            source: "Hesse with its cities, 31 December 2019: Destatis, Mindestsicherungsquote",
        },
        Asked {
            what: "persons of 15 to 64 with SGB II in the year, per cent",
            compute: persons(json!(["sgb2"])),
            unit: "person",
            ages: &["15-17", "18-20", "21-24", "25-64"],
            per: Per::Residents(15, 65),
            times: 100.0,
            published: 7.7,
            source: "Frankfurt region with Frankfurt and Offenbach, 2015; single municipalities 1.6 \
                     to 15.4: sozialmonitoring.de",
        },
    ]
}

/// Every figure whose datasets the county has.
pub(super) fn measure(
    reading: &Reading<'_>,
    purpose: &Purpose,
    policies: &PolicySet,
    county: &County,
) -> anyhow::Result<Vec<Prevalence>> {
    let delivered: Vec<&str> = county.datasets().map(|own| own.code()).collect();
    let mut found = Vec::new();
    for asked in asked() {
        let mut query = json!({"compute": asked.compute, "unit": asked.unit});
        if !asked.ages.is_empty() {
            query["filter"] = json!({"age_group": asked.ages});
        }
        let query: Query = serde_json::from_value(query)?;
        let plan = purpose.plan(&query, &policies.catalogue)?;
        if plan.datasets().iter().any(|own| !delivered.contains(&own.as_str())) {
            continue;
        }
        let exact = reading.answer(&plan, YEAR)?;
        let summed = matches!(plan.kind, PlanKind::Sum { .. });
        let numbers = if summed { &exact.sums } else { &exact.counts };
        let number = *numbers.first().context("one cell")? as f64;
        let all = match asked.per {
            Per::Residents(from, below) => county.residents_aged(Month::LAST, from, below),
            Per::Households => county.households(Month::LAST),
        };
        found.push(Prevalence {
            what: asked.what,
            generated: asked.times * number / all.max(1) as f64,
            published: asked.published,
            source: asked.source,
        });
    }
    Ok(found)
}
