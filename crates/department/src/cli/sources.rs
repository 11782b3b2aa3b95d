//! Commands around where an extract comes from.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use department::{Error, Guess, GuessSettings, Language, Settings, SqlSource, export, guess};
use policy::{Name, PolicySet};
use ring::rand::SystemRandom;
use serde_json::json;

use super::grammar::{example, file, operand};
use super::terminal::Bar;

/// `export` in the grammar.
pub(super) fn export_command(l: Language) -> Command {
    Command::new("export")
        .about(l.pick(
            "Auszug aus der eigenen Datenbank holen (PostgreSQL, MySQL, SQLite), nur lesend",
            "fetch an extract from the department's own database, read-only",
        ))
        .after_help(example(l, "export quellen/wohngeld.toml --output wohngeld.csv"))
        .arg(operand("source", l.pick("QUELLE", "SOURCE")).help(l.pick(
            "Datenbank und Abfrage, siehe policies/mappings/README.md",
            "database and query, see policies/mappings/README.md",
        )))
        .arg(
            file(l, "output")
                .required(true)
                .help(l.pick("neue CSV-Datei (0600)", "new CSV file (0600)")),
        )
}

/// Runs `export`.
pub(super) fn run_export(own: &ArgMatches, l: Language, as_json: bool) -> Result<(), Error> {
    let path = |name: &str| own.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let output = path("output");
    let source = SqlSource::load(&path("source"))?;
    let bar = Bar::new(l);
    let rows = export(&source, &output, &|rows| bar.spin(rows))?;
    drop(bar);
    let output = output.display().to_string();
    if as_json {
        println!("{:#}", json!({ "file": output, "rows": rows }));
    } else {
        println!("{:32} {rows}", l.pick("Datensätze", "records"));
        println!("{:32} {output}", l.pick("Datei", "file"));
    }
    Ok(())
}

/// `mapping` in the grammar.
pub(super) fn mapping_command(l: Language) -> Command {
    let text = |name: &'static str| {
        Arg::new(name).long(name).value_name("NAME").value_parser(clap::value_parser!(String))
    };
    let guess = Command::new("guess")
        .about(l.pick(
            "Zuordnung zu einem Auszug vorschlagen, mit Begründungen zum Berichtigen",
            "propose a mapping for an extract, with reasons, to be corrected",
        ))
        .after_help(example(
            l,
            "mapping guess wohngeld.xlsx --policies policies --output wohngeld.toml",
        ))
        .arg(
            operand("extract", l.pick("AUSZUG", "EXTRACT"))
                .help(l.pick("CSV-Datei oder Excel-Arbeitsmappe", "CSV file or Excel workbook")),
        )
        .arg(text("dataset").help(l.pick(
            "Datenbestand des Katalogs (sonst wird er erkannt)",
            "dataset of the catalogue (else it is told from the file)",
        )))
        .arg(text("sheet").help(l.pick(
            "Blatt der Arbeitsmappe, wenn es mehrere gibt",
            "sheet of the workbook, where it has several",
        )))
        .arg(
            file(l, "output").help(
                l.pick("neue Datei (sonst auf den Bildschirm)", "new file (else to the screen)"),
            ),
        )
        .arg(file(l, "policies").help(l.pick(
            "Ordner policies (sonst aus den Einstellungen)",
            "the policies folder (else from the settings)",
        )));
    Command::new("mapping")
        .about(l.pick("Zuordnungen vorschlagen", "propose mappings"))
        .after_help(example(l, "mapping guess --help"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand_value_name(l.pick("BEFEHL", "COMMAND"))
        .subcommand_help_heading(l.pick("Befehle", "Commands"))
        .subcommand(guess)
}

/// Runs `mapping guess`.
pub(super) fn run_mapping(own: &ArgMatches, l: Language) -> Result<(), Error> {
    let Some((_, own)) = own.subcommand() else { return Ok(()) };
    let path = |name: &str| own.get_one::<PathBuf>(name).cloned();
    let text = |name: &str| own.get_one::<String>(name).map(String::as_str);
    let policies = match path("policies") {
        Some(folder) => PolicySet::load(&folder)?,
        None => Settings::load(&path("settings").unwrap_or_default())?.read_policies()?,
    };
    let dataset = text("dataset").map(|name| {
        let known: Vec<&str> = policies.catalogue.datasets.keys().map(Name::as_str).collect();
        let reason = format!("{name}: {}", known.join(", "));
        Name::new(name).map_err(|_| Error::Settings { path: "--dataset".into(), reason })
    });
    let found = guess(&GuessSettings {
        extract: &path("extract").unwrap_or_default(),
        sheet: text("sheet"),
        catalogue: &policies.catalogue,
        dataset: dataset.transpose()?.as_ref(),
        random: &SystemRandom::new(),
    })?;
    if let Some(output) = path("output") {
        found.save(&output)?;
    }
    print_guess(&found, path("output"), l, own.get_flag("json"));
    Ok(())
}

fn print_guess(found: &Guess, output: Option<PathBuf>, l: Language, as_json: bool) {
    let open = found.undecided();
    let shown = output.map(|path| path.display().to_string());
    if as_json {
        let columns = found.columns.iter().map(|column| {
            json!({
                "name": column.name, "role": column.role.name(), "reason": column.reason,
            })
        });
        let columns: Vec<_> = columns.collect();
        let json = json!({
            "dataset": found.dataset, "columns": columns, "absent": found.absent,
            "undecided": open, "file": shown, "mapping": found.toml,
        });
        println!("{json:#}");
        return;
    }
    let Some(file) = shown else {
        print!("{}", found.toml);
        return;
    };
    let dataset = found.dataset.as_ref().map_or("?", |name| name.as_str());
    println!("{:32} {dataset}", l.pick("Datenbestand", "dataset"));
    println!("{:32} {}", l.pick("Spalten", "columns"), found.columns.len());
    println!("{:32} {}", l.pick("zu entscheiden", "to decide"), open.join("; "));
    println!("{:32} {file}", l.pick("Datei, zu berichtigen", "file, to be corrected"));
}
