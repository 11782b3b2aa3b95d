//! A purpose: who may ask what, why, and how much it may cost.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AdHoc, Catalogue, Digest, Femto, Name, NanoRho, Plan, PlanKind, PolicyError, Pooling, Query,
    Topic, Withholding, canonical_json,
};

/// A purpose of one controller, approved by two people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Short name.
    pub id: Name,
    /// Version of this file's format; 1.
    pub version: u16,
    /// The project whose subjects and lineages are read.
    pub project: Name,
    /// The county that answers for it.
    pub controller: Name,
    /// What it is for, in German, for the record of processing.
    pub purpose: String,
    /// The law that permits it.
    pub legal_basis: Vec<String>,
    /// Who receives the releases.
    pub recipients: Vec<String>,
    /// Last day on which a query is answered.
    pub expires: Date,
    /// The persons or offices that approved it; two different ones at least.
    pub approvals: Vec<Name>,
    /// The part of a dimension that belongs to this controller.
    pub territory: Territory,
    /// Public groupings of dimensions' keys, under the names by which its questions use them.
    #[serde(rename = "pooling", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub poolings: BTreeMap<Name, Pooling>,
    /// What may be spent.
    pub budget: Budget,
    /// How wide an interval may be at most, lest its cell be withheld; no limit where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withhold_above: Option<Withholding>,
    /// The questions that may be asked.
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
    /// What analysts may ask beyond them; nothing where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ad_hoc: Option<AdHoc>,
}

/// The keys of one dimension that belong to a controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// The dimension, usually the municipality.
    pub dimension: Name,
    /// How its keys begin.
    pub prefix: String,
    /// What a reader sees, such as the county's name.
    pub label: String,
}

/// Caps in integers. There is no refresh and no refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Cap per lineage (project × event year): the guarantee for that year.
    pub lineage_cap_nano_rho: NanoRho,
    /// Cap per lineage on threshold delta, in 1e-15; zero allows no private keys.
    #[serde(default, skip_serializing_if = "Femto::is_zero")]
    pub lineage_cap_delta_femto: Femto,
    /// Cap of the whole purpose: fairness between purposes.
    pub purpose_cap_nano_rho: NanoRho,
    /// Cap per analyst: fairness between analysts.
    pub analyst_cap_nano_rho: NanoRho,
    /// Cap of all questions of the purpose together within one calendar quarter (UTC) of asking:
    /// what is left for the rest of the year. Runs of release plans do not count, they were approved
    /// beforehand. None where it is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarter_cap_nano_rho: Option<NanoRho>,
    /// How many consecutive event years the horizon holds.
    #[serde(default = "Budget::usual_horizon")]
    pub horizon_years: u16,
    /// Cap over any such years of a project together: what a person can lose who is in the data all
    /// the time. Where it is not stated, that is the cap of each year times their number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon_cap_nano_rho: Option<NanoRho>,
    /// Public delta at which rho is also shown as epsilon.
    pub delta_conv_femto: Femto,
    /// Part of each lineage's cap, in thousandths, that release plans leave to questions nobody
    /// foresaw.
    #[serde(default = "Budget::usual_reserve", skip_serializing_if = "Budget::is_usual_reserve")]
    pub question_share_per_mille: u16,
}

impl Budget {
    /// Most event years of a horizon.
    pub const MAX_HORIZON: u16 = 120;

