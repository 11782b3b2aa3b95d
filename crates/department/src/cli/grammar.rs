//! Commands and options with their help, in either language.

use clap::{Arg, ArgAction, Command, value_parser};
use department::Language;
use std::path::PathBuf;
use submission::Month;

use super::{clks, keys, sources};

const TEMPLATE: [&str; 2] = [
    "{about-with-newline}\nAufruf: {usage}\n\n{all-args}{after-help}",
    "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}",
];

const AFTER: [&str; 2] = [
    "Beendigung:\n  0 in Ordnung\n  2 Aufruf, Einstellungen, Schreibfehler\n\
     \x20 3 Auszug oder Liste abgelehnt\n  4 Schlüssel\n  5 Zuordnung oder Vereinbarung\n\
     \x20 6 Stelle lehnt ab\n  7 Stelle nicht erreichbar\n\n\
     Beispiel:\n  milchglas-department profile sgb2.csv --mapping policies/mappings/sgb2.toml \
     --period 2022-01..2025-12",
    "Exit codes:\n  0 fine\n  2 command line, settings, cannot write\n\
     \x20 3 extract or list refused\n  4 key\n  5 mapping or policies\n\
     \x20 6 unit refuses\n  7 unit unreachable\n\n\
     Example:\n  milchglas-department profile sgb2.csv --mapping policies/mappings/sgb2.toml \
     --period 2022-01..2025-12",
];

/// The whole grammar.
pub(super) fn program(language: Language) -> Command {
    let l = language;
    let heading = l.pick("Optionen", "Options");
    Command::new("milchglas-department")
        .version(env!("CARGO_PKG_VERSION"))
        .about(l.pick(
            "Kodiert die Auszüge eines Amtes und sendet sie; Namen und Fallnummern bleiben im \
             Haus.",
            "Encodes a department's extracts and submits them; names and case numbers stay here.",
        ))
        .after_help(l.pick(AFTER[0], AFTER[1]))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .subcommand_value_name(l.pick("BEFEHL", "COMMAND"))
        .subcommand_help_heading(l.pick("Befehle", "Commands"))
        .help_template(l.pick(TEMPLATE[0], TEMPLATE[1]))
        .next_help_heading(heading)
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("de|en")
                .default_value("de")
                .value_parser(["de", "en"])
                .hide_possible_values(true)
                .hide_default_value(true)
                .global(true)
                .help(l.pick("Sprache der Meldungen", "language of the messages")),
        )
        .arg(flag("json").global(true).help(l.pick("Ergebnis als JSON", "result as JSON")))
        .arg(
            Arg::new("settings")
                .long("settings")
                .value_name(l.pick("DATEI", "FILE"))
                .default_value("department.toml")
                .value_parser(value_parser!(PathBuf))
                .hide_default_value(true)
                .global(true)
                .help(l.pick(
                    "Einstellungen des Amtes (sonst department.toml)",
                    "the department's settings (else department.toml)",
                )),
        )
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .global(true)
                .help(l.pick("Diese Hilfe", "this help")),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(l.pick("Version", "version")),
        )
        .subcommands(
            [
                keygen(l),
                keys::command(l),
                check(l),
                profile(l),
                encode(l),
                submit(l),
                withdraw(l),
                show(l),
                sources::mapping_command(l),
                sources::export_command(l),
                clks::schema_command(l),
                clks::convert_command(l),
                station(l),
            ]
            .map(|command| shape(command, l).mut_subcommands(|own| shape(own, l))),
        )
}

/// Headings of one command in either language.
fn shape(command: Command, l: Language) -> Command {
    let heading = l.pick("Optionen", "Options");
    command
        .help_template(l.pick(TEMPLATE[0], TEMPLATE[1]))
        .mut_args(|argument| argument.help_heading(heading))
}

pub(super) fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

pub(super) fn operand(name: &'static str, shown: &'static str) -> Arg {
    Arg::new(name).value_name(shown).value_parser(value_parser!(PathBuf)).required(true)
}

