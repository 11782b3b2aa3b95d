//! What the parties of the audit agreed: two departments, questions, no cap that gets in the way.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;

/// The datasets, in the order of [`Row::dataset`](super::place::Row::dataset).
pub(crate) const DATASETS: [&str; 2] = ["wohngeld", "kita"];
/// Names in the agreement.
pub(crate) const PROJECT: &str = "noise-audit";
pub(crate) const PURPOSE: &str = "noise-audit";
pub(crate) const EPOCH: &str = "2026";
pub(crate) const SCHEMA: &str = "audit";
/// Months that every delivery covers.
pub(crate) const WINDOW: (&str, &str) = ("2016-01", "2025-12");
/// The event years that can be asked about.
pub(crate) const YEARS: std::ops::RangeInclusive<u16> = 2016..=2025;
/// Bounds of the amount.
pub(crate) const AMOUNT: (i64, i64) = (0, 1_000);

/// The shipped rules of access.
const ACCESS: [&str; 4] = [
    include_str!("../../../../policies/access/milchglas.cedarschema"),
    include_str!("../../../../policies/access/rollen.cedar"),
    include_str!("../../../../policies/access/freigaben.cedar"),
    include_str!("../../../../policies/access/niemals.cedar"),
];

const LINKAGE: &str = r#"{"name": "audit", "version": 1, "family": "milchglas",
 "normaliser": "de-1", "bits": 1024, "measure": "hamming", "threshold": "0.66",
 "weight_window": [416, 608], "views": [{"name": "name", "diffusion": 6, "fields": [
  {"identifier": "surname", "tokens": "bigrams", "k": 8}]}]}"#;

/// A question that is asked many times, at one price.
#[derive(Clone)]
pub(crate) struct Question {
    /// How its indicators are named: this, a dash, the number of the ask.
    pub(crate) id: String,
    /// The inline table of `compute` in a purpose's file.
    pub(crate) compute: String,
    /// Dimensions beside tract and block; or none of all.
    pub(crate) group_by: Vec<&'static str>,
    /// Whether households are counted.
    pub(crate) households: bool,
    /// Whether the noise is discrete Laplace instead of the usual Gaussian.
    pub(crate) laplace: bool,
    /// What one answer may cost.
    pub(crate) rho_nano: u64,
}

/// Everything that is written down for one unit.
pub(crate) struct Agreement {
    /// Tracts, and blocks of each tract.
    pub(crate) areas: (usize, usize),
    /// How often every question can be asked about one year of one snapshot.
    pub(crate) asks: usize,
    /// After how many milliseconds an answer to a question with few cells leaves.
    pub(crate) slot_millis: u64,
    /// The questions.
    pub(crate) questions: Vec<Question>,
}

/// A slot in which many cells are drawn for certain, also by an unoptimised program.
pub(crate) const WIDE_SLOT: u64 = if cfg!(debug_assertions) { 3_000 } else { 400 };
/// A slot in which one cell is.
pub(crate) const NARROW_SLOT: u64 = if cfg!(debug_assertions) { 100 } else { 20 };

/// The rho of one count whose noise has about that parameter, in 1e-9; the same for both laws, as
/// epsilon costs half of its square.
pub(crate) fn rho_of(sigma: f64) -> u64 {
    (0.5e9 / (sigma * sigma)).round() as u64
}

impl Agreement {
    /// Writes catalogue, linkage schema and purpose.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        for (path, text) in [
            ("linkage/audit.json", LINKAGE.to_owned()),
            ("catalogue/audit.toml", self.catalogue()),
            ("purposes/audit.toml", self.purpose()),
            ("access/milchglas.cedarschema", ACCESS[0].to_owned()),
            ("access/rollen.cedar", ACCESS[1].to_owned()),
            ("access/freigaben.cedar", ACCESS[2].to_owned()),
            ("access/niemals.cedar", ACCESS[3].to_owned()),
        ] {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            fs::write(&path, text)?;
        }
        Ok(())
    }

    fn catalogue(&self) -> String {
        let mut text = "name = \"audit\"\nversion = 1\n".to_owned();
        for (dimension, letter, keys) in [
            ("tract", 't', self.areas.0),
            ("block", 'b', self.areas.1),
            ("cell", 'c', 2),
            ("ask", 'a', self.asks + 1),
        ] {
            let keys: Vec<String> = (0..keys)
                .map(|key| format!("{{ key = \"{letter}{key}\", label = \"{letter}{key}\" }}"))
                .collect();
            let _ = writeln!(
                text,
                "[dimensions.{dimension}]\nlabel = \"{dimension}\"\nkeys = [{}]\n\
                 attribute_from = [\"wohngeld\", \"kita\"]",
                keys.join(", ")
            );
        }
        let (lower, upper) = AMOUNT;
        for (dataset, unit) in [("wohngeld", true), ("kita", false)] {
            let _ = writeln!(
                text,
                "[datasets.{dataset}]\nlabel = \"{dataset}\"\nlegal_basis = \"none\"\n\
                 retention_months = 120\nmax_rows = 12\nunit = {unit}\n\
                 dimensions = [\"tract\", \"block\", \"cell\", \"ask\"]\n\
                 measures = [{{ name = \"amount\", label = \"Betrag\", unit = \"EUR\", \
                 lower = {lower}, upper = {upper}, step = 1 }}]"
            );
        }
        text
    }

    /// Nobody has another value than the first in the dimension `ask`, so naming a further key in
    /// the filter makes another question with the same answer: one that is charged and drawn anew.
    fn purpose(&self) -> String {
        let most = policy::NanoRho::MAX.get();
        let mut text = format!(
            "id = \"{PURPOSE}\"\nversion = 1\nproject = \"{PROJECT}\"\ncontroller = \"audit\"\n\
             purpose = \"Selbstprüfung des Rauschens mit erfundenen Menschen.\"\n\
             legal_basis = [\"none\"]\nrecipients = [\"audit\"]\nexpires = \"2099-12-31\"\n\
             approvals = [\"dpo\", \"head\"]\n\
             [territory]\ndimension = \"tract\"\nprefix = \"t\"\nlabel = \"all\"\n\
             [budget]\nlineage_cap_nano_rho = {most}\npurpose_cap_nano_rho = {most}\n\
             analyst_cap_nano_rho = {most}\ndelta_conv_femto = 1_000_000_000\n"
        );
        for question in &self.questions {
            for ask in 1..=self.asks {
                let group_by: Vec<String> =
                    question.group_by.iter().map(|own| format!("\"{own}\"")).collect();
                let unit = if question.households { "unit = \"household\"\n" } else { "" };
                let mechanism = if question.laplace { "mechanism = \"laplace\"\n" } else { "" };
                let _ = writeln!(
                    text,
                    "[[indicator]]\nid = \"{}-{ask}\"\nlabel = \"{}\"\nrho_nano = {}\n\
                     [indicator.query]\ncompute = {}\n{unit}{mechanism}filter = {{ ask = [\"a0\", \"a{ask}\"] }}\n\
                     group_by = [{}]",
                    question.id,
                    question.id,
                    question.rho_nano,
                    question.compute,
                    group_by.join(", ")
                );
            }
        }
        text
    }
}
