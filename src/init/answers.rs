//! What a county answers before a folder is written for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::civil::{Date, date};
use policy::Name;
use serde::{Deserialize, Serialize};

use super::dataset::{DATASETS, dataset};

/// The cap per event year that decision 0017 gives reasons for, in 1e-9 rho.
pub(crate) const USUAL_CAP: u64 = 500_000_000;
/// Below this a plan's smallest table would have no budget to speak of.
const LEAST_CAP: u64 = 10_000_000;
/// Lines of a file of answers are short.
const LONGEST: u64 = 1 << 20;

/// The answers as a file holds them (`--answers`); what is missing has a default.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    /// Key of the county: five digits.
    pub(crate) ags: String,
    /// Its name, such as `Odenwaldkreis`.
    pub(crate) name: String,
    /// Who answers for it before the law, such as `Kreisausschuss des Odenwaldkreises`.
    #[serde(default)]
    pub(crate) controller: String,
    /// The data protection officer; office or person.
    #[serde(default)]
    pub(crate) officer: String,
    /// Who approves as the second person; office or person.
    #[serde(default)]
    pub(crate) head: String,
    /// File with the municipalities, GV100AD or CSV; relative to the file of answers.
    pub(crate) municipalities: PathBuf,
    /// Year in which the first epoch's key is used; the first tables are about the year before.
    pub(crate) epoch: u16,
    /// Cap per event year, in 1e-9 rho.
    #[serde(default = "usual_cap")]
    pub(crate) cap_nano_rho: u64,
    /// Where the linkage unit is reached.
    #[serde(default = "linkage")]
    pub(crate) linkage_url: String,
    /// Where the statistics unit is reached.
    #[serde(default = "statistics")]
    pub(crate) statistics_url: String,
    /// Who delivers what.
    #[serde(rename = "department")]
    pub(crate) departments: Vec<Department>,
}

/// A department with what it delivers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Department {
    /// Short name; the county's key is put behind it.
    pub(crate) name: Name,
    /// The datasets that it delivers.
    pub(crate) datasets: Vec<Name>,
}

fn usual_cap() -> u64 {
    USUAL_CAP
}

fn linkage() -> String {
    "http://127.0.0.1:8701".into()
}

fn statistics() -> String {
    "http://127.0.0.1:8702".into()
}

impl Answers {
    /// Answers with their defaults, where only county, municipalities and epoch are known.
    pub(super) fn new(ags: String, name: String, municipalities: PathBuf, epoch: u16) -> Self {
        Self {
            ags,
            name,
            controller: String::new(),
            officer: String::new(),
            head: String::new(),
            municipalities,
            epoch,
            cap_nano_rho: USUAL_CAP,
            linkage_url: linkage(),
            statistics_url: statistics(),
            departments: Vec::new(),
        }
    }

    /// Reads a file of answers.
    ///
    /// # Errors
    /// Says which line has another form.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
        if size > LONGEST {
            bail!("{shown} is too long for a file of answers");
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        let mut own: Self = toml::from_str(&text).with_context(|| format!("in {shown}"))?;
        let base = path.parent().unwrap_or(Path::new("."));
        own.municipalities = base.join(&own.municipalities);
        Ok(own)
    }

    /// Fills what was left open and refuses what no folder can be made of.
    ///
    /// # Errors
    /// Names the answer.
    pub(super) fn check(mut self, today: Date) -> anyhow::Result<Self> {
        if self.ags.len() != 5 || !self.ags.bytes().all(|own| own.is_ascii_digit()) {
            bail!("ags = \"{}\": the key of a county has five digits, such as 06437", self.ags);
        }
        self.name = one_line("name", &self.name)?;
        for (what, own, usual) in [
            ("controller", &mut self.controller, format!("Verwaltung: {}", self.name)),
            ("officer", &mut self.officer, "Datenschutzbeauftragte".to_owned()),
            ("head", &mut self.head, "Leitung des Sozialdezernats".to_owned()),
        ] {
            if own.trim().is_empty() {
                *own = usual;
            }
            *own = one_line(what, own)?;
        }
        if !(LEAST_CAP..=USUAL_CAP).contains(&self.cap_nano_rho) {
            bail!(
                "cap_nano_rho = {}: it lies between {LEAST_CAP} and {USUAL_CAP}; for more than \
                 decision 0017 gives reasons for, change the purpose by hand and give your own",
                self.cap_nano_rho
            );
        }
        let year = i16::try_from(self.epoch).unwrap_or(i16::MAX);
        if !(today.year() - 1..=today.year() + 1).contains(&year) {
            bail!(
                "epoch = {}: the first epoch is last year, this year or the next one",
                self.epoch
            );
        }
        for url in [&self.linkage_url, &self.statistics_url] {
            if !["https://", "http://127.0.0.1:"].iter().any(|own| url.starts_with(own))
                || url.chars().any(|own| own.is_whitespace() || own.is_control() || own == '"')
            {
                bail!("`{url}`: write https://…, or http://127.0.0.1:PORT for a trial on one host");
            }
        }
        if self.linkage_url == self.statistics_url {
            bail!("both units have the address {}; they are two hosts", self.linkage_url);
        }
        self.check_departments()?;
        Ok(self)
    }

