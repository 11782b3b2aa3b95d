//! Commands around clkhash: plain tables in, encodings out.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use department::{
    ClkFormat, ClkReport, EncodeTable, Error, Language, convert, encode_table, explain, read_schema,
};
use encoder::clkhash::Trim;
use policy::AnySchema;
use serde_json::json;

use super::grammar::{example, file, flag, operand};
use super::rows;
use super::terminal::Bar;

/// Options of `encode` for a plain table.
pub(super) fn table_options(l: Language) -> Vec<Arg> {
    let own = |argument: Arg| argument.requires("schema");
    vec![
        file(l, "schema")
            .requires("key-file")
            .requires("input")
            .requires("output")
            .conflicts_with_all(["extract", "mapping", "period", "objections", "amend"])
            .help(l.pick(
                "statt AUSZUG: Linkage-Schema, auch von clkhash (Altbestand, schwächer)",
                "instead of EXTRACT: linkage schema, also of clkhash (legacy, weaker)",
            )),
        own(file(l, "key-file")).help(l.pick(
            "Linkage-Schlüssel, bei clkhash Datei mit dem Geheimnis (0600)",
            "linkage key, with clkhash a file with the secret (0600)",
        )),
        own(file(l, "input")).help(l.pick(
            "CSV in UTF-8; die erste Zeile nennt die Merkmale des Schemas",
            "CSV in UTF-8; the first line names the schema's features",
        )),
        own(file(l, "output"))
            .help(l.pick("neue Datei für die Kodierungen", "new file for the encodings")),
        own(format_option(l)),
        own(Arg::new("delimiter"))
            .long("delimiter")
            .value_name(l.pick("ZEICHEN", "CHARACTER"))
            .value_parser(delimiter)
            .help(l.pick("Trennzeichen (sonst Komma)", "between cells (else a comma)")),
        own(flag("header")).conflicts_with("no-header").help(l.pick(
            "mit Kopfzeile, die geprüft wird (so ist es ohne Angabe)",
            "with a header, which is checked (the default)",
        )),
        own(flag("no-header")).help(l.pick("ohne Kopfzeile", "without a header")),
        own(flag("trim")).help(l.pick(
            "Leerraum um Zellen abschneiden, wie clkhash bis 0.18.1",
            "cut white space around cells, as clkhash up to 0.18.1",
        )),
        own(flag("empty-rows")).help(l.pick(
            "Zeilen ohne Inhalt leer kodieren statt abzulehnen",
            "encode rows without content as empty instead of refusing them",
        )),
    ]
}

fn format_option(l: Language) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("json|clknblocks|binary")
        .value_parser(["json", "clknblocks", "binary"])
        .hide_possible_values(true)
        .action(ArgAction::Set)
        .help(l.pick("Form der Ausgabe (sonst json)", "form of the output (else json)"))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Ok(*byte),
        _ if text == "\\t" => Ok(b'\t'),
        _ => Err("one ASCII character, such as ; or \\t".into()),
    }
}

fn format(own: &ArgMatches) -> ClkFormat {
    let name = own.get_one::<String>("format").map(String::as_str);
    name.and_then(ClkFormat::from_name).unwrap_or(ClkFormat::Json)
}

/// Runs `encode --schema`.
pub(super) fn run_encode(own: &ArgMatches, l: Language, as_json: bool) -> Result<(), Error> {
    let path = |name: &str| own.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let schema_path = path("schema");
    let schema = match read_schema(&schema_path)? {
        AnySchema::Clkhash(schema) => schema,
        AnySchema::Milchglas(schema) => {
            return rows::run_encode(&schema, &schema_path, own, l, as_json);
        }
    };
    let (key, input, output) = (path("key-file"), path("input"), path("output"));
    let bar = Bar::new(l);
    let report = encode_table(&EncodeTable {
        schema: &schema,
        key: &key,
        input: &input,
        output: &output,
        format: format(own),
        delimiter: own.get_one::<u8>("delimiter").copied().unwrap_or(b','),
        header: !own.get_flag("no-header"),
        trim: if own.get_flag("trim") { Trim::Cut } else { Trim::Keep },
        empty_rows: own.get_flag("empty-rows"),
        progress: &|rows| bar.spin(rows),
    })?;
    drop(bar);
    print_report(&report, &output.display().to_string(), l, as_json);
    Ok(())
}