pub(super) fn file(l: Language, name: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(l.pick("DATEI", "FILE"))
        .value_parser(value_parser!(PathBuf))
}

fn extract(l: Language) -> Arg {
    Arg::new("extract")
        .value_name(l.pick("AUSZUG", "EXTRACT"))
        .value_parser(value_parser!(PathBuf))
        .required(true)
        .help(l.pick(
            "CSV-Datei oder Excel-Arbeitsmappe des Fachverfahrens",
            "CSV file or Excel workbook of the specialist software",
        ))
}

fn mapping(l: Language) -> Arg {
    file(l, "mapping").required(true).help(l.pick(
        "was die Spalten bedeuten, etwa policies/mappings/sgb2.toml",
        "what the columns mean, such as policies/mappings/sgb2.toml",
    ))
}

fn period(l: Language) -> Arg {
    Arg::new("period")
        .long("period")
        .value_name("yyyy-mm..yyyy-mm")
        .value_parser(parse_period)
        .required(true)
        .help(l.pick("erster und letzter Monat", "first and last month"))
}

fn objections(l: Language) -> Arg {
    file(l, "objections").help(l.pick(
        "Widersprüche: je Zeile eine Fallnummer oder Nachname;Vornamen;Geburtsdatum",
        "objections: per line a case number or surname;given names;date of birth",
    ))
}

/// First and last month of a delivery.
pub(super) type Months = (Month, Month);

fn parse_period(text: &str) -> Result<Months, String> {
    let (from, to) = text.split_once("..").ok_or("yyyy-mm..yyyy-mm")?;
    let month = |text: &str| text.parse::<Month>().map_err(|e| e.to_string());
    let (from, to) = (month(from)?, month(to)?);
    if from > to { Err("yyyy-mm..yyyy-mm".into()) } else { Ok((from, to)) }
}

pub(super) fn example(l: Language, line: &str) -> String {
    format!("{}:\n  milchglas-department {line}", l.pick("Beispiel", "Example"))
}

fn keygen(l: Language) -> Command {
    Command::new("keygen")
        .about(l.pick("Schlüsseldatei erzeugen (0600)", "create a key file (0600)"))
        .after_help(example(l, "keygen signing --output keys/signing.key"))
        .arg(
            Arg::new("kind")
                .value_name(l.pick("ART", "KIND"))
                .value_parser(["master", "linkage", "department", "signing", "register"])
                .required(true)
                .help(l.pick(
                    "Schlüsselstelle: master oder linkage; Amt: department, signing, register",
                    "key custodian: master or linkage; department: department, signing, register",
                ))
                .hide_possible_values(true),
        )
        .arg(file(l, "output").required(true).help(l.pick("neue Datei", "new file")))
}

fn check(l: Language) -> Command {
    Command::new("check")
        .about(l.pick(
            "Prüfwert von Schlüssel und Schema zeigen, für die Schlüsselstelle",
            "show the check value of key and schema, for the key custodian",
        ))
        .after_help(example(l, "check"))
}

fn profile(l: Language) -> Command {
    Command::new("profile")
        .about(l.pick(
            "Datenqualität eines Auszugs zeigen, bevor etwas gesendet wird",
            "show the data quality of an extract before anything is sent",
        ))
        .after_help(example(
            l,
            "profile sgb2.csv --mapping policies/mappings/sgb2.toml --period 2022-01..2025-12",
        ))
        .args([extract(l), mapping(l), period(l), objections(l)])
        .arg(file(l, "policies").help(l.pick(
            "Ordner policies (sonst aus den Einstellungen)",
            "the policies folder (else from the settings)",
        )))
}

