//! `milchglas init`: a folder for a county that has nothing yet.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::init::{Answers, Done, ask, enter, init, refuse_what_holds_something};

/// Write a new county's folder, or enter public keys into it.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  milchglas init kreis --municipalities GV100AD_301123.txt\n  milchglas \
                  init kreis --answers antworten.toml --json\n  milchglas init uebung --uebung \
                  --answers antworten.toml\n  milchglas init kreis --enter\n\nA file of answers:\n  \
                  ags = \"06437\"\n  name = \"Odenwaldkreis\"\n  municipalities = \"gemeinden.csv\"   # \
                  ags;name, also plz and sozialraum; or GV100AD\n  epoch = 2026\n  [[department]]\n  \
                  name = \"jugendamt\"\n  datasets = [\"hze\", \"kita\"]\n\nA folder that holds anything \
                  is refused. docs/de/uebernehmen.md leads through the rest."
)]
pub(crate) struct Init {
    /// The new folder
    folder: PathBuf,
    /// File of answers (TOML); without it the terminal is asked
    #[arg(long, conflicts_with = "enter")]
    answers: Option<PathBuf>,
    /// File with the municipalities: GV100AD, or CSV ags;name
    #[arg(long, visible_alias = "gv100ad", conflicts_with = "enter")]
    municipalities: Option<PathBuf>,
    /// An exercise with made-up people: makes keys and tokens too, and refuses real deliveries
    #[arg(long, conflicts_with = "enter")]
    uebung: bool,
    /// Enter what lies in FOLDER/oeffentlich into the configurations of a folder written before
    #[arg(long)]
    enter: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if self.enter {
            return self.enter();
        }
        refuse_what_holds_something(&self.folder)?;
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        let mut answers = match &self.answers {
            Some(path) => Answers::read(path)?,
            None if std::io::stdin().is_terminal() => {
                let year = u16::try_from(today.year())?;
                let input = &mut std::io::stdin().lock();
                ask(input, &mut std::io::stderr(), self.municipalities.clone(), year)?
            }
            None => bail!("this is no terminal: name a file with --answers"),
        };
        if let Some(path) = &self.municipalities {
            answers.municipalities.clone_from(path);
        }
        let done = init(&self.folder, answers, self.uebung, today)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&done)?);
        } else {
            print!("{}", shown(&done));
        }
        Ok(())
    }

    fn enter(&self) -> anyhow::Result<()> {
        let entered = enter(&self.folder)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&json!(entered))?);
            return Ok(());
        }
        println!("{} Stellen ausgefüllt", entered.filled);
        for own in &entered.missing {
            println!("fehlt noch: {own}");
        }
        if entered.missing.is_empty() {
            println!("beide Stellen können starten");
        }
        Ok(())
    }
}

fn shown(done: &Done) -> String {
    format!(
        "{}: Projekt {}, {} Gemeinden, {} Kennzahlen, {} Fälle bestanden{}\nWeiter mit {}\n",
        done.folder.display(),
        done.project,
        done.municipalities,
        done.indicators.len(),
        done.cases,
        if done.exercise { ", Übung mit eigenen Schlüsseln und Token" } else { "" },
        done.checklist.display()
    )
}
