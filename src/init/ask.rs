//! Questions on a terminal, for a county that brings no file of answers.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};
use policy::Name;

use super::answers::{Answers, Department, USUAL_CAP};
use super::dataset::DATASETS;
use super::shape::digits;

/// How often an answer may be wrong before the program gives up.
const TRIES: usize = 5;

/// Asks everything that a folder needs; `municipalities` is not asked where it was named already.
///
/// # Errors
/// Where the input ends, or an answer stays wrong.
pub(crate) fn ask(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    municipalities: Option<PathBuf>,
    year: u16,
) -> anyhow::Result<Answers> {
    let mut own = Asker { input, output };
    own.say("Ein Ordner für einen neuen Kreis. Enter nimmt, was in Klammern steht.\n")?;
    let ags = own.value("Kreisschlüssel (fünf Ziffern)", None, |text| {
        (text.len() == 5 && text.bytes().all(|own| own.is_ascii_digit())).then(|| text.to_owned())
    })?;
    let name = own.value("Name des Kreises", None, some)?;
    let controller =
        own.value("Verantwortliche Stelle", Some(&format!("Verwaltung: {name}")), some)?;
    let officer =
        own.value("Datenschutz (Person oder Amt)", Some("Datenschutzbeauftragte"), some)?;
    let head =
        own.value("Zweite Person der Freigabe", Some("Leitung des Sozialdezernats"), some)?;
    let municipalities = match municipalities {
        Some(path) => path,
        None => own.value(
            "Datei der Gemeinden (GV100AD, oder CSV ags;name;plz;sozialraum)",
            None,
            |text| Some(PathBuf::from(text)).filter(|own| own.is_file()),
        )?,
    };
    let epoch = own.value("Jahr der ersten Epoche", Some(&year.to_string()), parsed)?;
    let usual = digits(USUAL_CAP);
    let cap = own.value("Zusage je Ereignisjahr in 1e-9 rho", Some(&usual), |text| {
        parsed(&text.replace(['_', '.'], ""))
    })?;
    let mut answers = Answers::new(ags, name, municipalities, epoch);
    answers.cap_nano_rho = cap;
    (answers.controller, answers.officer, answers.head) = (controller, officer, head);
    own.say("Wer liefert? Kurzer Name des Amtes, oder - wo der Kreis die Daten nicht hat.\n")?;
    for dataset in &DATASETS {
        let office = own.value(&format!("  {}", dataset.word), Some(dataset.office), |text| {
            if text == "-" { Some(None) } else { Name::new(text).ok().map(Some) }
        })?;
        let Some(office) = office else { continue };
        let code = Name::new(dataset.code)?;
        match answers.departments.iter_mut().find(|own| own.name == office) {
            Some(known) => known.datasets.push(code),
            None => answers.departments.push(Department { name: office, datasets: vec![code] }),
        }
    }
    let (linkage, statistics) = (answers.linkage_url.clone(), answers.statistics_url.clone());
    answers.linkage_url = own.value("Adresse der Verknüpfungsstelle", Some(&linkage), some)?;
    answers.statistics_url = own.value("Adresse der Statistikstelle", Some(&statistics), some)?;
    Ok(answers)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|own| !own.is_empty())
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

struct Asker<'a> {
    input: &'a mut dyn BufRead,
    output: &'a mut dyn Write,
}

impl Asker<'_> {
    fn say(&mut self, text: &str) -> anyhow::Result<()> {
        self.output.write_all(text.as_bytes())?;
        Ok(self.output.flush()?)
    }

    fn value<T>(
        &mut self,
        question: &str,
        usual: Option<&str>,
        read: impl Fn(&str) -> Option<T>,
    ) -> anyhow::Result<T> {
        for _ in 0..TRIES {
            let bracket = usual.map(|own| format!(" [{own}]")).unwrap_or_default();
            self.say(&format!("{question}{bracket}: "))?;
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                bail!("the answers ended at: {question}; name a file with --answers");
            }
            let text = match line.trim() {
                "" => usual.unwrap_or_default(),
                own => own,
            };
            if let Some(value) = read(text) {
                return Ok(value);
            }
            self.say("Das passt nicht.\n")?;
        }
        None.with_context(|| format!("no fitting answer to: {question}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> (anyhow::Result<Answers>, String) {
        let mut output = Vec::new();
        let answers = ask(&mut text.as_bytes(), &mut output, Some("g.csv".into()), 2026);
        (answers, String::from_utf8(output).unwrap())
    }

    #[test]
    fn enter_takes_the_usual_and_a_dash_leaves_a_dataset_out() {
        let text =
            "643\n06437\nOdenwaldkreis\n\n\n\n\n250_000_000\n-\n\n-\n-\n\njugendamt\n-\n-\n\n\n";
        let (answers, shown) = asked(text);
        let answers = answers.unwrap();
        assert!(shown.contains("Das passt nicht"), "{shown}");
        assert_eq!((answers.epoch, answers.cap_nano_rho), (2026, 250_000_000));
        let own: Vec<String> = answers
            .departments
            .iter()
            .map(|own| format!("{} {:?}", own.name, own.datasets.len()))
            .collect();
        assert_eq!(own, ["wohngeldstelle 1", "jugendamt 2"]);
    }

    #[test]
    fn an_end_is_no_answer() {
        let (answers, _) = asked("06437\n");
        assert!(answers.unwrap_err().to_string().contains("--answers"));
    }
}