fn encode(l: Language) -> Command {
    Command::new("encode")
        .about(l.pick(
            "Auszug kodieren: beide Hälften in den Ausgangsordner schreiben",
            "encode an extract: write both halves to the outbox",
        ))
        .after_help(format!(
            "{}\n{}",
            example(
                l,
                "encode sgb2.csv --mapping policies/mappings/sgb2.toml --period 2022-01..2025-12",
            ),
            "  milchglas-department encode --schema clkhash.json --key-file geheimnis --input \
             personen.csv --output clks.json",
        ))
        .args(
            [extract(l), mapping(l), period(l)]
                .map(|argument| argument.required(false).required_unless_present("schema")),
        )
        .arg(objections(l))
        .args(clks::table_options(l))
        .arg(flag("amend").help(l.pick(
            "Berichtigung: nur die Fälle des Auszugs ersetzen",
            "correction: replace only the extract's cases",
        )))
        .arg(file(l, "withdraw").requires("amend").help(l.pick(
            "zusätzlich diese Fälle entfernen, je Zeile eine Nummer",
            "also remove these cases, one number per line",
        )))
}

fn withdraw(l: Language) -> Command {
    Command::new("withdraw")
        .about(l.pick("Fälle früherer Lieferungen entfernen", "remove cases of earlier batches"))
        .after_help(example(
            l,
            "withdraw --cases faelle.txt --mapping policies/mappings/kita.toml --period \
             2022-01..2025-12",
        ))
        .arg(
            file(l, "cases")
                .required(true)
                .help(l.pick("je Zeile eine Fallnummer", "one case number per line")),
        )
        .args([mapping(l), period(l)])
}

fn submit(l: Language) -> Command {
    Command::new("submit")
        .about(l.pick(
            "Lieferung an beide Stellen senden; darf wiederholt werden",
            "submit a batch to both units; may be repeated",
        ))
        .after_help(example(l, "submit outbox/sgb2-0a1b2c3d4e5f60718293a4b5c6d7e8f9"))
        .arg(
            Arg::new("batch")
                .value_name(l.pick("ORDNER", "FOLDER"))
                .value_parser(value_parser!(PathBuf))
                .required(true)
                .help(l.pick("Ordner der Lieferung", "folder of the batch")),
        )
}

fn show(l: Language) -> Command {
    Command::new("show")
        .about(l.pick(
            "Zeilen eines Teils zeigen, genau wie sie reisen",
            "show rows of a chunk exactly as they travel",
        ))
        .after_help(example(
            l,
            "show outbox/sgb2-0a1b2c3d4e5f60718293a4b5c6d7e8f9/measures/0000.arrow",
        ))
        .arg(
            Arg::new("chunk")
                .value_name(l.pick("TEIL", "CHUNK"))
                .value_parser(value_parser!(PathBuf))
                .required(true)
                .help(
                    l.pick("NNNN.arrow im Ordner einer Lieferung", "NNNN.arrow in a batch folder"),
                ),
        )
        .arg(
            Arg::new("rows")
                .long("rows")
                .value_name("N")
                .value_parser(value_parser!(u16))
                .default_value("2")
                .hide_default_value(true)
                .help(l.pick("Zahl der Zeilen (sonst 2)", "number of rows (else 2)")),
        )
        .arg(file(l, "policies").help(l.pick(
            "Ordner policies (sonst aus den Einstellungen)",
            "the policies folder (else from the settings)",
        )))
}

fn station(l: Language) -> Command {
    Command::new("station")
        .about(l.pick(
            "einen Ordner auf einer Freigabe überwachen: erkennen, kodieren, senden, berichten",
            "watch a folder on a share: recognise, encode, submit, report",
        ))
        .after_help(format!(
            "{}\n\n{}",
            l.pick(
                "Läuft, bis es beendet wird; Neustart jederzeit. Einrichtung: docs/de/station.md",
                "Runs until it is ended; may be restarted at any time. See docs/de/station.md",
            ),
            example(l, "station --settings /etc/milchglas/department.toml")
        ))
        .arg(flag("once").help(
            l.pick("nur verarbeiten, was da liegt, dann enden", "process what is there, then end"),
        ))
        .arg(
            flag("status")
                .conflicts_with("once")
                .help(l.pick("nur das Journal zeigen", "only show the journal")),
        )
}