    /// A fifth.
    fn usual_reserve() -> u16 {
        200
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_usual_reserve(share: &u16) -> bool {
        *share == Self::usual_reserve()
    }

    /// What all runs of release plans about one event year may cost together.
    #[must_use]
    pub fn left_to_plans(&self) -> NanoRho {
        self.lineage_cap_nano_rho.per_mille(1_000_u16.saturating_sub(self.question_share_per_mille))
    }

    fn usual_horizon() -> u16 {
        10
    }

    /// The most that any [`Budget::horizon_years`] consecutive event years can cost together, in
    /// nano-rho.
    #[must_use]
    pub fn horizon_most(&self) -> u64 {
        let years = self.lineage_cap_nano_rho.get().saturating_mul(u64::from(self.horizon_years));
        self.horizon_cap_nano_rho.map_or(years, |cap| cap.get().min(years))
    }

    fn check(&self) -> Result<(), String> {
        if self.lineage_cap_nano_rho == NanoRho::ZERO || self.delta_conv_femto == Femto::ZERO {
            return Err("lineage cap and delta_conv must be above zero".into());
        }
        if !(1..=Self::MAX_HORIZON).contains(&self.horizon_years) {
            return Err(format!("horizon_years lies between 1 and {}", Self::MAX_HORIZON));
        }
        if self.horizon_cap_nano_rho.is_some_and(|cap| cap < self.lineage_cap_nano_rho) {
            return Err("horizon_cap_nano_rho is below the cap of a single event year; raise it, \
                        or lower lineage_cap_nano_rho"
                .into());
        }
        if self.question_share_per_mille > 1_000 {
            return Err("question_share_per_mille must be 0 to 1000".into());
        }
        if self.quarter_cap_nano_rho == Some(NanoRho::ZERO) {
            return Err("quarter_cap_nano_rho of zero permits no question; leave it out or raise \
                        it"
            .into());
        }
        Ok(())
    }
}

/// A named question with its price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Short name, unique in the purpose.
    pub id: Name,
    /// What a reader sees.
    pub label: String,
    /// In which chapter of the catalogue it stands; in the last where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// What one answer costs where the request names no budget.
    pub rho_nano: NanoRho,
    /// Most that a request may name for one answer; `rho_nano` where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_rho_nano: Option<NanoRho>,
    /// The question.
    pub query: Query,
    /// Further groupings under which it may be asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groupings: Vec<Vec<Name>>,
    /// The public number by which a count is divided after its release; none for a plain answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Rate>,
    /// A limit of its own instead of the purpose's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withhold_above: Option<Withholding>,
}

/// A rate over a public denominator. The division takes place after the release, outside the
/// statistics unit, and costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// By what a cell is divided.
    pub denominator: Denominator,
    /// How many of the denominator the rate is shown for: 100, 1000, ...
    pub per: u32,
}

/// A public number per cell and year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// Residents on 31 December with the cell's and the filter's municipality, age group and sex;
    /// dimensions that a register of residents does not know are left out.
    Population,
}

impl Rate {
    fn check(self, plan: &Plan) -> Result<(), &'static str> {
        let counts = matches!(plan.kind, PlanKind::Persons { .. } | PlanKind::Cases { .. });
        if !counts || !plan.unit.is_person() {
            return Err("only counts of persons are divided by residents");
        }
        if !matches!(self.per, 1 | 10 | 100 | 1_000 | 10_000 | 100_000) {
            return Err("per must be 1, 10, 100, 1000, 10000 or 100000");
        }
        Ok(())
    }
}

impl Indicator {
    /// Below this a sigma would exceed what the sampler and the table can carry.
    pub(crate) const LEAST_NANO_RHO: u64 = 1_000;

    /// Most that one answer may cost.
    #[must_use]
    pub fn most(&self) -> NanoRho {
        self.most_rho_nano.unwrap_or(self.rho_nano)
    }
}

impl Purpose {
    /// Reads a purpose from TOML text and checks it against the catalogue.
    ///
    /// # Errors
    /// [`PolicyError::Form`] with line and cause, or [`PolicyError::Purpose`].
    pub fn from_toml(text: &str, catalogue: &Catalogue) -> Result<Self, PolicyError> {
        let purpose: Self = toml::from_str(text)
            .map_err(|e| PolicyError::Form { path: "purpose".into(), reason: e.to_string() })?;
        purpose.check(catalogue)?;
        Ok(purpose)
    }

    /// SHA-256 of the canonical JSON; stands in every release.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked purpose does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    /// The indicator of that name.
    ///
    /// # Errors
    /// [`PolicyError::Purpose`] that lists the permitted ones.
    pub fn indicator(&self, id: &Name) -> Result<&Indicator, PolicyError> {
        self.indicators.iter().find(|indicator| indicator.id == *id).ok_or_else(|| {
            let known: Vec<&str> = self.indicators.iter().map(|own| own.id.as_str()).collect();
            PolicyError::Purpose(format!(
                "`{id}` is not an indicator of `{}`; it allows {}",
                self.id,
                known.join(", ")
            ))
        })
    }

    /// The rule by which cells of an indicator's answer are withheld.
    #[must_use]
    pub fn withholding(&self, indicator: &Indicator) -> Option<Withholding> {
        indicator.withhold_above.or(self.withhold_above)
    }

    /// Resolves a question for this purpose's territory and with its poolings.
    ///
    /// # Errors
    /// As [`Plan::resolve`].
    pub fn plan(&self, query: &Query, catalogue: &Catalogue) -> Result<Plan, PolicyError> {
        Plan::with_poolings(query, catalogue, &self.territory, &self.poolings)
    }

