//! Every indicator of both counties' purposes, from rows to release, beside a naive answer.

use policy::{Catalogue, Digest, Indicator, NanoRho, Plan, Purpose, Query, QueryKind};
use serde_json::Value;
use statistics::{Charge, Context, PersonTable, Price, Table, aggregate, charge, release};

use crate::county::{name, request};
use crate::ledger::{Ledger, now};
use crate::naive::{Contributions, County, YEAR};

pub(crate) const CATALOGUE: &str = include_str!("../../../../policies/catalogue/county.toml");
pub(crate) const PURPOSES: [&str; 2] = [
    include_str!("../../../../policies/purposes/sozialmonitoring-06432.toml"),
    include_str!("../../../../policies/purposes/sozialmonitoring-06440.toml"),
];

/// The fifteen, by their numbers in the planners' list.
const INDICATORS: [(&str, &str); 15] = [
    ("I01", "sgb2-children"),
    ("I02", "sgb2-working-age"),
    ("I03", "single-parents"),
    ("I04", "hze-by-form"),
    ("I05", "overlap"),
    ("I06", "but-take-up"),
    ("I07", "old-age-benefit"),
    ("I08", "housing-cost-household"),
    ("I09", "hze-cost"),
    ("I10", "hze-duration"),
    ("I11", "wohngeld-to-sgb2"),
    ("I12", "early-support-to-school"),
    ("I13", "day-care-in-benefits"),
    ("I14", "hze-prior-contact"),
    ("I15", "new-entries"),
];

