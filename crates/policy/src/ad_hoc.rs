//! Questions beyond the named indicators: what they may be made of, and what one may cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Indicator, Name, NanoRho, Plan, PolicyError};

/// The bricks of which an analyst may build a question of their own; a purpose without it answers
/// its named indicators only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdHoc {
    /// What may be computed, as in `compute.kind`.
    pub kinds: Vec<Name>,
    /// Datasets that may be read.
    pub datasets: Vec<Name>,
    /// Dimensions by which may be grouped and filtered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Name>,
    /// Whether households may be counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub households: bool,
    /// Most that one answer may cost, and its price where the request names none.
    pub most_rho_nano: NanoRho,
}

impl AdHoc {
    /// How the names of their releases begin; no indicator's does.
    pub const PREFIX: &str = "adhoc-";
    /// Which of its keys occur is not public, and showing them costs delta.
    const NEVER: &str = "sparse";

    /// Refuses what is made of anything that does not stand here.
    ///
    /// # Errors
    /// [`PolicyError::Query`] that names the first such thing and what is permitted.
    pub fn allow(&self, plan: &Plan) -> Result<(), PolicyError> {
        let refuse = |what: &str, own: &str, known: &[Name]| {
            let known: Vec<&str> = known.iter().map(Name::as_str).collect();
            Err(PolicyError::Query(format!(
                "the purpose permits no question of one's own with {what} `{own}`; it permits {}",
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            )))
        };
        let kind = plan.compute_name();
        if !self.kinds.iter().any(|own| own.as_str() == kind) {
            return refuse("the kind", kind, &self.kinds);
        }
        if let Some(own) = plan.datasets().into_iter().find(|own| !self.datasets.contains(own)) {
            return refuse("the dataset", own.as_str(), &self.datasets);
        }
        let read = plan.dimensions_read();
        if let Some(own) = read.into_iter().find(|own| !self.dimensions.contains(own)) {
            return refuse("the dimension", own.as_str(), &self.dimensions);
        }
        if !self.households && !plan.unit.is_person() {
            return Err(PolicyError::Query(
                "the purpose permits questions of one's own about persons only".into(),
            ));
        }
        Ok(())
    }

    /// Under which name the answer to a question is released: the same for every year of it.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a resolved plan does not give.
    pub fn name(plan: &Plan) -> Result<Name, PolicyError> {
        let digest = crate::Digest::of_json(plan)?.to_string();
        let short: String = digest.chars().take(12).collect();
        Name::new(format!("{}{short}", Self::PREFIX))
    }

    /// What a reader sees of the question, from public labels: kind, datasets and groups. Filters
    /// are only told to be there; the plan itself stands in the ledger.
    ///
    /// # Errors
    /// [`PolicyError::Catalogue`], which a resolved plan does not give.
    pub fn label(plan: &Plan, catalogue: &Catalogue) -> Result<String, PolicyError> {
        let mut datasets: Vec<&str> = Vec::new();
        for name in plan.datasets() {
            let label = catalogue.dataset(name)?.label.as_str();
            if !datasets.contains(&label) {
                datasets.push(label);
            }
        }
        let groups = plan.group_by.iter().map(|group| {
            let known = catalogue.dimensions.get(&group.dimension);
            known.map_or(group.dimension.as_str(), |own| own.label.as_str())
        });
        let groups: Vec<&str> = groups.collect();
        let by = if groups.is_empty() { String::new() } else { " nach ".to_owned() };
        let filtered = if plan.filter.is_empty() { "" } else { ", eingeschränkt" };
        Ok(format!(
            "Freie Frage: {} ({}){by}{}{filtered}",
            german(plan.compute_name(), plan.unit.is_person()),
            datasets.join(", "),
            groups.join(" und ")
        ))
    }

    pub(crate) fn check(&self, catalogue: &Catalogue) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Purpose(format!("ad_hoc: {why}")));
        if self.kinds.is_empty() || self.datasets.is_empty() {
            return fail("name the kinds and datasets that it permits, or leave it out".into());
        }
        if let Some(own) = self.kinds.iter().find(|own| !Plan::COMPUTED.contains(&own.as_str())) {
            return fail(format!(
                "there is no kind `{own}`; there are {}",
                Plan::COMPUTED.join(", ")
            ));
        }
        if self.kinds.iter().any(|own| own.as_str() == Self::NEVER) {
            return fail(format!("`{}` needs an indicator that two people approved", Self::NEVER));
        }
        for dataset in &self.datasets {
            catalogue.dataset(dataset)?;
        }
        for dimension in &self.dimensions {
            catalogue.dimension(dimension)?;
        }
        if self.most_rho_nano.get() < Indicator::LEAST_NANO_RHO {
            return fail("most_rho_nano must be ≥ 1000".into());
        }
        Ok(())
    }
}

