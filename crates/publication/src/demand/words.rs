//! What the model says of itself.

use super::{Demand, DemandGap, DemandRule, MODEL_MARK, Outlook};
use crate::population::Population;

/// All that is taken for granted.
pub(super) fn assumptions(rule: &DemandRule<'_>, year: u16, register: u16) -> Vec<String> {
    let mut said = vec![
        format!(
            "{MODEL_MARK}rechnung, keine Messung: Der Anteil der gezählten Personen an den Einwohnern \
             bleibt in jeder Gruppe so, wie er {year} war."
        ),
        "Das Intervall ist das der veröffentlichten Zahl. Es enthält den beigemischten Zufall, aber \
         keinen Fehler des Modells und keine Änderung von Gesetz oder Praxis."
            .to_owned(),
    ];
    match rule.outlook {
        Outlook::Published(published) => said.push(format!(
            "Einwohner nach {register}: veröffentlichte Vorausberechnung, {}.",
            published.source().german()
        )),
        Outlook::Cohorts => said.extend([
            format!(
                "Einwohner nach {register}: Jeder Jahrgang wird jedes Jahr ein Jahr älter. Niemand \
                 zieht zu oder weg, und unter {} Jahren stirbt niemand.",
                Population::LAST_PROJECTED + 1
            ),
            format!(
                "Unter Dreijährige bleiben so viele wie im Mittel der letzten Jahre (höchstens {}).",
                Population::YOUNGEST_OF
            ),
            "Wo das Register Altersklassen nennt, gelten alle Jahrgänge einer Klasse als gleich stark."
                .to_owned(),
        ]),
    }
    said.push(format!("Bevölkerung bis {register}: {}.", rule.residents.source().german()));
    said
}

impl DemandGap {
    /// For readers.
    #[must_use]
    pub fn german(&self) -> String {
        match self {
            Self::Withheld => "ausgeblendet".to_owned(),
            Self::Residents(gap) => format!("nicht berechenbar: {}", gap.german()),
        }
    }
}

impl Demand {
    /// Head of the section: `Modell: Kinder mit Leistungen, 2026 bis 2030`.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.years.first(), self.years.last()) {
            (Some(first), Some(last)) if first != last => {
                format!("{MODEL_MARK}: {}, {first} bis {last}", self.label)
            }
            (Some(only), _) => format!("{MODEL_MARK}: {}, {only}", self.label),
            (None, _) => format!("{MODEL_MARK}: {}", self.label),
        }
    }

    /// The table: heads, and one row per cell and coming year with whole persons.
    #[must_use]
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let heads = ["Gruppe", "Jahr", "Einwohner", "Personen", "von", "bis", "Art", "Hinweis"];
        let mut rows = Vec::new();
        for row in &self.rows {
            match &row.coming {
                Err(gap) => {
                    let mut line = vec![String::new(); heads.len()];
                    line.splice(..1, [row.row.clone()]);
                    line.truncate(heads.len() - 2);
                    line.extend([MODEL_MARK.to_owned(), gap.german()]);
                    rows.push(line);
                }
                Ok(years) => rows.extend(years.iter().map(|own| {
                    let [value, low, high] = [own.numbers.value, own.numbers.low, own.numbers.high]
                        .map(crate::Amount::plain);
                    let hint = if row.known { "" } else { "zu unsicher" };
                    vec![
                        row.row.clone(),
                        own.year.to_string(),
                        own.residents.to_string(),
                        value,
                        low,
                        high,
                        MODEL_MARK.to_owned(),
                        hint.to_owned(),
                    ]
                })),
            }
        }
        (heads.map(str::to_owned).to_vec(), rows)
    }
}