/// The document of a plan at the greatest budget that there is, so that noise hides little.
pub(crate) fn document(
    plan: &Plan,
    indicator: &Indicator,
    facts: &PersonTable,
    catalogue: &Catalogue,
) -> Value {
    let most = NanoRho::new(Price::MAX_RHO_NANO).unwrap();
    let price = Price::of(plan, most, policy::Femto::new(1_000_000_000).unwrap()).unwrap();
    let exact = aggregate(facts, catalogue, plan, YEAR).unwrap_or_else(|e| panic!("{e}"));
    let paid = Charge::new(request("k1"), plan, price).unwrap();
    let years: Vec<u16> = paid.lineages().iter().map(|own| own.year).collect();
    assert_eq!(years, plan.event_years(YEAR), "every year that is read is charged");
    let grant = now(charge(&mut Ledger::new(u64::MAX), paid)).ok().unwrap();
    let context = Context {
        indicator: indicator.id.clone(),
        label: indicator.label.clone(),
        policy: Digest::of(b"policies"),
        separation: "Both units ran in one process, for demonstration.".into(),
        withholding: None,
    };
    let table = Table { aggregate: exact, plan, context };
    let bytes = release(grant, vec![table]).ok().unwrap()[0].to_bytes().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

pub(crate) fn own_key(cell: &Value, without_last: bool) -> Vec<String> {
    let texts = |member: &str| -> Vec<String> {
        cell[member].as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect()
    };
    let mut key = texts("keys");
    if without_last {
        key.pop();
    }
    key.extend(texts("datasets"));
    key
}

/// Deviation of each number from the naive one, in standard deviations of the noise.
fn deviations(document: &Value, cells: &Contributions, summed: bool) -> Vec<f64> {
    let noise = &document["noise"][0];
    // The standard deviation of a Laplace is at most √2 times its scale.
    let laplace = noise["scale"].as_f64().map(|scale| scale * std::f64::consts::SQRT_2);
    let sigma = laplace.or(noise["sigma"].as_f64()).unwrap();
    let deviation = |cell: &Value| {
        let own = cells.get(&own_key(cell, false));
        let exact = own.map_or(0.0, |own| if summed { own.iter().sum() } else { own.len() as f64 });
        (cell["value"].as_f64().unwrap() - exact) / sigma
    };
    document["cells"].as_array().unwrap().iter().map(deviation).collect()
}

/// Compares shown means and shares; returns how many were shown.
fn compare_ratios(document: &Value, cells: &Contributions) -> usize {
    let mut shown = 0;
    for cell in document["cells"].as_array().unwrap().iter().filter(|c| c["withheld"] == false) {
        let own = &cells[&own_key(cell, false)];
        let exact = own.iter().sum::<f64>() / own.len() as f64;
        let [value, low, high] = ["value", "low", "high"].map(|end| cell[end].as_f64().unwrap());
        // Four half-widths are 7.8 standard deviations.
        assert!((value - exact).abs() <= 2.0 * (high - low), "{value} for {exact}: {cell}");
        shown += 1;
    }
    shown
}

/// Compares shown quantiles with the class in which the naive one lies.
fn compare_quantiles(document: &Value, cells: &Contributions) -> usize {
    const ENDS: [f64; 6] = [0.0, 6.0, 12.0, 24.0, 36.0, 240.0];
    let mut shown = 0;
    for cell in document["cells"].as_array().unwrap().iter().filter(|c| c["withheld"] == false) {
        let per_mille: f64 =
            cell["keys"].as_array().unwrap().last().unwrap().as_str().unwrap().parse().unwrap();
        let mut own = cells[&own_key(cell, true)].clone();
        own.sort_by(f64::total_cmp);
        let class = own[(own.len() as f64 * per_mille / 1_000.0) as usize] as usize;
        let [value, low, high] = ["value", "low", "high"].map(|end| cell[end].as_f64().unwrap());
        assert!(low <= value && value <= high);
        // One class of leeway: an interval misses the true one in 5 %.
        let near = low <= ENDS[(class + 2).min(5)] && high >= ENDS[class.saturating_sub(1)];
        assert!(near, "class {class}: {cell}");
        shown += 1;
    }
    shown
}

/// Compares what is shown; returns how many cells are.
pub(crate) fn check(query: &Query, document: &Value, cells: &Contributions) -> usize {
    match &query.compute {
        QueryKind::Mean { .. } | QueryKind::Share { .. } | QueryKind::PriorContact { .. } => {
            compare_ratios(document, cells)
        }
        QueryKind::Quantiles { .. } => compare_quantiles(document, cells),
        compute => {
            let summed = matches!(compute, QueryKind::Sum { .. } | QueryKind::SubjectSum { .. });
            let deviations = deviations(document, cells, summed);
            let number = deviations.len() as f64;
            // A chi-square of that many degrees; both limits have a false-alarm rate below 1e-9.
            let square: f64 = deviations.iter().map(|own| own * own).sum();
            assert!(square < number + 9.0 * (2.0 * number).sqrt() + 40.0, "{square} of {number}");
            assert!(deviations.iter().all(|own| own.abs() < 8.0));
            deviations.len()
        }
    }
}

/// What the groups of a pooled dimension stand for is told, and only for these.
fn check_pooling(purpose: &Purpose, group_by: &[policy::Name], document: &Value) {
    let pooled = group_by.iter().filter_map(|name| purpose.poolings.get_key_value(name));
    let mut told = serde_json::Map::new();
    for (name, pooling) in pooled {
        // What the filter leaves out has no cell.
        let cells = document["cells"].as_array().unwrap();
        let shown = |key: &str| {
            cells.iter().any(|cell| cell["keys"].as_array().unwrap().contains(&key.into()))
        };
        let groups = pooling.groups.iter().filter(|own| shown(&own.key));
        let groups = groups.map(|own| (own.key.clone(), own.keys.clone().into()));
        let groups: serde_json::Map<String, Value> = groups.collect();
        let own = serde_json::json!({"of": pooling.of, "groups": groups});
        told.insert(name.to_string(), own);
    }
    let found = document.get("pooled").cloned().unwrap_or_else(|| serde_json::json!({}));
    assert_eq!(found, Value::Object(told));
}

#[test]
fn every_indicator_is_answered_as_a_naive_reading_of_the_rows_does() {
    let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
    let county = County::new(&catalogue);
    let facts = county.table();
    for purpose in PURPOSES {
        let purpose = Purpose::from_toml(purpose, &catalogue).unwrap();
        for indicator in &purpose.indicators {
            let mut shown = 0;
            let usual = [indicator.query.group_by.clone()];
            for group_by in usual.iter().chain(&indicator.groupings) {
                let query = indicator.grouped(Some(group_by)).unwrap();
                let plan = purpose.plan(&query, &catalogue).unwrap();
                let document = document(&plan, indicator, &facts, &catalogue);
                assert_eq!(document["filter"], serde_json::to_value(&query.filter).unwrap());
                check_pooling(&purpose, group_by, &document);
                shown += check(&query, &document, &county.answer(&query, &purpose));
            }
            assert!(shown > 0, "`{}` withholds everything", indicator.id);
        }
    }
}

#[test]
fn all_fifteen_are_there_where_the_county_has_the_data() {
    let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
    let [first, second] = PURPOSES.map(|text| Purpose::from_toml(text, &catalogue).unwrap());
    for (number, id) in INDICATORS {
        let has = |purpose: &Purpose| purpose.indicator(&name(id)).is_ok();
        assert!(has(&first), "{number}");
        let needs_the_job_centre = ["I01", "I02", "I03", "I08", "I11"].contains(&number);
        assert_eq!(has(&second), !needs_the_job_centre, "{number}");
        let rate = ["I01", "I02", "I04", "I07"].contains(&number);
        assert_eq!(first.indicator(&name(id)).unwrap().per.is_some(), rate, "{number}");
    }
}

/// By what the planners' list wants each indicator grouped, within a year.
const GROUPINGS: [(&str, &[&str]); 15] = [
    ("sgb2-children", &["municipality"]),
    ("sgb2-working-age", &["municipality", "age_group"]),
    ("single-parents", &["social_area"]),
    ("hze-by-form", &["municipality", "age_group"]),
    ("overlap", &["age_group"]),
    ("but-take-up", &["municipality"]),
    ("old-age-benefit", &["municipality", "sex"]),
    ("housing-cost-household", &["municipality", "bg_type"]),
    ("hze-cost", &["social_area", "hze_form"]),
    ("hze-duration", &["hze_form"]),
    ("wohngeld-to-sgb2", &["age_group"]),
    ("early-support-to-school", &[]),
    ("day-care-in-benefits", &["municipality"]),
    ("hze-prior-contact", &["age_group"]),
    ("new-entries", &[]),
];

#[test]
fn each_may_be_grouped_as_the_list_wants_it() {
    let catalogue = Catalogue::from_toml(CATALOGUE).unwrap();
    for purpose in PURPOSES.map(|text| Purpose::from_toml(text, &catalogue).unwrap()) {
        for (id, group_by) in GROUPINGS {
            let Ok(indicator) = purpose.indicator(&name(id)) else { continue };
            let group_by: Vec<_> = group_by.iter().map(|own| name(own)).collect();
            assert!(indicator.grouped(Some(&group_by)).is_ok(), "{id} by {group_by:?}");
        }
    }
}
