//! What an encoding is good for: F1 of its links where the truth is known.

use std::collections::HashMap;

use encoder::{Encoder, normalise};
use linkage::{
    Comparison, Filters, Kernel, Limits, Measure, Options, PairList, Progress, Rule, Source,
    Threshold, compare, groups,
};
use policy::{Identifier, LinkageSchema, SchemaMeasure};

use crate::county::{Dataset, PersonNumber};
use crate::leakage::people::key;
use crate::leakage::records::Known;

/// How good links are at one threshold.
#[derive(Clone, Copy, Default, serde::Serialize)]
pub struct Worth {
    /// In millionths.
    pub threshold: u32,
    /// 2·right / (links + real pairs).
    pub f1: f64,
    /// Right links among links.
    pub precision: f64,
    /// Real pairs that were found.
    pub recall: f64,
    /// Pairs of records of one person under different surnames, one of which is the other's birth
    /// name.
    pub married: u64,
    /// How many of those were found.
    pub married_found: u64,
}

/// Links a county's records and judges each of `thresholds` (in millionths, rising).
pub(crate) fn worth(
    records: &[Known],
    schema: &LinkageSchema,
    thresholds: &[u32],
) -> anyhow::Result<Vec<Worth>> {
    let encoder = Encoder::new(schema, &key(1)?)?;
    let mut datasets: Vec<Dataset> = records.iter().map(|own| own.dataset).collect();
    datasets.sort_unstable();
    datasets.dedup();
    let (mut sources, mut rows) = (Vec::new(), Vec::new());
    for dataset in &datasets {
        let own: Vec<usize> =
            (0..records.len()).filter(|at| records[*at].dataset == *dataset).collect();
        let people: Result<Vec<_>, _> =
            own.iter().map(|at| records[*at].clear.identifiers()).collect();
        let mut views = Vec::new();
        for _ in &schema.views {
            views.push(Filters::new(u32::from(schema.bits))?);
        }
        let mut kept = Vec::new();
        for (at, found) in own.iter().zip(encoder.encode_all(&people?)) {
            // Too little to encode: the department's quarantine has it.
            let Ok(found) = found else { continue };
            for (filters, encoding) in views.iter_mut().zip(&found) {
                filters.push(encoding.as_bytes())?;
            }
            kept.push(*at);
        }
        sources.push(Source::new(views)?);
        rows.push(kept);
    }
    let Some(least) = thresholds.first() else { return Ok(Vec::new()) };
    let rule = Rule::between_all(u32::try_from(sources.len())?);
    let comparison = Comparison {
        sources: &sources,
        rule: &rule,
        measure: match schema.measure {
            SchemaMeasure::Dice => Measure::Dice,
            SchemaMeasure::Hamming => Measure::Hamming,
        },
        threshold: Threshold::from_per_million(*least)?,
        limits: Limits { pairs: 50_000_000 },
        first_tile: 0,
        kernel: Kernel::detect(),
    };
    let mut pairs = PairList::new();
    compare(&comparison, &mut pairs, &Progress::new())?;
    let sizes: Vec<u32> = rows.iter().map(|own| own.len() as u32).collect();
    let agreement = Threshold::from_per_million(schema.agreement.millionths())?;
    let truth = Truth::of(records);
    let mut found = Vec::new();
    for threshold in thresholds {
        let options = Options::new(Threshold::from_per_million(*threshold)?);
        let clusters = groups(&mut pairs.reader(), &sizes, agreement, &options)?;
        let mut cluster_of: Vec<Option<u32>> = vec![None; records.len()];
        let (mut links, mut right) = (0_u64, 0_u64);
        for (number, cluster) in (0_u32..).zip(clusters.iter()) {
            let members: Vec<usize> = cluster
                .records
                .iter()
                .map(|record| rows[record.source as usize][record.row as usize])
                .collect();
            members.iter().for_each(|at| cluster_of[*at] = Some(number));
            for (at, one) in members.iter().enumerate() {
                for other in &members[..at] {
                    links += 1;
                    right += u64::from(records[*one].person == records[*other].person);
                }
            }
        }
        let married = truth.married.iter().filter(|(one, other)| {
            cluster_of[*one].is_some() && cluster_of[*one] == cluster_of[*other]
        });
        let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        let (precision, recall) = (share(right, links), share(right, truth.pairs));
        found.push(Worth {
            threshold: *threshold,
            f1: 2.0 * share(right, links + truth.pairs),
            precision,
            recall,
            married: truth.married.len() as u64,
            married_found: married.count() as u64,
        });
    }
    Ok(found)
}

struct Truth {
    pairs: u64,
    married: Vec<(usize, usize)>,
}

impl Truth {
    fn of(records: &[Known]) -> Self {
        let mut people: HashMap<PersonNumber, Vec<usize>> = HashMap::new();
        for (at, own) in records.iter().enumerate() {
            people.entry(own.person).or_default().push(at);
        }
        let name = |at: usize, which| normalise::text(which, records[at].clear.get(which));
        let (mut pairs, mut married) = (0, Vec::new());
        for own in people.values() {
            for (at, one) in own.iter().enumerate() {
                for other in &own[..at] {
                    pairs += 1;
                    let surnames = [one, other].map(|at| name(*at, Identifier::Surname));
                    let born = [one, other].map(|at| name(*at, Identifier::BirthName));
                    let known = (!born[0].is_empty() && born[0] == surnames[1])
                        || (!born[1].is_empty() && born[1] == surnames[0]);
                    if surnames[0] != surnames[1] && known {
                        married.push((*one, *other));
                    }
                }
            }
        }
        Self { pairs, married }
    }
}

/// The thresholds to try for a measure, rising.
pub(crate) fn thresholds(measure: SchemaMeasure) -> Vec<u32> {
    match measure {
        SchemaMeasure::Hamming => (572..=690).step_by(3).map(|own| own * 1000).collect(),
        SchemaMeasure::Dice => (60..=92).map(|own| own * 10_000).collect(),
    }
}
