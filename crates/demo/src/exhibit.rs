//! One invented person as every party sees it; only the demo knows who that is.
//!
//! Nothing here is made for the picture: the rows come from the files that the departments were
//! given, the encodings and facts from the batches as they travelled, the person from the link map.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::Context;
use data_encoding::HEXLOWER;
use department::{Batch, Source, SourceSettings};
use milchglas::Exhibit;
use milchglas::exhibit::{
    Cell, Delivery, Fact, Facts, Linkage, Office, Similarity, Statistics, View,
};
use policy::{Catalogue, LinkageSchema, UNKNOWN_CODE};
use publication::Document;
use submission::{Half, LinkableChunk, MeasuresChunk, PersonId, SubjectId};

use crate::county::PersonNumber;
use crate::installation::SCHEMA;
use crate::judge::Judge;
use crate::office::Letter;
use crate::run::YEAR;

/// A person whom several departments know and whose records were all linked.
struct Chosen {
    number: PersonNumber,
    person: PersonId,
    /// Position of an office, and the subject by which it knows the person.
    subjects: Vec<(usize, SubjectId)>,
}

/// The rows of a file that are about a person.
struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Writes the exhibit of a county after a full delivery; leaves it as it is where nobody fits.
pub(crate) fn write(
    judge: &Judge<'_>,
    letters: &[Letter],
    documents: &[(Document, Vec<u8>)],
    path: &Path,
) -> anyhow::Result<()> {
    let Some(chosen) = choose(judge, letters)? else { return Ok(()) };
    let mut offices = Vec::new();
    let mut title = String::new();
    for (position, _) in &chosen.subjects {
        let rows = rows_of(judge, *position, &letters[*position], chosen.number)?;
        if title.is_empty() {
            title = heading(&rows);
        }
        let name = judge.project.offices[*position].label.to_owned();
        offices.push(Office { name, columns: rows.columns, rows: rows.rows });
    }
    let exhibit = Exhibit::new(
        judge.project.name.to_string(),
        title,
        offices,
        linkage(judge, &chosen)?,
        statistics(judge, &chosen)?,
        released(judge, &chosen, documents)?,
    )?;
    let partial = path.with_extension("partial");
    std::fs::write(&partial, exhibit.to_json()?)?;
    std::fs::rename(&partial, path).with_context(|| format!("cannot write {}", path.display()))
}

/// Of all whose records form exactly one cluster and who are known to three departments (else to
/// two or to four): a child whose encodings differ, so that a reader sees that spelling mistakes do
/// not matter; else one whose do not, else anybody.
fn choose(judge: &Judge<'_>, letters: &[Letter]) -> anyhow::Result<Option<Chosen>> {
    let candidates = candidates(judge, letters);
    let mut best: Option<(u8, Chosen)> = None;
    for candidate in candidates.into_iter().take(100) {
        let child = child(judge, candidate.number)?;
        let differs = differs(judge, &candidate)?;
        let rank = match (child, differs) {
            (true, true) => return Ok(Some(candidate)),
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        if best.as_ref().is_none_or(|(own, _)| rank < *own) {
            best = Some((rank, candidate));
        }
    }
    Ok(best.map(|(_, candidate)| candidate))
}

/// The best known first.
fn candidates(judge: &Judge<'_>, letters: &[Letter]) -> Vec<Chosen> {
    let person: HashMap<SubjectId, PersonId> =
        judge.map.links().iter().map(|link| (link.subject, link.person)).collect();
    let mut size: HashMap<PersonId, usize> = HashMap::new();
    for own in person.values() {
        *size.entry(*own).or_default() += 1;
    }
    let mut known: BTreeMap<PersonNumber, Vec<(usize, SubjectId)>> = BTreeMap::new();
    for (position, batch) in judge.standing.live() {
        for (subject, number) in &batch.people {
            known.entry(*number).or_default().push((position, *subject));
        }
    }
    let mut found = Vec::new();
    for (number, mut subjects) in known {
        subjects.sort_unstable();
        let persons: BTreeSet<PersonId> =
            subjects.iter().filter_map(|(_, subject)| person.get(subject).copied()).collect();
        let offices: BTreeSet<usize> = subjects.iter().map(|(office, _)| *office).collect();
        let [one] = persons.iter().copied().collect::<Vec<_>>()[..] else { continue };
        let whole = size.get(&one) == Some(&subjects.len()) && offices.len() == subjects.len();
        // What an amendment delivered lies in two files; the exhibit shows one.
        let amended = offices.iter().any(|office| letters[*office].amends());
        let told = judge.known_in(one) >= 2;
        if whole && !amended && told && (2..=4).contains(&offices.len()) {
            found.push(Chosen { number, person: one, subjects });
        }
    }
    found.sort_by_key(|own| (own.subjects.len().abs_diff(3), own.number));
    found
}

fn child(judge: &Judge<'_>, number: PersonNumber) -> anyhow::Result<bool> {
    let year = i16::try_from(YEAR)?;
    let truth = judge.county.truth_person(number, judge.quarter, year)?;
    Ok(truth.is_some_and(|person| (3..15).contains(&person.birth.age_at_end_of_year(year))))
}

fn differs(judge: &Judge<'_>, chosen: &Chosen) -> anyhow::Result<bool> {
    let schema = &judge.installation.policies.schemas[SCHEMA];
    let mut seen = BTreeSet::new();
    for (position, subject) in &chosen.subjects {
        let views = encodings(judge, *position, *subject, schema)?;
        seen.insert(views.into_iter().map(|view| view.bits).collect::<Vec<_>>());
    }
    Ok(seen.len() > 1)
}

impl Rows {
    fn cell(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|own| own == column)?;
        self.rows.first()?.get(at).map(String::as_str)
    }
}