fn german(kind: &str, person: bool) -> &str {
    match kind {
        "persons" if !person => "Haushalte",
        "persons" => "Personen",
        "overlap" => "Überschneidung",
        "cases" => "Personen je Merkmal",
        "mean" => "Mittelwert",
        "sum" => "Summe",
        "histogram" => "Verteilung",
        "quantiles" => "Quantile",
        "transition" => "Übergänge",
        "share" => "Anteil",
        "entries" => "Neuzugänge",
        "prior_contact" => "Neuzugänge mit Vorbezug",
        "series" => "Personen je Quartal",
        "subject_sum" => "Summe über Fälle",
        "link_quality" => "Güte der Verknüpfung",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Query};

    const CATALOGUE: &str = include_str!("../../../policies/catalogue/county.toml");
    const PURPOSE: &str = include_str!("../../../policies/purposes/sozialmonitoring-06432.toml");

    fn catalogue() -> Catalogue {
        Catalogue::from_toml(CATALOGUE).unwrap()
    }

    fn ad_hoc() -> AdHoc {
        toml::from_str(
            r#"kinds = ["persons", "overlap", "cases", "share"]
            datasets = ["sgb2", "wohngeld", "hze"]
            dimensions = ["municipality", "age_group", "hze_form"]
            most_rho_nano = 20_000_000"#,
        )
        .unwrap()
    }

    fn plan(query: serde_json::Value) -> Plan {
        let catalogue = catalogue();
        let purpose = Purpose::from_toml(PURPOSE, &catalogue).unwrap();
        let query: Query = serde_json::from_value(query).unwrap();
        purpose.plan(&query, &catalogue).unwrap()
    }

    #[test]
    fn a_question_of_permitted_bricks_is_allowed_and_named_alike_every_year() {
        let asked = plan(serde_json::json!({
            "compute": {"kind": "overlap", "datasets": ["sgb2", "wohngeld"]},
            "filter": {"age_group": ["00-02"]}, "group_by": ["municipality"]}));
        ad_hoc().allow(&asked).unwrap();
        let name = AdHoc::name(&asked).unwrap();
        assert!(name.as_str().starts_with("adhoc-") && name.as_str().len() == 18);
        let label = AdHoc::label(&asked, &catalogue()).unwrap();
        assert!(label.starts_with("Freie Frage: Überschneidung ("), "{label}");
        assert!(label.ends_with("nach Gemeinde, eingeschränkt"), "{label}");
    }

    #[test]
    fn anything_else_is_refused_and_named_wherever_it_stands() {
        let of = |compute: serde_json::Value| serde_json::json!({"compute": compute});
        let persons = serde_json::json!({"kind": "persons", "datasets": ["sgb2"]});
        let mut filtered = of(persons.clone());
        filtered["filter"] = serde_json::json!({"sex": ["w"]});
        let mut grouped = of(persons.clone());
        grouped["group_by"] = serde_json::json!(["bg_type"]);
        let mut households = of(persons);
        households["unit"] = "household".into();
        let cases = [
            (filtered, "dimension `sex`"),
            (grouped, "dimension `bg_type`"),
            (households, "persons only"),
            (of(serde_json::json!({"kind": "persons", "datasets": ["sgb2", "kita"]})), "`kita`"),
            (
                of(
                    serde_json::json!({"kind": "sum", "dataset": "hze", "measure": "cost", "cap": 9}),
                ),
                "kind `sum`",
            ),
            (
                of(
                    serde_json::json!({"kind": "cases", "dataset": "hze", "dimension": "hze_duration",
                    "most": 1}),
                ),
                "`hze_duration`",
            ),
            (
                of(serde_json::json!({"kind": "share", "assumed_count": 100,
                    "of": {"datasets": ["sgb2"]},
                    "with": {"datasets": ["sgb2"], "filter": {"sex": ["w"]}}})),
                "dimension `sex`",
            ),
        ];
        for (query, word) in cases {
            let refused = ad_hoc().allow(&plan(query)).err().map(|own| own.to_string());
            assert!(refused.clone().unwrap_or_default().contains(word), "{word}: {refused:?}");
        }
    }

    #[test]
    fn contradictions_are_named() {
        let catalogue = catalogue();
        let bad = |change: &dyn Fn(&mut AdHoc)| {
            let mut own = ad_hoc();
            change(&mut own);
            own.check(&catalogue).err().map(|own| own.to_string()).unwrap_or_default()
        };
        assert!(bad(&|_| ()).is_empty());
        let name = |text: &str| vec![Name::new(text).unwrap()];
        assert!(bad(&|own| own.kinds = name("median")).contains("no kind `median`"));
        assert!(bad(&|own| own.kinds = name("sparse")).contains("two people"));
        assert!(bad(&|own| own.datasets = name("school")).contains("`school`"));
        assert!(bad(&|own| own.dimensions = name("income")).contains("`income`"));
        assert!(bad(&|own| own.datasets.clear()).contains("leave it out"));
        assert!(bad(&|own| own.most_rho_nano = NanoRho::ZERO).contains("1000"));
    }
}
