//! How a released number is cited, so that others find it and do not take it for exact.

use publication::{Amount, Cell, Document, Names};

/// A number as a sentence and for a list of references.
pub(crate) struct Citation {
    pub(crate) sentence: String,
    pub(crate) bibtex: String,
}

/// What a document does not say of itself.
pub(crate) struct Published<'a> {
    /// Who publishes, such as `Landkreis Darmstadt-Dieburg`.
    pub(crate) county: &'a str,
    /// Day of the release, as Germans write it, where it is known.
    pub(crate) day: &'a str,
    /// Its year.
    pub(crate) year: i16,
    /// Where everybody can read the table.
    pub(crate) address: &'a str,
}

impl Citation {
    /// Cites a cell of a document; a withheld one is cited as withheld.
    pub(crate) fn of(
        document: &Document,
        cell: Option<&Cell>,
        names: &Names,
        published: &Published<'_>,
    ) -> Self {
        let Published { county, day, year, address } = published;
        let unit = names.unit(document).map_or_else(String::new, |own| format!(" {}", own.words));
        let number = match cell.and_then(|cell| cell.numbers) {
            Some(own) => format!(
                "{}{unit} ({}-%-Intervall {} bis {})",
                own.value.german(),
                document.percent(),
                own.low.german(),
                own.high.german()
            ),
            None => match cell.and_then(|cell| cell.at_least) {
                Some(own) => {
                    format!("{}{unit} (wenigstens {})", own.value.german(), own.low.german())
                }
                None => "ausgeblendet, weil zu unsicher".to_owned(),
            },
        };
        let row = cell.map_or_else(|| "insgesamt".to_owned(), |cell| names.row(cell));
        let sequence = document.ledger.sequence;
        let label = &document.label;
        let sentence = format!(
            "{county}: „{label}“, {row}, Daten des Jahres {}: {number}. Freigabe Nr. {sequence} vom \
             {day} für den Zweck {}, mit Zufall geschützt (ρ = {}, ε ≤ {}). {address}",
            document.year,
            document.purpose,
            super::number(
                crate::api::Language::German,
                crate::pages::figures::rho(document.rho_nano)
            ),
            Amount::Decimal((document.eps * 100.0).ceil() / 100.0).german(),
        );
        let bibtex = format!(
            "@misc{{{}-{sequence}-{},\n  author = {{{{{}}}}},\n  title = {{{{{}}}}},\n  year = {{{year}}},\n  \
             note = {{Daten des Jahres {}; {}: {}; Freigabe Nr. {sequence} vom {day}}},\n  url = {{{}}}\n}}\n",
            document.project,
            document.indicator,
            braced(county),
            braced(label),
            document.year,
            braced(&row),
            braced(&number).replace('%', "\\%"),
            braced(address),
        );
        Self { sentence, bibtex }
    }
}

/// Text inside braces of BibTeX, where braces and a backslash would end something.
fn braced(text: &str) -> String {
    text.chars().filter(|own| !matches!(own, '{' | '}' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::braced;

    #[test]
    fn nothing_ends_a_field_of_bibtex() {
        assert_eq!(braced("a}b{c\\d"), "abcd");
    }
}