fn heading(rows: &Rows) -> String {
    let cell = |name: &str| rows.cell(name).unwrap_or_default().to_owned();
    format!("{} {}, geboren am {}", cell("vornamen"), cell("nachname"), cell("geburtsdatum"))
}

/// The columns that a reader of the exhibit understands; the others would only fill it.
const COLUMNS: [&str; 20] = [
    "nachname",
    "geburtsname",
    "vornamen",
    "geburtsdatum",
    "strasse",
    "hausnummer",
    "plz",
    "ort",
    "aktenzeichen",
    "berichtsmonat",
    "bg_typ",
    "kdu_eur",
    "bewilligung_von",
    "wohngeld_eur",
    "hilfeart",
    "leistung",
    "leistungsart",
    "betreuungsart",
    "umfang_h_woche",
    "beginn",
];

fn rows_of(
    judge: &Judge<'_>,
    position: usize,
    letter: &Letter,
    number: PersonNumber,
) -> anyhow::Result<Rows> {
    let office = &judge.project.offices[position];
    let file = letter.filed(office);
    let mut source = Source::open(&file, &SourceSettings::detect())?;
    let header = source.header().to_vec();
    let shown: Vec<usize> =
        (0..header.len()).filter(|at| COLUMNS.contains(&header[*at].as_str())).collect();
    let mut rows = Vec::new();
    while let Some(record) = source.next_record()? {
        let at = usize::try_from(record.number)?;
        if letter.truth().get(at).copied().flatten() == Some(number) {
            rows.push(shown.iter().map(|at| record.cell(*at).to_owned()).collect());
        }
    }
    // The newest first; a person may have one row per month.
    rows.reverse();
    rows.truncate(24);
    Ok(Rows { columns: shown.iter().map(|at| header[*at].clone()).collect(), rows })
}

fn linkage(judge: &Judge<'_>, chosen: &Chosen) -> anyhow::Result<Linkage> {
    let schema = &judge.installation.policies.schemas[SCHEMA];
    let mut deliveries = Vec::new();
    for (position, subject) in &chosen.subjects {
        let office = judge.project.offices[*position].label.to_owned();
        let views = encodings(judge, *position, *subject, schema)?;
        deliveries.push(Delivery { office, subject: subject.to_string(), views });
    }
    let similarities = similarities(&deliveries)?;
    Ok(Linkage { person: chosen.person.to_string(), deliveries, similarities })
}

fn encodings(
    judge: &Judge<'_>,
    position: usize,
    subject: SubjectId,
    schema: &LinkageSchema,
) -> anyhow::Result<Vec<View>> {
    for (_, own) in judge.standing.live().filter(|(office, _)| *office == position) {
        let batch = Batch::open(&own.folder)?;
        for index in 0..batch.signed(Half::Linkable).manifest.chunks.len() as u64 {
            let bytes = batch.chunk(Half::Linkable, index)?;
            let chunk = LinkableChunk::decode(&bytes, schema)?;
            if let Some(found) = chunk.iter().find(|linkable| linkable.subject == subject) {
                let views = schema.views.iter().zip(&found.views);
                let view = |(view, bits): (&policy::View, &&[u8])| View {
                    name: view.name.to_string(),
                    bits: HEXLOWER.encode(bits),
                };
                return Ok(views.map(view).collect());
            }
        }
    }
    anyhow::bail!("no live batch holds a subject of the link map")
}

