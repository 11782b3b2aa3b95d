//! What the department keeps about a batch beside it; holds no value of a record.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use encoder::Fill;
use policy::{Digest, LinkageSchema, Name, View};
use serde::{Deserialize, Serialize};
use submission::{BatchId, Mode, Period};

use crate::error::{Error, shown};
use crate::language::Language;
use crate::subjects::Counts;

/// `report.json` of a batch folder.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `milchglas/report/1`.
    pub format: String,
    /// The project.
    pub project: Name,
    /// The epoch.
    pub epoch: Name,
    /// The sender.
    pub department: Name,
    /// The dataset.
    pub dataset: Name,
    /// The batch.
    pub batch: BatchId,
    /// What it does to earlier ones.
    pub mode: Mode,
    /// Months it covers.
    pub period: Period,
    /// Unix seconds of encoding.
    pub created_at: i64,
    /// Digest of the mapping file.
    pub mapping: Digest,
    /// Digest of the alias table, where one was used.
    pub towns: Option<Digest>,
    /// Digest of the linkage schema.
    pub schema: Digest,
    /// Digest of the catalogue.
    pub catalogue: Digest,
    /// What was read and what travels.
    pub counts: Counts,
    /// Records in quarantine by reason.
    pub quarantine: BTreeMap<String, u64>,
    /// Subjects of earlier batches that this one withdraws.
    pub withdrawn: u64,
    /// How full the encodings are before diffusion, view by view; nothing in older reports.
    #[serde(default)]
    pub fill: Vec<ViewFill>,
}

/// How full the encodings of one view are before diffusion, in thousandths of their bits.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewFill {
    /// The view.
    pub view: Name,
    /// Mean over the subjects that travel.
    pub mean: u64,
    /// Standard deviation.
    pub spread: u64,
    /// What the schema expects of the mean, both ends included.
    pub expected: Option<[u16; 2]>,
}

impl ViewFill {
    /// A warning where the mean lies outside what the schema expects.
    #[must_use]
    pub fn warning(&self, language: Language) -> Option<String> {
        let [low, high] = self.expected?.map(u64::from);
        let (view, mean) = (&self.view, self.mean);
        let range = format!("{low} – {high} ‰");
        if mean < low {
            Some(language.pick(
                format!(
                    "Ansicht {view}: die Kodierungen sind im Mittel zu {mean} ‰ gefüllt, das \
                     Schema erwartet {range}. Meist fehlt ein Feld, das andere Ämter liefern, oder \
                     es steht in der falschen Spalte: Zuordnung prüfen. So findet die \
                     Verknüpfungsstelle weniger Personen wieder."
                ),
                format!(
                    "view {view}: encodings are filled to {mean} ‰ on average, the schema expects \
                     {range}. Mostly a field that other departments deliver is missing or stands in \
                     the wrong column: check the mapping. The linkage unit finds fewer people again \
                     this way."
                ),
            ))
        } else if mean > high {
            Some(language.pick(
                format!(
                    "Ansicht {view}: die Kodierungen sind im Mittel zu {mean} ‰ gefüllt, das \
                     Schema erwartet {range}. Meist stehen zwei Angaben in einer Spalte oder ein \
                     langer Text in der falschen: Zuordnung prüfen. Volle Kodierungen unterscheiden \
                     Personen schlechter."
                ),
                format!(
                    "view {view}: encodings are filled to {mean} ‰ on average, the schema expects \
                     {range}. Mostly two values stand in one column or a long text in the wrong \
                     one: check the mapping. Full encodings tell people apart less well."
                ),
            ))
        } else {
            None
        }
    }
}

/// What the report says about the fill, beside what the schema expects.
pub(super) fn fill<'f>(
    schema: &LinkageSchema,
    fills: impl Iterator<Item = &'f Fill>,
) -> Vec<ViewFill> {
    let of_view = |(fill, view): (&Fill, &View)| ViewFill {
        view: fill.view.clone(),
        mean: fill.per_mille(),
        spread: fill.spread_per_mille(),
        expected: view.fill,
    };
    fills.zip(&schema.views).filter(|(fill, _)| fill.records > 0).map(of_view).collect()
}

impl Report {
    /// The format's name.
    pub const FORMAT: &str = "milchglas/report/1";

    /// Reads the report of a batch folder.
    ///
    /// # Errors
    /// [`Error::Batch`] where it is missing or has another form.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("report.json");
        let fail = |reason: String| Error::Batch { path: shown(folder), reason };
        let bytes = fs::read(&path).map_err(|e| fail(format!("report.json: {}", e.kind())))?;
        let report: Self = serde_json::from_slice(&bytes)
            .map_err(|e| fail(format!("report.json, line {}", e.line())))?;
        if report.format == Self::FORMAT {
            Ok(report)
        } else {
            Err(fail("report.json is of another version".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_outside_the_expected_range_warns_in_either_language() {
        let warning = |mean, expected, language| {
            ViewFill { view: "name".parse().unwrap(), mean, spread: 30, expected }.warning(language)
        };
        let range = Some([150, 300]);
        for inside in [150, 220, 300] {
            assert!(warning(inside, range, Language::German).is_none());
        }
        assert!(warning(900, None, Language::German).is_none(), "nothing is expected");
        let low = warning(149, range, Language::German).unwrap();
        assert!(low.contains("149 ‰") && low.contains("150 – 300 ‰") && low.contains("fehlt"));
        let high = warning(301, range, Language::English).unwrap();
        assert!(high.contains("301 ‰") && high.contains("check the mapping"), "{high}");
    }
}
