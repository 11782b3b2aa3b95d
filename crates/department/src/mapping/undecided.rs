//! Lines of a guessed mapping that nobody has decided yet.

use toml::{Table, Value};

/// What stands where somebody has to decide.
const MARK: &str = "?";

/// The places of a mapping that hold the mark, with how many values wait in a code list; never a
/// value itself.
pub(super) fn find(text: &str) -> Result<Vec<String>, toml::de::Error> {
    let mapping: Table = text.parse()?;
    let mut found = Vec::new();
    for name in ["dataset", "case"] {
        if is_mark(mapping.get(name)) {
            found.push(name.to_owned());
        }
    }
    for (section, entries) in ["columns", "derive"].map(|name| (name, mapping.get(name))) {
        for (name, entry) in entries.and_then(Value::as_table).into_iter().flatten() {
            let Some(entry) = entry.as_table() else { continue };
            let open = entry.iter().filter(|(_, value)| is_mark(Some(value)));
            let open: Vec<&str> = open.map(|(key, _)| key.as_str()).collect();
            let codes = entry.get("codes").and_then(Value::as_table).into_iter().flatten();
            let codes = codes.filter(|(_, key)| is_mark(Some(key))).count();
            let place = if section == "columns" { name.clone() } else { format!("derive.{name}") };
            if !open.is_empty() {
                found.push(format!("{place}: {}", open.join(", ")));
            }
            if codes > 0 {
                found.push(format!("{place}: {codes} codes"));
            }
        }
    }
    Ok(found)
}

fn is_mark(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str) == Some(MARK)
}