/// Of each delivery with the first, by the view that fits best: the share of equal bits.
fn similarities(deliveries: &[Delivery]) -> anyhow::Result<Vec<Similarity>> {
    let mut found = Vec::new();
    let Some(first) = deliveries.first() else { return Ok(found) };
    for (at, other) in deliveries.iter().enumerate().skip(1) {
        let mut best: Option<Similarity> = None;
        for (mine, theirs) in first.views.iter().zip(&other.views) {
            let (left, right) =
                (HEXLOWER.decode(mine.bits.as_bytes())?, HEXLOWER.decode(theirs.bits.as_bytes())?);
            let distance: u32 = left.iter().zip(&right).map(|(a, b)| (a ^ b).count_ones()).sum();
            let bits = u32::try_from(left.len() * 8)?.max(1);
            let per_mille = u16::try_from((bits - distance) * 1_000 / bits)?;
            if best.as_ref().is_none_or(|best| best.per_mille < per_mille) {
                best =
                    Some(Similarity { first: 0, second: at, view: mine.name.clone(), per_mille });
            }
        }
        found.extend(best);
    }
    Ok(found)
}

fn statistics(judge: &Judge<'_>, chosen: &Chosen) -> anyhow::Result<Statistics> {
    let catalogue = &judge.installation.policies.catalogue;
    let mut facts = Vec::new();
    for (position, subject) in &chosen.subjects {
        for (_, own) in judge.standing.live().filter(|(office, _)| office == position) {
            let batch = Batch::open(&own.folder)?;
            facts.extend(facts_of(&batch, *subject, catalogue)?);
        }
    }
    Ok(Statistics { person: chosen.person.to_string(), facts })
}

/// The rows of the shown year, newest first; none where the batch does not hold the subject.
fn facts_of(
    batch: &Batch,
    subject: SubjectId,
    catalogue: &Catalogue,
) -> anyhow::Result<Option<Facts>> {
    let manifest = &batch.signed(Half::Measures).manifest;
    let dataset = catalogue.dataset(&manifest.dataset)?;
    let mut columns = vec!["Monate".to_owned()];
    for name in &dataset.dimensions {
        columns.push(catalogue.dimension(name)?.label.clone());
    }
    columns.extend(dataset.measures.iter().map(|measure| measure.label.clone()));
    let mut rows = Vec::new();
    for index in 0..manifest.chunks.len() as u64 {
        let bytes = batch.chunk(Half::Measures, index)?;
        let chunk = MeasuresChunk::decode(&bytes, catalogue, &manifest.dataset, &manifest.period)?;
        for row in chunk.iter().filter(|row| row.subject == subject && row.year == YEAR) {
            let (first, last) = (row.first_month, row.last_month);
            let months = format!("{first:02} bis {last:02}/{YEAR}");
            let mut cells = vec![Fact { code: format!("{first}–{last}"), label: months }];
            for (name, code) in dataset.dimensions.iter().zip(row.codes) {
                let keys = &catalogue.dimension(name)?.keys;
                let label = keys.get(usize::from(*code)).map(|key| key.label.clone());
                let known = *code != UNKNOWN_CODE;
                let code = if known { code.to_string() } else { "–".into() };
                cells.push(Fact { code, label: label.unwrap_or_else(|| "unbekannt".into()) });
            }
            for (measure, amount) in dataset.measures.iter().zip(row.amounts) {
                let code = amount.map_or("–".into(), |amount| amount.to_string());
                let unit = if measure.unit == "EUR" { "€" } else { measure.unit.as_str() };
                let label = amount.map_or("keine Angabe".into(), |n| format!("{n}\u{a0}{unit}"));
                cells.push(Fact { code, label });
            }
            rows.push((last, cells));
        }
    }
    rows.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
    let rows: Vec<Vec<Fact>> = rows.into_iter().map(|(_, cells)| cells).take(24).collect();
    let found = Facts { dataset: dataset.label.clone(), columns, rows };
    Ok((!found.rows.is_empty()).then_some(found))
}

fn released(
    judge: &Judge<'_>,
    chosen: &Chosen,
    documents: &[(Document, Vec<u8>)],
) -> anyhow::Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for (document, _) in documents {
        let plan = judge.plan(document)?;
        let Some(at) = judge.cell_of(&plan, chosen.person)? else { continue };
        let cell = &plan.cells[at];
        cells.push(Cell {
            indicator: document.indicator.clone(),
            year: document.year,
            keys: cell.keys.clone(),
            datasets: cell.datasets.iter().map(ToString::to_string).collect(),
        });
    }
    cells.truncate(12);
    Ok(cells)
}
