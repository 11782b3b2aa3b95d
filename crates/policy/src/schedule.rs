//! When a project is linked: who delivers for which period, and until when one waits.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Digest, Name, PolicyError, canonical_json};

/// The deliveries that a project expects; the linkage unit links by it without being told.
///
/// Two people approve the file, and with it every snapshot that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Version of this file's format; 1.
    pub version: u16,
    /// The project.
    pub project: Name,
    /// The persons or offices that approved it; two different ones at least.
    pub approvals: Vec<Name>,
    /// Who delivers what, in every period.
    pub expected: Vec<Expectation>,
    /// The periods, oldest first.
    #[serde(rename = "period")]
    pub periods: Vec<SchedulePeriod>,
}

/// One delivery that each period waits for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The department.
    pub department: Name,
    /// The dataset it delivers.
    pub dataset: Name,
}

/// A period whose deliveries become one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePeriod {
    /// Short name, unique in the schedule, such as `2025-q4`.
    pub id: Name,
    /// The epoch under whose key the departments encode.
    pub epoch: Name,
    /// Last month that every delivery must reach.
    pub last_month: LastMonth,
    /// Day from which one links with what is there; without it, one waits for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_on: Option<Date>,
}

/// A calendar month, written `yyyy-mm`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct LastMonth {
    /// Calendar year, 1990 to 2100.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
}

impl TryFrom<String> for LastMonth {
    type Error = PolicyError;
    fn try_from(text: String) -> Result<Self, PolicyError> {
        let wrong = || {
            PolicyError::Schedule(format!(
                "`{text}` is not a month; write yyyy-mm from 1990 to 2100"
            ))
        };
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let year = year.parse().map_err(|_| wrong())?;
        let month = month.parse().map_err(|_| wrong())?;
        if (1990..=2100).contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(wrong())
        }
    }
}

impl From<LastMonth> for String {
    fn from(month: LastMonth) -> Self {
        format!("{:04}-{:02}", month.year, month.month)
    }
}

impl Schedule {
    /// Reads a schedule from TOML text and checks it against the catalogue.
    ///
    /// # Errors
    /// [`PolicyError::Form`] with line and cause, or [`PolicyError::Schedule`].
    pub fn from_toml(text: &str, catalogue: &Catalogue) -> Result<Self, PolicyError> {
        let schedule: Self = toml::from_str(text)
            .map_err(|e| PolicyError::Form { path: "schedule".into(), reason: e.to_string() })?;
        schedule.check(catalogue)?;
        Ok(schedule)
    }

    /// SHA-256 of the canonical JSON.
    ///
    /// # Errors
    /// [`PolicyError::Form`], which a checked schedule does not give.
    pub fn digest(&self) -> Result<Digest, PolicyError> {
        Ok(Digest::of(&canonical_json(self)?))
    }

    /// The period of that name.
    #[must_use]
    pub fn period(&self, id: &Name) -> Option<&SchedulePeriod> {
        self.periods.iter().find(|period| period.id == *id)
    }

    fn check(&self, catalogue: &Catalogue) -> Result<(), PolicyError> {
        let fail =
            |why: String| Err(PolicyError::Schedule(format!("of `{}`: {why}", self.project)));
        if self.version != 1 {
            return fail(format!("version {} is not known; this program reads 1", self.version));
        }
        if self.approvals.iter().collect::<BTreeSet<_>>().len() < 2 {
            return fail("needs the approvals of two different people or offices".into());
        }
        if self.expected.is_empty() || self.periods.is_empty() {
            return fail("names at least one expected delivery and one period".into());
        }
        for expected in &self.expected {
            catalogue.dataset(&expected.dataset)?;
        }
        if self.expected.iter().collect::<BTreeSet<_>>().len() < self.expected.len() {
            return fail("the same delivery is expected twice".into());
        }
        let ids: BTreeSet<_> = self.periods.iter().map(|period| &period.id).collect();
        if ids.len() < self.periods.len() {
            return fail("two periods have the same name".into());
        }
        let months = self.periods.iter().map(|period| period.last_month);
        if !months.is_sorted_by(|a, b| a < b) {
            return fail(
                "periods stand oldest first, each ending later than the one before".into(),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = include_str!("../../../policies/catalogue/county.toml");
    const SMALL: &str = r#"
        version = 1
        project = "p"
        approvals = ["dpo", "head"]
        expected = [{ department = "a", dataset = "sgb2" }, { department = "b", dataset = "kita" }]
        [[period]]
        id = "2025-q3"
        epoch = "2026"
        last_month = "2025-09"
        [[period]]
        id = "2025-q4"
        epoch = "2026"
        last_month = "2025-12"
        link_on = "2026-02-15"
    "#;

    fn read(text: &str) -> Result<Schedule, PolicyError> {
        Schedule::from_toml(text, &Catalogue::from_toml(CATALOGUE).unwrap())
    }

    #[test]
    fn a_schedule_reads() {
        let schedule = read(SMALL).unwrap();
        let last = schedule.period(&Name::new("2025-q4").unwrap()).unwrap();
        assert_eq!(String::from(last.last_month), "2025-12");
        assert_eq!(last.link_on, Some(jiff::civil::date(2026, 2, 15)));
    }

    #[test]
    fn contradictions_are_named() {
        let cases = [
            ("\"head\"", "\"dpo\"", "two different"),
            ("\"kita\"", "\"nursery\"", "nursery"),
            (
                "{ department = \"b\", dataset = \"kita\" }",
                "{ department = \"a\", dataset = \"sgb2\" }",
                "twice",
            ),
            ("id = \"2025-q4\"", "id = \"2025-q3\"", "same name"),
            ("\"2025-12\"", "\"2025-09\"", "oldest first"),
            ("\"2025-12\"", "\"2025-13\"", "not a month"),
            ("link_on", "link_at", "link_at"),
            ("version = 1", "version = 2", "version 2"),
        ];
        for (from, to, word) in cases {
            let text = read(&SMALL.replacen(from, to, 1)).err().map(|e| e.to_string());
            assert!(text.clone().unwrap_or_default().contains(word), "{to}: {text:?}");
        }
    }
}
