//! What stands beside a table about links: how good they are, and what a model makes of them.

use publication::{
    Amount, Calibration, Document, Error, Kind, MODEL, Names, QualityWords, correct, link_quality,
    quality_picture,
};

use super::figures;

/// Widths of the picture, in pixels.
const WIDE: u32 = 480;
const NARROW: u32 = 330;

/// What links are judged by.
pub(crate) struct Evidence<'a> {
    /// Counts of synthetic counties, one per linkage schema.
    pub(crate) calibrations: &'a [Calibration],
    /// The tables of the page.
    pub(crate) documents: &'a [&'a Document],
    /// What readers see for short names.
    pub(crate) names: &'a Names,
}

/// How good the links behind a page are.
pub(crate) struct QualitySection {
    /// The estimate in words, or why there is none.
    pub(super) sentences: Vec<String>,
    /// The picture for two widths.
    pub(super) pictures: Option<[String; 2]>,
    /// What was found of synthetic people in two datasets.
    pub(super) pairs: Vec<PairLine>,
}

/// What was found of synthetic people in two datasets.
pub(super) struct PairLine {
    pub(super) pair: String,
    pub(super) people: String,
    pub(super) found: String,
}

/// An overlap as a model corrects it.
pub(crate) struct CorrectionSection {
    pub(super) model: &'static str,
    pub(super) lines: Vec<CorrectedLine>,
}

pub(super) struct CorrectedLine {
    pub(super) row: String,
    /// Released, corrected, low, high.
    pub(super) numbers: [String; 4],
}

/// What somebody may lose by a table.
pub(super) struct LossLine {
    pub(super) who: String,
    pub(super) rho: String,
    pub(super) eps: Option<String>,
}

impl Evidence<'_> {
    fn calibration(&self, document: &Document) -> Option<&Calibration> {
        let schema = document.linkage_schema.as_deref()?;
        self.calibrations.iter().find(|own| own.linkage_schema() == schema)
    }

    /// The estimate beside a table of link quality; `None` beside any other.
    ///
    /// # Errors
    /// What [`quality_picture`] says.
    pub(crate) fn quality(&self, document: &Document) -> Result<Option<QualitySection>, Error> {
        if document.kind != Kind::LinkQuality {
            return Ok(None);
        }
        let estimate = self.calibration(document).map(|own| (own, link_quality(document, own)));
        let Some((calibration, Ok(quality))) = estimate else {
            return Ok(Some(QualitySection {
                sentences: vec![NO_ESTIMATE.to_owned()],
                pictures: None,
                pairs: Vec::new(),
            }));
        };
        let words = QualityWords::new(&quality, calibration);
        let drawn = [quality_picture(&quality, WIDE)?, quality_picture(&quality, NARROW)?];
        Ok(Some(QualitySection {
            sentences: vec![words.precision, words.recall, words.basis],
            pictures: Some(drawn),
            pairs: self.pairs(calibration),
        }))
    }

    fn pairs(&self, calibration: &Calibration) -> Vec<PairLine> {
        let mut lines = Vec::new();
        for (at, one) in calibration.datasets().iter().enumerate() {
            for other in calibration.datasets().iter().skip(at + 1) {
                let Some(pair) = calibration.pair(one, other) else { continue };
                let total = calibration.pair_total(pair);
                if total.real == 0 {
                    continue;
                }
                lines.push(PairLine {
                    pair: format!("{} und {}", self.names.dataset(one), self.names.dataset(other)),
                    people: whole(total.real),
                    found: figures::percent_of(total.found, total.real),
                });
            }
        }
        lines
    }

    /// The corrected overlap, where the link quality of the same snapshot was released too.
    pub(crate) fn correction(&self, document: &Document) -> Option<CorrectionSection> {
        let same = |own: &&&Document| {
            own.kind == Kind::LinkQuality
                && own.snapshot == document.snapshot
                && own.year == document.year
        };
        let quality = self.documents.iter().find(same)?;
        let corrected = correct(document, quality, self.calibration(document)?).ok()?;
        let lines = document.cells.iter().zip(corrected.cells).filter_map(|(cell, own)| {
            let rounded = |number| Amount::rounded(number).german();
            Some(CorrectedLine {
                row: self.names.row(cell),
                numbers: [
                    cell.numbers?.value.german(),
                    rounded(own.value),
                    rounded(own.low),
                    rounded(own.high),
                ],
            })
        });
        Some(CorrectionSection { model: MODEL, lines: lines.collect() })
    }
}

const NO_ESTIMATE: &str = "Wie viele Verbindungen stimmen, wird hier nicht geschätzt: Für dieses \
    Verfahren der Verknüpfung liegen keine Messungen an erfundenen Kreisen vor, oder es wurden zu \
    wenige Personen zusammengeführt.";

/// What a document says about losses, in the order in which it says it.
pub(super) fn losses(document: &Document) -> Vec<LossLine> {
    let line = |own: &publication::Loss| LossLine {
        who: own.of.german(&document.guarantee.kind),
        rho: figures::rho(own.rho_nano),
        eps: own.eps.map(|eps| Amount::Decimal((eps * 100.0).ceil() / 100.0).german()),
    };
    document.guarantee.losses.iter().map(line).collect()
}

fn whole(count: u64) -> String {
    i64::try_from(count).map_or_else(|_| count.to_string(), |own| Amount::Whole(own).german())
}