    fn check_departments(&self) -> anyhow::Result<()> {
        if self.departments.is_empty() {
            bail!("name at least one [[department]] with its datasets");
        }
        let mut names = BTreeSet::new();
        let mut taken = BTreeSet::new();
        for department in &self.departments {
            if !names.insert(&department.name) {
                bail!("department `{}` stands there twice", department.name);
            }
            if super::PEOPLE.iter().any(|own| own.office == department.name.as_str()) {
                bail!("department `{}`: that is the name of a role; take another", department.name);
            }
            if department.datasets.is_empty() {
                bail!("department `{}` delivers nothing", department.name);
            }
            for own in &department.datasets {
                if dataset(own.as_str()).is_none() {
                    let known: Vec<&str> = DATASETS.iter().map(|own| own.code).collect();
                    bail!(
                        "dataset `{own}` of `{}` has no mapping; there are {}",
                        department.name,
                        known.join(", ")
                    );
                }
                if !taken.insert(own) {
                    bail!("dataset `{own}` is delivered twice; leave it at one department");
                }
            }
        }
        Ok(())
    }

    /// The datasets that somebody delivers.
    pub(super) fn datasets(&self) -> BTreeSet<&str> {
        self.departments.iter().flat_map(|own| &own.datasets).map(Name::as_str).collect()
    }

    /// Last day on which a question is answered: the end of the year after the epoch's.
    pub(super) fn expires(&self) -> Date {
        let year = i16::try_from(self.epoch).unwrap_or(9_998);
        date(year.saturating_add(1), 12, 31)
    }
}

fn one_line(what: &str, text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 120 || text.chars().any(char::is_control) {
        bail!("{what}: one line of at most 120 characters");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) const TODAY: Date = date(2026, 11, 28);

    /// A county with these datasets, each from a department of its own.
    pub(in super::super) fn answers(datasets: &[&str]) -> Answers {
        let mut own = Answers::new("06437".into(), "Odenwaldkreis".into(), "g.csv".into(), 2026);
        own.departments = datasets
            .iter()
            .map(|code| Department {
                name: Name::new(dataset(code).unwrap().office).unwrap(),
                datasets: vec![Name::new(*code).unwrap()],
            })
            .collect();
        own
    }

    #[test]
    fn what_was_left_open_is_filled() {
        let own = answers(&["kita", "hze"]).check(TODAY).unwrap();
        assert_eq!(own.officer, "Datenschutzbeauftragte");
        assert_eq!(own.expires(), date(2027, 12, 31));
        assert_eq!(own.datasets().into_iter().collect::<Vec<_>>(), ["hze", "kita"]);
    }

    #[test]
    fn answers_that_no_folder_can_be_made_of_are_refused() {
        let refused = |word: &str, change: &dyn Fn(&mut Answers)| {
            let mut own = answers(&["kita"]);
            change(&mut own);
            let text = own.check(TODAY).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains(word), "{word}: {text}");
        };
        refused("five digits", &|own| own.ags = "6437".into());
        refused("one line", &|own| own.name = "a\nb".into());
        refused("decision 0017", &|own| own.cap_nano_rho = USUAL_CAP + 1);
        refused("cap_nano_rho", &|own| own.cap_nano_rho = 0);
        refused("epoch", &|own| own.epoch = 2020);
        refused("https", &|own| own.linkage_url = "http://kreis.example".into());
        refused("two hosts", &|own| own.linkage_url = own.statistics_url.clone());
        refused("at least one", &|own| own.departments.clear());
        refused("twice", &|own| own.departments.push(own.departments[0].clone()));
        refused("has no mapping", &|own| {
            own.departments[0].datasets.push(Name::new("steuer").unwrap());
        });
        refused("role", &|own| own.departments[0].name = Name::new("betrieb").unwrap());
    }
}