    fn check_poolings(&self, catalogue: &Catalogue) -> Result<(), PolicyError> {
        for (name, pooling) in &self.poolings {
            pooling.check(name, catalogue)?;
            let mut keys = pooling.groups.iter().flat_map(|group| &group.keys);
            if pooling.of == self.territory.dimension
                && let Some(key) = keys.find(|key| !key.starts_with(&self.territory.prefix))
            {
                return Err(PolicyError::Purpose(format!(
                    "`{}`: pooling `{name}` names `{key}`, which lies outside its territory",
                    self.id
                )));
            }
        }
        Ok(())
    }

    fn check(&self, catalogue: &Catalogue) -> Result<(), PolicyError> {
        let fail = |why: String| Err(PolicyError::Purpose(format!("`{}`: {why}", self.id)));
        if self.version != 1 {
            return fail(format!("version {} is not known; this program reads 1", self.version));
        }
        let texts = [&self.legal_basis, &self.recipients];
        if self.purpose.trim().is_empty() || texts.iter().any(|list| list.is_empty()) {
            return fail("state the purpose, its legal basis and its recipients".into());
        }
        let distinct: std::collections::BTreeSet<_> = self.approvals.iter().collect();
        if distinct.len() < 2 {
            return fail("needs the approvals of two different people or offices".into());
        }
        if catalogue.dimension(&self.territory.dimension)?.private {
            return fail("its territory is a private dimension; name a public one".into());
        }
        self.check_poolings(catalogue)?;
        self.budget.check().or_else(fail)?;
        if self.indicators.is_empty() {
            return fail("allows no indicator".into());
        }
        if let Some(ad_hoc) = &self.ad_hoc {
            ad_hoc.check(catalogue)?;
        }
        for (position, indicator) in self.indicators.iter().enumerate() {
            if self.indicators.iter().skip(position + 1).any(|other| other.id == indicator.id) {
                return fail(format!("indicator `{}` is declared twice", indicator.id));
            }
            if indicator.id.as_str().starts_with(AdHoc::PREFIX) {
                return fail(format!(
                    "indicator `{}`: names that begin with `{}` belong to questions of one's own",
                    indicator.id,
                    AdHoc::PREFIX
                ));
            }
            if indicator.rho_nano.get() < Indicator::LEAST_NANO_RHO {
                return fail(format!("indicator `{}`: rho_nano must be ≥ 1000", indicator.id));
            }
            if indicator.most() < indicator.rho_nano {
                return fail(format!(
                    "indicator `{}`: most_rho_nano is below rho_nano",
                    indicator.id
                ));
            }
            let plan = self.plan(&indicator.query, catalogue)?;
            let (delta, cap) = (plan.kind.threshold_delta(), self.budget.lineage_cap_delta_femto);
            if delta > cap {
                return fail(format!(
                    "indicator `{}`: threshold_delta_femto {} is above the budget's \
                     lineage_cap_delta_femto {}; two people may raise it",
                    indicator.id,
                    delta.get(),
                    cap.get()
                ));
            }
            if let Some(rate) = indicator.per {
                rate.check(&plan)
                    .or_else(|why| fail(format!("indicator `{}`: {why}", indicator.id)))?;
            }
            for group_by in &indicator.groupings {
                let query = indicator.grouped(Some(group_by))?;
                self.plan(&query, catalogue)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = include_str!("../../../policies/catalogue/county.toml");
    const PURPOSE: &str = include_str!("../../../policies/purposes/sozialmonitoring-06432.toml");

    fn read(text: &str) -> Result<Purpose, PolicyError> {
        Purpose::from_toml(text, &Catalogue::from_toml(CATALOGUE).unwrap())
    }

    /// Which sexes occur becomes private; the first indicator asks for them.
    fn private(budget: &str) -> Result<Purpose, PolicyError> {
        let head = "[dimensions.asyl_benefit]\n";
        let catalogue = CATALOGUE.replacen(head, &format!("{head}private = true\n"), 1);
        let question = "id = \"children-in-benefits\"";
        let sparse = "id = \"benefits\"\nlabel = \"B\"\nrho_nano = 5000\n[indicator.query]\ncompute = \
             { kind = \"sparse\", datasets = [\"asyl\"], dimension = \"asyl_benefit\", \
             threshold_delta_femto = 1000 }\n[[indicator]]\n";
        let text = PURPOSE.replacen(question, &format!("{sparse}{question}"), 1);
        let text = text.replacen("[budget]\n", &format!("[budget]\n{budget}\n"), 1);
        Purpose::from_toml(&text, &Catalogue::from_toml(&catalogue).unwrap())
    }

    #[test]
    fn private_keys_need_a_cap_on_delta() {
        for budget in ["", "lineage_cap_delta_femto = 0", "lineage_cap_delta_femto = 999"] {
            let text = private(budget).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(
                text.contains("`benefits`") && text.contains("lineage_cap_delta_femto"),
                "{text}"
            );
        }
        let purpose = private("lineage_cap_delta_femto = 1000").unwrap();
        assert_eq!(purpose.budget.lineage_cap_delta_femto.get(), 1_000);
        for budget in
            ["lineage_cap_delta_femto = -1", "lineage_cap_delta_femto = 1_000_000_000_001"]
        {
            assert!(private(budget).is_err(), "{budget}");
        }
        let json = serde_json::to_value(read(PURPOSE).unwrap()).unwrap();
        assert!(json["budget"].get("lineage_cap_delta_femto").is_none(), "older digests stay");
    }

    #[test]
    fn an_indicator_may_have_a_limit_of_its_own() {
        let own = PURPOSE.replacen(
            "id = \"overlap\"\n",
            "id = \"overlap\"\nwithhold_above = { percent = 40 }\n",
            1,
        );
        let text = own.replacen("[budget]", "[withhold_above]\nhalf_width = 30\n[budget]", 1);
        let purpose = read(&text).unwrap();
        let of = |id: &str| {
            let indicator = purpose.indicator(&Name::new(id).unwrap()).unwrap();
            purpose.withholding(indicator).unwrap()
        };
        assert_eq!((of("overlap").percent(), of("overlap").half_width()), (Some(40), None));
        assert_eq!(of("housing-cost").half_width(), Some(30));
        let bad = text.replacen("half_width = 30", "", 1);
        assert!(read(&bad).unwrap_err().to_string().contains("name half_width"));
    }

    #[test]
    fn caps_are_whole_numbers_that_fit_together() {
        let budget = "delta_conv_femto = 1_000_000_000";
        let usual = read(PURPOSE).unwrap().budget;
        assert_eq!(usual.horizon_years, 10);
        assert!(usual.horizon_most() <= 10 * usual.lineage_cap_nano_rho.get());
        let with = |lines: &str| {
            let plain = PURPOSE.lines().filter(|line| {
                !["horizon_", "quarter_cap"].iter().any(|word| line.starts_with(word))
            });
            let plain: String = plain.flat_map(|line| [line, "\n"]).collect();
            assert!(plain.contains(budget));
            read(&plain.replacen(budget, &format!("{budget}\n{lines}"), 1))
        };
        let free = with("").unwrap().budget;
        assert_eq!(free.horizon_most(), 10 * free.lineage_cap_nano_rho.get());
        let stated = with("horizon_years = 5\nhorizon_cap_nano_rho = 800_000_000").unwrap().budget;
        assert_eq!((stated.horizon_years, stated.horizon_most()), (5, 800_000_000));
        for (lines, word) in [
            ("horizon_years = 0", "between 1 and"),
            ("horizon_years = 121", "between 1 and"),
            ("horizon_years = -1", "horizon_years"),
            ("horizon_cap_nano_rho = 1", "below the cap of a single event year"),
            ("horizon_cap_nano_rho = 0.5", "horizon_cap_nano_rho"),
            ("quarter_cap_nano_rho = 0", "permits no question"),
            ("quarter_cap_nano_rho = nan", "quarter_cap_nano_rho"),
            ("quarter_cap_nano_rho = 100_000_000_001", "above the limit"),
        ] {
            let text = with(lines).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{lines}: {text}");
        }
    }

    #[test]
    fn a_rate_names_a_known_denominator_of_a_count() {
        let rate = "per = { denominator = \"population\", per = 100 }";
        assert!(PURPOSE.contains(rate));
        let purpose = read(PURPOSE).unwrap();
        let children = purpose.indicator(&Name::new("sgb2-children").unwrap()).unwrap();
        assert_eq!(children.per, Some(Rate { denominator: Denominator::Population, per: 100 }));
        let of_a_share = "id = \"single-parents\"\n";
        for (from, to, word) in [
            (rate, "per = { denominator = \"dwellings\", per = 100 }", "population"),
            (rate, "per = { denominator = \"population\", per = 0 }", "per must be"),
            (rate, "per = { denominator = \"population\", per = 250 }", "per must be"),
            (of_a_share, &format!("{of_a_share}{rate}\n"), "only counts"),
        ] {
            let text = read(&PURPOSE.replacen(from, to, 1)).err().map(|e| e.to_string());
            assert!(text.clone().unwrap_or_default().contains(word), "{to}: {text:?}");
        }
    }
}
