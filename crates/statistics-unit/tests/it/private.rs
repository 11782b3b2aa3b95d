//! Keys of which nobody may know whether they occur: charged with delta, shown above a threshold.

use serde_json::{Value, json};
use statistics_unit::{Asked, UnitError};
use store::ledger;
use submission::ProblemCode;

use crate::county::{County, PROJECT, name, question, run_plans};

const PURPOSE: &str = "purposes/early-help.toml";
const CAP: (&str, &str, &str) =
    (PURPOSE, "[budget]\n", "[budget]\nlineage_cap_delta_femto = 1_500_000\n");
/// Sexes become private, and two questions about them permitted: one of rho alone would do twice.
const PRIVATE: [(&str, &str, &str); 3] = [
    ("catalogue/county.toml", "label = \"Geschlecht\"", "label = \"Geschlecht\"\nprivate = true"),
    (PURPOSE, "groupings = [[\"municipality\", \"sex\"], []]\n", ""),
    (
        PURPOSE,
        "[[indicator]]\nid = \"hours\"",
        r#"[[indicator]]
id = "sexes"
label = "Welche Geschlechter vorkommen"
rho_nano = 50_000_000
[indicator.query]
compute = { kind = "sparse", datasets = ["kita"], dimension = "sex", threshold_delta_femto = 1_000_000 }
[[indicator]]
id = "sexes-in-housing"
label = "Welche Geschlechter im Wohngeld vorkommen"
rho_nano = 50_000_000
[indicator.query]
compute = { kind = "sparse", datasets = ["wohngeld"], dimension = "sex", threshold_delta_femto = 1_000_000 }
[[indicator]]
id = "hours""#,
    ),
];

async fn ask(county: &County, key: &str, indicator: &str) -> Result<Asked, UnitError> {
    county.unit.query(&name(PROJECT), &name("anna"), key, question(indicator)).await
}

#[tokio::test]
async fn delta_is_charged_to_the_year_and_stops_at_its_cap() {
    let rho = (PURPOSE, "lineage_cap_nano_rho = 500_000_000", "lineage_cap_nano_rho = 900_000_000");
    let mut county = County::open(&[&PRIVATE[..], &[CAP, rho]].concat()).await;
    county.complete("2025-q3", "2025-09").await;
    run_plans(&county.unit).await;

    let own = ask(&county, "k1", "sexes").await.unwrap();
    let document: Value = serde_json::from_slice(&own.body).unwrap();
    assert!(own.released, "{document}");
    let cells = document["cells"].as_array().unwrap();
    // Thirty of each, more than ten standard deviations above the threshold.
    assert_eq!(cells.len(), 2);
    assert!(cells.iter().all(|cell| cell["high"].is_null() && cell["low"].as_i64() > Some(0)));
    let charged = document["delta_femto"].as_u64().unwrap();
    assert!((1..=1_000_000).contains(&charged));
    let spent = ledger::spent(county.unit.db(), PROJECT, 2025).await.unwrap();
    assert_eq!(spent.delta, charged);

    let problem = ask(&county, "k2", "sexes-in-housing").await.err().unwrap().problem();
    assert_eq!(problem.code, ProblemCode::BudgetExceeded);
    assert!(problem.detail.contains("1e-15 delta"), "{}", problem.detail);
    let again = ledger::spent(county.unit.db(), PROJECT, 2025).await.unwrap();
    assert_eq!((again.rho, again.delta), (spent.rho, spent.delta), "nothing was charged");
    let same = ask(&county, "k3", "sexes").await.unwrap();
    assert!(same.stored_before && same.body == own.body);
}

#[tokio::test]
async fn a_run_of_a_plan_may_hold_private_keys() {
    let plan = (
        "purposes/plan-2026.toml",
        "indicator = \"overlap\"\nshare_per_mille = 300",
        "indicator = \"sexes\"\nshare_per_mille = 300",
    );
    let cap = (CAP.0, CAP.1, "[budget]\nlineage_cap_delta_femto = 2_000_000\n");
    let mut county = County::open(&[&PRIVATE[..], &[cap, plan]].concat()).await;
    county.complete("2025-q3", "2025-09").await;
    assert_eq!(run_plans(&county.unit).await.len(), 1);
    let documents = county.documents().await;
    let sexes = documents.iter().find(|own| own["indicator"] == "sexes").unwrap();
    let spent = ledger::spent(county.unit.db(), PROJECT, 2025).await.unwrap();
    assert_eq!(json!(spent.delta), sexes["delta_femto"]);
    assert!(documents.iter().all(|own| own["kind"] == "sparse" || own["delta_femto"] == 0));
}
