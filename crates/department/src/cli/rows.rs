//! `encode --schema` with a schema of our own: a plain table in, a file of encodings out.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use department::{Error, Language, RowCounts, RowSettings, encode_rows, keys};
use policy::LinkageSchema;
use serde_json::json;

use super::terminal::Bar;

/// Options that only clkhash has.
const OF_CLKHASH: [&str; 6] = ["format", "delimiter", "header", "no-header", "trim", "empty-rows"];

pub(super) fn run_encode(
    schema: &LinkageSchema,
    schema_path: &Path,
    own: &ArgMatches,
    l: Language,
    as_json: bool,
) -> Result<(), Error> {
    let given = |option: &&str| own.value_source(option) == Some(ValueSource::CommandLine);
    if let Some(option) = OF_CLKHASH.into_iter().find(given) {
        let path = schema_path.display().to_string();
        return Err(Error::SchemaFamily { path, option });
    }
    let path = |name: &str| own.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let (input, output) = (path("input"), path("output"));
    let key = keys::read_linkage(&path("key-file"))?;
    let bar = Bar::new(l);
    let counts = encode_rows(&RowSettings {
        schema,
        key: &key,
        input: &input,
        output: &output,
        progress: &|rows| bar.spin(rows),
    })?;
    drop(bar);
    print_counts(&counts, &output.display().to_string(), l, as_json);
    Ok(())
}

fn print_counts(counts: &RowCounts, output: &str, l: Language, as_json: bool) {
    let RowCounts { rows, too_little, other_script, outside_window, fill } = counts;
    if as_json {
        let fill = fill.iter().map(|own| {
            json!({"view": own.view, "mean_per_mille": own.per_mille(),
                   "spread_per_mille": own.spread_per_mille()})
        });
        let json = json!({
            "file": output, "rows": rows, "too_little": too_little, "other_script": other_script,
            "outside_window": outside_window, "fill": fill.collect::<Vec<_>>(),
        });
        println!("{json:#}");
        return;
    }
    let line = |text: String, value: String| println!("{text:48} {value}");
    line(l.pick("Datensätze", "records").into(), rows.to_string());
    for (number, text) in [
        (too_little, l.pick("davon zu wenige Angaben, leer", "too few identifiers, null")),
        (other_script, l.pick("davon andere Schrift, leer", "another script, null")),
        (outside_window, l.pick("davon außerhalb der Bitzahl, leer", "outside the window, null")),
    ] {
        line(text.into(), number.to_string());
    }
    for own in fill {
        let text = l.pick("Füllung", "fill");
        let value = format!("{} ± {} ‰", own.per_mille(), own.spread_per_mille());
        line(format!("{text} {}", own.view), value);
    }
    line(l.pick("Datei", "file").into(), output.to_owned());
}
