use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Digest, Plan, Purpose, Territory};

const CATALOGUE: &str = include_str!("../../../../policies/catalogue/county.toml");
const PURPOSE: &str = include_str!("../../../../policies/purposes/sozialmonitoring-06432.toml");

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn catalogue() -> Catalogue {
    Catalogue::from_toml(CATALOGUE).unwrap()
}

fn group(key: &str, keys: &[&str]) -> KeyGroup {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    KeyGroup { key: key.into(), label: key.into(), keys }
}

fn pooling(of: &str, groups: Vec<KeyGroup>) -> Pooling {
    Pooling { label: "Gruppe".into(), of: name(of), groups }
}

fn territory() -> Territory {
    Territory { dimension: name("municipality"), prefix: "06432".into(), label: "Kreis".into() }
}

/// Social areas of three municipalities, and two of the age groups.
fn poolings() -> Poolings {
    let areas = vec![group("west", &["06432001", "06432003"]), group("east", &["06432002"])];
    let ages = vec![group("child", &["00-02", "03-05", "06-14"]), group("old", &["65+"])];
    BTreeMap::from([
        (name("area"), pooling("municipality", areas)),
        (name("band"), pooling("age_group", ages)),
    ])
}

fn resolve(filter: &serde_json::Value, group_by: &[&str]) -> Result<Plan, PolicyError> {
    let query = json!({"compute": {"kind": "persons", "datasets": ["kita"]},
        "filter": filter, "group_by": group_by});
    let query = serde_json::from_value(query).unwrap();
    Plan::with_poolings(&query, &catalogue(), &territory(), &poolings())
}

