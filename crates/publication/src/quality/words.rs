//! The estimate in the words of a reader.

use std::collections::BTreeSet;

use super::{Estimate, LinkQuality};
use crate::{Amount, Calibration};

/// What is said about links, in German sentences.
#[non_exhaustive]
pub struct QualityWords {
    /// How many were linked, and how many of them rightly.
    pub precision: String,
    /// What was found on synthetic counties; nothing of it is known here.
    pub recall: String,
    /// What the estimate rests on, and what it does not cover.
    pub basis: String,
}

impl QualityWords {
    /// Puts an estimate into words.
    #[must_use]
    pub fn new(quality: &LinkQuality, calibration: &Calibration) -> Self {
        let LinkQuality { precision, linked, recall } = quality;
        Self {
            precision: format!(
                "Etwa {} von 1.000 Personen haben Angaben aus mehreren Datensätzen, die \
                 zusammengeführt wurden. Von 1.000 solchen Personen sind geschätzt {} richtig \
                 zusammengeführt, das heißt: Alles gehört zu einem einzigen Menschen ({}).",
                per_thousand(linked.value),
                per_thousand(precision.value),
                range(precision)
            ),
            recall: format!(
                "Wie viele Verbindungen übersehen wurden, lässt sich an echten Daten nicht messen. \
                 Bei erfundenen Menschen wurden von 1.000 Personen, die zwei Ämter kannten, {} als \
                 dieselbe erkannt (je nach erfundenem Kreis {} bis {}). Übersehene Verbindungen \
                 machen aus einem Menschen zwei: Überschneidungen fallen dadurch etwas zu klein aus.",
                per_thousand(recall.value),
                per_thousand(recall.low),
                per_thousand(recall.high)
            ),
            basis: basis(calibration),
        }
    }
}

fn basis(calibration: &Calibration) -> String {
    let runs = calibration.runs();
    let ends =
        |values: BTreeSet<u64>, shown: fn(u64) -> String| match (values.first(), values.last()) {
            (Some(first), Some(last)) if first < last => {
                format!("{} bis {}", shown(*first), shown(*last))
            }
            (Some(only), _) => shown(*only),
            (None, _) => String::new(),
        };
    let residents = ends(runs.iter().map(|own| u64::from(own.residents)).collect(), thousands);
    let dirty = ends(runs.iter().map(|own| u64::from(own.dirty_per_mille)).collect(), |own| {
        let percent = Amount::Decimal(super::float(own) / 10.0).german();
        percent.trim_end_matches('0').trim_end_matches(',').to_owned()
    });
    format!(
        "Die Schätzung verbindet die veröffentlichten Anzahlen je Stufe mit Messungen an {} \
         erfundenen Kreisen ({residents} Einwohner je Kreispaar, {dirty}\u{a0}% fehlerhafte \
         Datensätze, Verfahren {}). Der Bereich enthält den beigemischten Zufall und die \
         Unterschiede zwischen den erfundenen Kreisen. Ob echte Ämter sich anders irren als \
         erfundene, weiß er nicht.",
        runs.len(),
        calibration.schema()
    )
}

/// `995 bis 1.000`.
fn range(estimate: &Estimate) -> String {
    format!("Bereich {} bis {}", per_thousand(estimate.low), per_thousand(estimate.high))
}

/// A share as a number of 1,000, as Germans write it; one decimal where it nears a thousand.
pub(super) fn per_thousand(share: f64) -> String {
    let of = share * 1_000.0;
    if of > 990.0 && of < 999.95 {
        return format!("{of:.1}").replace('.', ",");
    }
    thousands(rounded(of))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 1,000")]
fn rounded(number: f64) -> u64 {
    number.round().clamp(0.0, 1_000.0) as u64
}

fn thousands(number: u64) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), |own| Amount::Whole(own).german())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_of_a_thousand() {
        for (share, text) in
            [(0.0, "0"), (0.25, "250"), (0.9876, "988"), (0.9956, "995,6"), (1.0, "1.000")]
        {
            assert_eq!(per_thousand(share), text);
        }
    }
}