fn print_report(report: &ClkReport, output: &str, l: Language, as_json: bool) {
    for warning in &report.warnings {
        eprintln!("{}: {}", l.pick("Achtung", "warning"), warning.text(l));
    }
    if as_json {
        println!("{:#}", json!({ "file": output, "report": report }));
        return;
    }
    let bits = report.bits;
    println!("{:32} {}", l.pick("Datensätze", "records"), report.records);
    println!(
        "{:32} {}/{bits}",
        l.pick("gesetzte Bits im Mittel", "mean set bits"),
        report.mean_set_bits
    );
    println!(
        "{:32} {} .. {}",
        l.pick("wenigste, meiste", "fewest, most"),
        report.least_set_bits,
        report.most_set_bits
    );
    println!("{:32} {}", l.pick("leere Zeilen", "empty rows"), report.empty_rows);
    println!("{:32} {output}", l.pick("Datei", "file"));
}

/// `convert` in the grammar.
pub(super) fn convert_command(l: Language) -> Command {
    Command::new("convert")
        .about(l.pick(
            "Datei mit Kodierungen von clkhash in eine andere Form bringen",
            "turn a file of clkhash encodings into another form",
        ))
        .after_help(example(l, "convert clks.json --output clks.bin --format binary"))
        .arg(operand("input", l.pick("EINGABE", "INPUT")).help(l.pick(
            "clks, clknblocks (werden erkannt) oder binär (mit --bits)",
            "clks, clknblocks (which are told) or binary (with --bits)",
        )))
        .arg(file(l, "output").required(true).help(l.pick("neue Datei", "new file")))
        .arg(format_option(l))
        .arg(
            Arg::new("bits").long("bits").value_name("N").value_parser(value_parser!(u32)).help(
                l.pick("Eingabe ist binär, N Bit je Kodierung", "input is binary, N bits each"),
            ),
        )
}

/// Runs `convert`.
pub(super) fn run_convert(own: &ArgMatches, l: Language, as_json: bool) -> Result<(), Error> {
    let path = |name: &str| own.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let (input, output) = (path("input"), path("output"));
    let done = convert(&input, own.get_one::<u32>("bits").copied(), &output, format(own))?;
    let output = output.display().to_string();
    if as_json {
        let json = json!({
            "file": output, "records": done.records, "filter_bytes": done.filter_bytes,
        });
        println!("{json:#}");
    } else {
        println!(
            "{:32} {}",
            l.pick("Kodierungen (Hash-Count)", "encodings (Hash-Count)"),
            done.records
        );
        println!(
            "{:32} {}",
            l.pick("Bytes je Kodierung (Hash-Size)", "bytes each (Hash-Size)"),
            done.filter_bytes
        );
        println!("{:32} {output}", l.pick("Datei", "file"));
    }
    Ok(())
}

/// `schema` in the grammar.
pub(super) fn schema_command(l: Language) -> Command {
    let check = Command::new("check")
        .about(l.pick(
            "Linkage-Schema prüfen und in Worten erklären, beide Verfahren",
            "check a linkage schema of either family and explain it in words",
        ))
        .after_help(example(l, "schema check policies/linkage/county-2026.json"))
        .arg(operand("file", l.pick("DATEI", "FILE")).help(l.pick("das Schema", "the schema")));
    Command::new("schema")
        .about(l.pick("Linkage-Schemata", "linkage schemas"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand_value_name(l.pick("BEFEHL", "COMMAND"))
        .subcommand_help_heading(l.pick("Befehle", "Commands"))
        .subcommand(check)
}

/// Runs `schema`.
pub(super) fn run_schema(own: &ArgMatches, l: Language) -> Result<(), Error> {
    let Some((_, check)) = own.subcommand() else { return Ok(()) };
    let path = check.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    let explanation = explain(&path, l)?;
    if check.get_flag("json") {
        println!("{:#}", json!(explanation));
    } else {
        print!("{}", explanation.to_text(l));
    }
    Ok(())
}
