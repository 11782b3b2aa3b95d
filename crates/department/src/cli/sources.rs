//! Commands around where an extract comes from.

use std::path::PathBuf;

use clap::{ArgMatches, Command};
use department::{Error, Language, SqlSource, export};
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
