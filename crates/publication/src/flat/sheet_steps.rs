//! The sheet „So aktualisieren“: how the numbers come into Excel and Power BI by themselves.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::BookStyle;

/// A line of the sheet.
enum Line {
    Title(&'static str),
    Text(String),
    Code(String),
}

pub(super) fn write(sheet: &mut Worksheet, style: BookStyle<'_>) -> Result<(), XlsxError> {
    let title = Format::new().set_bold().set_font_size(13);
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let code = Format::new().set_font_name("Consolas").set_font_size(10);
    sheet.set_column_width(0, 120)?;
    for (line, row) in lines(style).iter().zip(0_u32..) {
        match line {
            Line::Title(own) => sheet.write_string_with_format(row, 0, *own, &title)?,
            Line::Text(own) => sheet.write_string_with_format(row, 0, own, &text)?,
            Line::Code(own) => sheet.write_string_with_format(row, 0, own, &code)?,
        };
    }
    Ok(())
}

fn lines(style: BookStyle<'_>) -> Vec<Line> {
    let mut lines = vec![
        Line::Title("So aktualisieren"),
        Line::Text(format!(
            "{}. Die Tabelle „Freigaben“ in dieser Mappe ist der Stand ihres Abrufs. Mit einer \
             Abfrage holt Excel die Zahlen selbst und aktualisiert sie mit „Daten → Alle \
             aktualisieren“.",
            style.title
        )),
        Line::Text(String::new()),
        Line::Title("1. Als OData-Feed (empfohlen, auch in Power BI)"),
        Line::Text(
            "Daten → Daten abrufen → Aus anderen Quellen → Aus OData-Datenfeed. Adresse eintragen, \
             Anmeldung „Anonym“, Tabelle „Freigaben“ wählen:"
                .to_owned(),
        ),
        Line::Code(format!("{}/odata/", style.address)),
        Line::Text(
            "Oder: Daten → Daten abrufen → Power Query-Editor starten → Erweiterter Editor, und \
             diesen Text einfügen:"
                .to_owned(),
        ),
    ];
    lines.extend(query_odata(style).lines().map(|own| Line::Code(own.to_owned())));
    lines.push(Line::Text(String::new()));
    lines.push(Line::Title("2. Als CSV-Datei"));
    lines.extend(query_csv(style).lines().map(|own| Line::Code(own.to_owned())));
    lines.push(Line::Text(String::new()));
    lines.push(Line::Title("Beim Auswerten"));
    for own in [
        "Nur Zeilen mit aktuell = WAHR zeigen; ältere Freigaben bleiben zum Nachlesen stehen.",
        "Nie Zeilen verschiedener Ebenen addieren: in der Pivot-Tabelle auf eine „ebene“ filtern.",
        "„wert“ zeigen, mit „wert_unverzerrt“, „von“ und „bis“ rechnen und vergleichen.",
        "Ausgeblendete Zellen sind leer, nicht 0.",
    ] {
        lines.push(Line::Text(own.to_owned()));
    }
    lines
}

/// Power Query (M) that reads the feed.
fn query_odata(style: BookStyle<'_>) -> String {
    format!(
        "let\n    Quelle = OData.Feed(\"{}/odata/\", null, [Implementation = \"2.0\"]),\n    \
         Freigaben = Quelle{{[Name = \"Freigaben\", Signature = \"table\"]}}[Data],\n    \
         Aktuell = Table.SelectRows(Freigaben, each [projekt] = \"{}\" and [aktuell] = true)\nin\n    \
         Aktuell",
        style.address, style.project
    )
}

/// Power Query (M) that reads the CSV file.
fn query_csv(style: BookStyle<'_>) -> String {
    format!(
        "let\n    Quelle = Csv.Document(Web.Contents(\"{}/projects/{}/freigaben.csv\"), \
         [Delimiter = \",\", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),\n    \
         Kopf = Table.PromoteHeaders(Quelle, [PromoteAllScalars = true]),\n    \
         Zahlen = Table.TransformColumnTypes(Kopf, {{{{\"wert\", type number}}, \
         {{\"wert_unverzerrt\", type number}}, {{\"von\", type number}}, {{\"bis\", type number}}, \
         {{\"jahr\", Int64.Type}}, {{\"freigabe\", Int64.Type}}, {{\"stand\", type date}}, \
         {{\"aktuell\", type logical}}, {{\"ausgeblendet\", type logical}}, \
         {{\"summe\", type logical}}}}, \"en-US\"),\n    \
         Aktuell = Table.SelectRows(Zahlen, each [aktuell] = true)\nin\n    Aktuell",
        style.address, style.project
    )
}
