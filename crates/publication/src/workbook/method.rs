//! The sheet „Methode“: how each table was made, one column per table.

use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet, XlsxError};

use super::Formats;
use crate::{Amount, Document, HalfWidth, Losing, Loss, Names};

enum Fact<'a> {
    Text(String),
    Number(f64, &'a Format),
}

pub(super) fn write(
    sheet: &mut Worksheet,
    documents: &[&Document],
    (sheets, names): (&[String], &Names),
    made: &ExcelDateTime,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name("Methode")?;
    sheet.set_column_width(0, 30.0)?;
    sheet.write_string_with_format(
        0,
        0,
        "Wie die Zahlen entstanden sind",
        &formats.title.clone().unset_text_wrap(),
    )?;
    sheet.write_string_with_format(1, 0, "Stand dieser Datei", &formats.text)?;
    sheet.write_datetime_with_format(1, 1, made, &formats.date)?;
    sheet.write_string_with_format(3, 0, "Blatt", &formats.head)?;
    for ((document, name), column) in documents.iter().zip(sheets).zip(1_u16..) {
        sheet.set_column_width(column, 44.0)?;
        sheet.write_string_with_format(3, column, name, &formats.head)?;
        for ((head, fact), row) in facts(document, names, formats).into_iter().zip(4_u32..) {
            sheet.write_string_with_format(row, 0, head, &formats.wrapped.clone().set_bold())?;
            match fact {
                Fact::Text(text) => {
                    sheet.write_string_with_format(row, column, text, &formats.wrapped)?
                }
                Fact::Number(number, format) => {
                    sheet.write_number_with_format(row, column, number, format)?
                }
            };
        }
    }
    sheet.set_freeze_panes(4, 1)?;
    Ok(())
}

fn facts<'a>(
    document: &Document,
    names: &Names,
    formats: &'a Formats,
) -> Vec<(&'static str, Fact<'a>)> {
    let text = |text: &str| Fact::Text(text.to_owned());
    let grouping = if document.dimensions.is_empty() {
        "keine".to_owned()
    } else {
        document.dimensions.join(", ")
    };
    let mut facts = vec![
        ("Kennzahl", text(&document.label)),
        ("Name der Kennzahl", text(&document.indicator)),
        ("Jahr", Fact::Number(f64::from(document.year), &formats.plain)),
        ("Gliederung", Fact::Text(grouping)),
        ("Projekt", text(&document.project)),
        ("Zweck", text(&document.purpose)),
        ("Datenstand", text(&document.snapshot)),
        ("Mechanismus", Fact::Text(mechanism(&document.mechanism))),
        (
            "Halbe Breite des Intervalls",
            Fact::Text(match &document.margins {
                Some(margins) => margins.words(names),
                None => half_width(document.half_width),
            }),
        ),
        (
            "Ausgeblendet wird",
            Fact::Text(match document.withholding {
                Some(rule) => format!("eine Zeile, wenn gilt: {}", rule.words()),
                None => "nach der Regel der Kennzahl".to_owned(),
            }),
        ),
        (
            "Verbrauchtes Schutzbudget ρ (zCDP)",
            Fact::Number(nano(document.rho_nano), &formats.exact),
        ),
        ("entspricht höchstens ε", Fact::Number(document.eps, &formats.exact)),
        ("bei δ", Fact::Number(femto(document.delta_conv_femto), &formats.small)),
        ("dazu δ der Schwelle", Fact::Number(femto(document.delta_femto), &formats.small)),
        ("Garantie", text(&document.guarantee.kind)),
        ("Verlust weiterer Betroffener", Fact::Text(losses(document))),
        ("Wortlaut der Garantie (englisch)", text(&document.guarantee.text)),
        (
            "Verknüpfungsverfahren (SHA-256)",
            text(document.linkage_schema.as_deref().unwrap_or("nicht angegeben")),
        ),
        ("Prüfsumme der Richtlinien (SHA-256)", text(&document.policy_digest)),
        ("Eintrag im Protokoll", Fact::Number(whole(document.ledger.sequence), &formats.plain)),
        ("Kopf des Protokolls (SHA-256)", text(&document.ledger.head)),
        ("Trennung der Stellen", text(&document.separation)),
    ];
    if let Some(rate) = &document.rate {
        facts.extend([
            ("Quote", Fact::Text(format!("Personen {}", rate.words()))),
            ("Bevölkerung am", Fact::Text(format!("31.12.{}", rate.year))),
            ("Quelle der Bevölkerung", Fact::Text(rate.source.named())),
            ("Herausgeber", text(&rate.source.publisher)),
            ("Lizenz der Bevölkerungszahlen", text(&rate.source.licence)),
            ("abgerufen am", Fact::Text(rate.source.retrieved_words())),
        ]);
    }
    facts
}

fn mechanism(name: &str) -> String {
    match name {
        "discrete_gaussian" => {
            "diskrete Gauß-Verteilung (Canonne, Kamath, Steinke 2020), gezogen von opendp"
                .to_owned()
        }
        "discrete_laplace" => {
            "diskrete Laplace-Verteilung (Ghosh, Roughgarden, Sundararajan 2012), gezogen von opendp"
                .to_owned()
        }
        "discrete_gaussian_threshold" => {
            "diskrete Gauß-Verteilung mit Schwelle (Rogers 2023), gezogen von opendp".to_owned()
        }
        other => other.to_owned(),
    }
}

/// What a person who was split and a household lose, beside what a person does.
fn losses(document: &Document) -> String {
    let line = |own: &Loss| {
        let who = match own.of {
            Losing::Person => return None,
            Losing::Record => "ein geänderter Datensatz".to_owned(),
            Losing::Group(size) => {
                format!("als {size} Personen Geführte oder Haushalt aus {size} Personen")
            }
        };
        let rho = format!("{:.9}", nano(own.rho_nano)).replace('.', ",");
        let eps = own.eps.map(|eps| format!(", höchstens ε {}", Amount::Decimal(eps).german()));
        Some(format!("{who}: ρ {rho}{}", eps.unwrap_or_default()))
    };
    let lines: Vec<String> = document.guarantee.losses.iter().filter_map(line).collect();
    if lines.is_empty() { "nicht angegeben".to_owned() } else { lines.join("; ") }
}

fn half_width(half_width: HalfWidth) -> String {
    match half_width {
        HalfWidth::Exact(width) => format!("± {width} in jeder Zeile"),
        HalfWidth::Ranks(width) => format!("± {width} Personen im Rang"),
        HalfWidth::Threshold { lower_width, threshold } => format!(
            "höchstens {lower_width} Personen zu hoch; gezeigt wird nur, was verrauscht mehr als \
             {threshold} ergab"
        ),
        HalfWidth::Assumed { half_width: Some(width), assumed_count, least_count } => format!(
            "höchstens ± {} bei {assumed_count} Personen in der Zeile; ausgeblendet unter \
             {least_count} verrauschten Personen",
            Amount::Decimal(width).german()
        ),
        HalfWidth::Assumed { half_width: None, assumed_count, least_count } => format!(
            "eine Zeile mit {assumed_count} Personen wäre ausgeblendet; gezeigt wird ab \
             {least_count} verrauschten Personen"
        ),
    }
}

#[expect(clippy::cast_precision_loss, reason = "for showing; budgets lie far below 2^53")]
fn nano(rho: u64) -> f64 {
    rho as f64 / 1e9
}

#[expect(clippy::cast_precision_loss, reason = "a log has far less than 2^53 entries")]
fn whole(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "for showing; at most 1e12")]
fn femto(delta: u64) -> f64 {
    delta as f64 / 1e15
}