fn refusal(filter: &serde_json::Value, group_by: &[&str]) -> String {
    resolve(filter, group_by).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_pooled_dimension_forms_cells_of_its_groups() {
    let plan = resolve(&json!({}), &["area", "sex"]).unwrap();
    let keys: Vec<_> = plan.cells.iter().map(|cell| cell.keys.join("/")).collect();
    assert_eq!(keys, ["west/m", "west/w", "west/x", "east/m", "east/w", "east/x"]);
    assert_eq!(plan.dimensions(), [name("area"), name("sex")]);
    assert_eq!(plan.groups(), Some(6));
    assert_eq!(plan.group_by[0].source().as_str(), "municipality");
    assert_eq!(plan.group_by[0].places(), [(0, 0), (2, 0), (1, 1)]);
    assert_eq!(plan.group_by[1].places(), [(0, 0), (1, 1), (2, 2)]);
}

#[test]
fn a_filter_on_groups_is_one_on_their_keys() {
    let by_group = resolve(&json!({"area": ["west"], "band": ["child", "old"]}), &["sex"]).unwrap();
    let by_key = resolve(
        &json!({"municipality": ["06432003", "06432001"],
            "age_group": ["65+", "00-02", "03-05", "06-14"]}),
        &["sex"],
    );
    assert_eq!(by_group, by_key.unwrap());
    let both = resolve(&json!({"area": ["west"], "municipality": ["06432001"]}), &["sex"]);
    assert_eq!(both.unwrap(), resolve(&json!({"municipality": ["06432001"]}), &["sex"]).unwrap());
    assert!(
        refusal(&json!({"area": ["east"], "municipality": ["06432001"]}), &[]).contains("common")
    );
    assert!(refusal(&json!({"area": ["north"]}), &[]).contains("not a group"));
    assert!(refusal(&json!({"area": []}), &[]).contains("names no key"));
}

#[test]
fn a_filter_keeps_whole_groups_or_none() {
    let plan = resolve(&json!({"age_group": ["00-02", "03-05", "06-14"]}), &["band"]).unwrap();
    assert_eq!(plan.cells.len(), 1, "nobody above 14 passes the filter");
    assert_eq!(resolve(&json!({"area": ["east"]}), &["area"]).unwrap().cells.len(), 1);
    assert!(refusal(&json!({"age_group": ["00-02"]}), &["band"]).contains("whole groups"));
    assert!(refusal(&json!({"age_group": ["25-64"]}), &["band"]).contains("no group"));
}

#[test]
fn one_dimension_is_grouped_once() {
    for group_by in [["area", "municipality"], ["municipality", "area"], ["band", "age_group"]] {
        assert!(refusal(&json!({}), &group_by).contains("group by one of them"), "{group_by:?}");
    }
    assert!(refusal(&json!({}), &["area", "area"]).contains("twice"));
    let cases = json!({"compute": {"kind": "cases", "dataset": "kita", "dimension": "age_group",
        "most": 1}, "group_by": ["band"]});
    let cases = serde_json::from_value(cases).unwrap();
    let clash = Plan::with_poolings(&cases, &catalogue(), &territory(), &poolings()).err();
    assert!(clash.unwrap().to_string().contains("leave it out"));
}

#[test]
fn contradictions_are_named() {
    let good = vec![group("west", &["06432001"]), group("east", &["06432002"])];
    let check = |label: &str, pooling: Pooling| {
        let error = pooling.check(&name(label), &catalogue()).err();
        error.map(|own| own.to_string()).unwrap_or_default()
    };
    assert_eq!(check("area", pooling("municipality", good.clone())), "");
    for taken in ["sex", "period", "quantile"] {
        assert!(check(taken, pooling("municipality", good.clone())).contains("taken"), "{taken}");
    }
    assert!(check("area", pooling("street", good.clone())).contains("`street`"));
    for (groups, word) in [
        (vec![], "at least one group"),
        (vec![group("", &["06432001"])], "empty"),
        (vec![group("a", &[])], "at least one key"),
        (vec![group("a", &["06432099"])], "not a public key"),
        (vec![group("a", &["06432001"]), group("a", &["06432002"])], "declared twice"),
        (vec![group("a", &["06432001"]), group("b", &["06432001"])], "one group at most"),
        (vec![group("a", &["06432001", "06432001"])], "named twice"),
    ] {
        let text = check("area", pooling("municipality", groups));
        assert!(text.contains(word), "{word}: {text}");
    }
    let unlabelled = Pooling { label: " ".into(), ..pooling("municipality", good) };
    assert!(check("area", unlabelled).contains("label"));
}

#[test]
fn a_purpose_pools_only_what_is_its_own_and_its_digest_says_how() {
    let purpose = Purpose::from_toml(PURPOSE, &catalogue()).unwrap();
    assert!(purpose.poolings.contains_key("social_area"));
    let outside = PURPOSE.replacen("\"06432008\", \"06432018\"]", "\"06432008\", \"06440003\"]", 1);
    let error = Purpose::from_toml(&outside, &catalogue()).err().unwrap().to_string();
    assert!(error.contains("`06440003`") && error.contains("territory"), "{error}");
    let moved = PURPOSE.replacen("\"06432008\", \"06432018\"]", "\"06432008\"]", 1);
    let other = Purpose::from_toml(&moved, &catalogue()).unwrap();
    assert_ne!(purpose.digest().unwrap(), other.digest().unwrap());
    // Facts name the catalogue only, so nothing has to be delivered again; but the question is
    // another one, and no stored answer fits it.
    let asked = purpose.indicators.iter().find(|own| own.id.as_str() == "single-parents").unwrap();
    let plan = |purpose: &Purpose| purpose.plan(&asked.query, &catalogue()).unwrap();
    let digest = |plan: &Plan| Digest::of_json(plan).unwrap();
    assert_ne!(digest(&plan(&purpose)), digest(&plan(&other)));
}

#[test]
fn a_plan_without_poolings_has_the_form_that_it_always_had() {
    let shown = serde_json::to_value(resolve(&json!({}), &["sex"]).unwrap()).unwrap();
    assert_eq!(shown["group_by"], json!([{"dimension": "sex", "codes": [0, 1, 2]}]));
}

proptest! {
    /// Whatever is pooled: each public key lies in one cell at most.
    #[test]
    fn a_key_has_one_place_at_most(groups in proptest::collection::vec(0_usize..4, 23)) {
        let keys = &catalogue().dimensions["municipality"].keys;
        let mut pooled: Vec<Vec<&str>> = vec![Vec::new(); 3];
        for (key, group) in keys.iter().zip(&groups) {
            // The fourth is no group.
            if let Some(own) = pooled.get_mut(*group) {
                own.push(key.key.as_str());
            }
        }
        let named = ["a", "b", "c"].into_iter().zip(&pooled).filter(|(_, own)| !own.is_empty());
        let declared: Vec<KeyGroup> = named.map(|(key, own)| group(key, own)).collect();
        prop_assume!(!declared.is_empty());
        let pooling = pooling("municipality", declared);
        prop_assert!(pooling.check(&name("area"), &catalogue()).is_ok());
        let query = serde_json::from_value(json!({
            "compute": {"kind": "persons", "datasets": ["kita"]}, "group_by": ["area"]})).unwrap();
        let all = BTreeMap::from([(name("area"), pooling)]);
        let plan = Plan::with_poolings(&query, &catalogue(), &territory(), &all).unwrap();
        let places = plan.group_by[0].places();
        let mut codes: Vec<u16> = places.iter().map(|own| own.0).collect();
        codes.sort_unstable();
        codes.dedup();
        prop_assert_eq!(codes.len(), places.len());
        prop_assert_eq!(places.len(), groups.iter().filter(|own| **own < 3).count());
        for (code, place) in places {
            let key = &plan.cells[place].keys[0];
            prop_assert_eq!(key.as_str(), ["a", "b", "c"][groups[usize::from(code)]]);
        }
    }
}
