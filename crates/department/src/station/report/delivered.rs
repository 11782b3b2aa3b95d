//! What the page of a delivered file says besides that it was.

use std::path::Path;

use submission::{Half, MeasuresChunk, Mode, Month, Period, SignedReceipt};

use super::super::Station;
use super::super::folders::Place;
use super::super::journal::{Delivery, Job};
use super::super::local_time::{month, shown};
use super::sample::{Coded, Encoded, sample};
use super::{Page, Rejects, grouped, months, visible};
use crate::batch::Batch;
use crate::error::Error;
use crate::language::Language;
use crate::mapping::{Column, Mapping};
use crate::prepare::Report;
use crate::subjects::Counts;

/// The sections about a delivery.
pub(super) struct Delivered {
    /// Large figures.
    pub(super) figures: Vec<(String, &'static str)>,
    /// What became of the rows and people: label, number, explanation.
    pub(super) counts: Vec<(&'static str, String, &'static str)>,
    pub(super) encoded: Vec<Encoded>,
    pub(super) coded: Vec<Coded>,
    pub(super) withdrawn: String,
    /// Role in words and the columns that have it.
    pub(super) stays: Vec<(&'static str, Vec<String>)>,
    pub(super) leaves: Vec<(&'static str, Vec<String>)>,
    pub(super) receipts: Vec<ReceiptRow>,
}

/// A unit's receipt.
pub(super) struct ReceiptRow {
    pub(super) unit: &'static str,
    pub(super) received: String,
    pub(super) digest: String,
    pub(super) signature: String,
}

/// Adds to a page what its batch folder tells; what cannot be read is left out.
pub(super) fn delivered(
    page: &mut Page,
    station: &Station,
    job: &Job,
    delivery: &Delivery,
    folder: &Path,
    rejects: Option<&Rejects>,
) {
    let plan = job.plan.as_ref();
    page.lead = "Beide Stellen haben die Lieferung angenommen und quittiert.".into();
    page.facts.push(("Zeitraum", months(&delivery.period)));
    page.facts.push(("Art", kind(job.place, delivery.mode).into()));
    let Ok(policies) = station.settings.read_policies() else { return };
    let mapping = plan.and_then(|plan| {
        Mapping::load(&station.own.mappings.join(format!("{}.toml", plan.mapping))).ok()
    });
    let Ok(report) = Report::read(folder) else { return };
    let dataset = policies.catalogue.dataset(&report.dataset);
    if let Ok(dataset) = dataset {
        page.facts.insert(0, ("Bestand", dataset.label.clone()));
    }
    let (encoded, coded) = sample(folder, &policies, &report.dataset);
    let last = last_month(folder, &policies.catalogue, &report).ok().flatten();
    if let Some((first, last)) = last {
        page.facts.push(("Monate mit Angaben", months(&Period { from: first, to: last })));
    }
    page.steps = steps(&report, last.map(|(_, last)| last), rejects);
    let (stays, leaves) = mapping.as_ref().map(columns).unwrap_or_default();
    page.delivered = Some(Delivered {
        figures: figures(&report.counts, report.withdrawn, job.place),
        counts: counts(&report.counts),
        encoded,
        coded,
        withdrawn: match report.withdrawn {
            0 => String::new(),
            number => grouped(number),
        },
        stays,
        leaves,
        receipts: [Half::Linkable, Half::Measures]
            .into_iter()
            .filter_map(|half| receipt(folder, half))
            .collect(),
    });
    page.details.extend([
        ("Lieferung", report.batch.to_string()),
        ("Vorhaben und Epoche", format!("{}, {}", report.project, report.epoch)),
        ("SHA-256 der Zuordnung", report.mapping.to_string()),
        ("SHA-256 des Verknüpfungsschemas", report.schema.to_string()),
        ("SHA-256 des Katalogs", report.catalogue.to_string()),
    ]);
}

fn kind(place: Place, mode: Mode) -> &'static str {
    match (place, mode) {
        (Place::Withdrawals, _) => "Löschliste: entfernt die genannten Fälle",
        (Place::Database, _) => "Vollständige Lieferung aus der Datenbank, nach Zeitplan",
        (_, Mode::Full) => "Vollständige Lieferung: ersetzt alle früheren dieses Bestandes",
        (_, Mode::Amend) => "Nachtrag: ersetzt nur die Fälle in dieser Datei",
    }
}

fn figures(counts: &Counts, withdrawn: u64, place: Place) -> Vec<(String, &'static str)> {
    if place == Place::Withdrawals {
        return vec![(grouped(withdrawn), "Einträge zurückgezogen")];
    }
    let mut figures = vec![
        (grouped(counts.rows), "Zeilen gelesen"),
        (grouped(counts.subjects), "Personen geliefert"),
    ];
    if counts.units > 0 {
        figures.push((grouped(counts.units), "Haushalte"));
    }
    figures.push((grouped(counts.facts), "Angaben geliefert"));
    figures.push((grouped(counts.rows_in_quarantine), "Zeilen abgelehnt"));
    figures
}

fn counts(counts: &Counts) -> Vec<(&'static str, String, &'static str)> {
    let all = [
        ("Summenzeilen", counts.totals_rows, "erkannt und übergangen"),
        (
            "Zeilen außerhalb des Zeitraums",
            counts.rows_outside_period,
            "nicht geliefert; den Zeitraum legt die Station fest oder der Dateiname",
        ),
        (
            "Zeilen ohne erkennbare Gemeinde",
            counts.unresolved_places,
            "geliefert mit »Gemeinde unbekannt«; Gemeindeschlüssel oder PLZ und Ort prüfen",
        ),
        (
            "Zeilen ohne erkennbares Alter",
            counts.unknown_ages,
            "geliefert mit »Alter unbekannt«; Geburtsdatum prüfen",
        ),
        (
            "Personen mit Sperre oder Widerspruch",
            counts.people_blocked,
            "vor der Verschlüsselung ausgelassen",
        ),
        ("Personen ohne Angabe im Zeitraum", counts.people_without_facts, "nicht geliefert"),
    ];
    let some = all.into_iter().filter(|(_, number, _)| *number > 0);
    some.map(|(label, number, meaning)| (label, grouped(number), meaning)).collect()
}

fn steps(report: &Report, last: Option<Month>, rejects: Option<&Rejects>) -> Vec<String> {
    let mut steps = Vec::new();
    if let Some(rejects) = rejects.filter(|rejects| rejects.total > 0) {
        steps.push(match rejects.total {
            1 => "Die abgelehnte Zeile im Fachverfahren berichtigen (unten steht, welche und \
                  warum). Alles andere ist geliefert."
                .to_owned(),
            _ => format!(
                "Die {} abgelehnten Zeilen im Fachverfahren berichtigen (unten steht, welche und \
                 warum). Alles andere ist geliefert.",
                rejects.count()
            ),
        });
        steps.push(
            "Beim nächsten vollständigen Auszug sind sie dabei. Eilt es, nur diese Fälle \
             vollständig ausgeben und in den Ordner Eingang/Nachtrag legen."
                .into(),
        );
    }
    if let Some(last) = last.filter(|last| report.mode == Mode::Full && *last < report.period.to) {
        steps.push(format!(
            "Prüfen, ob der Auszug vollständig ist: Die letzte Angabe ist aus {}, der Zeitraum \
             reicht bis {}.",
            month(last),
            month(report.period.to)
        ));
    }
    steps.extend(report.fill.iter().filter_map(|view| view.warning(Language::German)));
    if steps.is_empty() {
        steps.push("Sie müssen nichts weiter tun.".into());
    }
    steps
}

/// First and last month with a fact, from the half as it travels.
fn last_month(
    folder: &Path,
    catalogue: &policy::Catalogue,
    report: &Report,
) -> Result<Option<(Month, Month)>, Error> {
    let batch = Batch::open(folder)?;
    let chunks = batch.signed(Half::Measures).manifest.chunks.len() as u64;
    let mut found: Option<(Month, Month)> = None;
    for index in 0..chunks {
        let bytes = batch.chunk(Half::Measures, index)?;
        let chunk = MeasuresChunk::decode(&bytes, catalogue, &report.dataset, &report.period)?;
        for row in chunk.iter() {
            let first = Month { year: row.year, month: row.first_month };
            let last = Month { year: row.year, month: row.last_month };
            let (least, most) = found.unwrap_or((first, last));
            found = Some((least.min(first), most.max(last)));
        }
    }
    Ok(found)
}

/// Role in words and the columns that have it.
type Roles = Vec<(&'static str, Vec<String>)>;

/// The columns that stay and those of which something travels.
fn columns(mapping: &Mapping) -> (Roles, Roles) {
    let of = |test: &dyn Fn(&Column) -> bool| -> Vec<String> {
        let own = mapping.columns.iter().filter(|(_, column)| test(column));
        own.map(|(name, _)| visible(name)).collect()
    };
    let stays = [
        (
            "Angaben zur Person: gehen nur in die Verschlüsselung ein, nicht im Klartext hinaus",
            of(&|column| matches!(column, Column::Identifier { .. })),
        ),
        (
            "Fallnummern: bleiben hier im versiegelten Register",
            of(&|column| matches!(column, Column::Person {} | Column::Secret {})),
        ),
        (
            "Nummern von Haushalten: an ihrer Stelle reist eine Zufallsnummer",
            of(&|column| matches!(column, Column::Unit {})),
        ),
        (
            "Sperrvermerke: entscheiden nur, wer ausgelassen wird",
            of(&|column| matches!(column, Column::Exclude { .. })),
        ),
        ("Wird gar nicht gelesen", of(&|column| matches!(column, Column::Ignore {}))),
    ];
    let leaves = [
        (
            "als Nummer einer Klasse aus dem öffentlichen Katalog",
            of(&|column| matches!(column, Column::Dimension { .. })),
        ),
        ("als Jahr und Monat", of(&|column| matches!(column, Column::Time { .. }))),
        (
            "als gerundeter und begrenzter Betrag",
            of(&|column| matches!(column, Column::Measure { .. })),
        ),
        (
            "hier im Haus zu einer groben Klasse gerechnet (etwa Altersgruppe, Gemeinde)",
            mapping.derive.keys().map(ToString::to_string).collect(),
        ),
    ];
    let some = |roles: Vec<(&'static str, Vec<String>)>| -> Roles {
        roles.into_iter().filter(|(_, names)| !names.is_empty()).collect()
    };
    (some(stays.into()), some(leaves.into()))
}

fn receipt(folder: &Path, half: Half) -> Option<ReceiptRow> {
    let (name, unit) = match half {
        Half::Linkable => ("linkable", "Verknüpfungsstelle"),
        Half::Measures => ("measures", "Statistikstelle"),
    };
    let bytes = std::fs::read(folder.join("receipts").join(format!("{name}.json"))).ok()?;
    let signed: SignedReceipt = serde_json::from_slice(&bytes).ok()?;
    Some(ReceiptRow {
        unit,
        received: shown(signed.receipt.received_at),
        digest: signed.receipt.manifest.to_string(),
        signature: String::from(signed.signature),
    })
}
