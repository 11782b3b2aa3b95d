//! Roles and values as a mapping writes them.

use encoder::normalise;

use super::Role;
use crate::mapping::{Decimal, TimeFormat, TimePart};

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A list as TOML writes it.
pub(super) fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

/// The spellings of sexes that the encoder reads, as keys of the catalogue.
pub(super) fn sexes(dimension: &policy::Dimension) -> String {
    let spellings = ["m", "1", "männlich", "w", "2", "weiblich", "d", "3", "divers", "x"];
    let keys = spellings.iter().filter_map(|spelling| {
        let code = normalise::sex(spelling)?.code();
        let own = |code: &str| dimension.keys.iter().any(|key| key.key == code);
        let key = if own(code) { code } else { "x" };
        own(key).then(|| format!("{} = \"{key}\"", quoted(spelling)))
    });
    format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
}

/// What stands behind the name of a column.
pub(super) fn line(role: &Role) -> String {
    match role {
        Role::Identifier(own) => {
            let name = serde_json::to_value(own).ok();
            let name = name.as_ref().and_then(serde_json::Value::as_str).unwrap_or("?");
            format!("{{ role = \"identifier\", identifier = \"{name}\" }}")
        }
        Role::Dimension(name, codes) if codes.is_empty() => {
            format!("{{ role = \"dimension\", dimension = \"{name}\", otherwise = \"\" }}")
        }
        Role::Dimension(name, codes) => {
            let pairs = codes.iter().map(|(value, key)| {
                format!("{} = {}", quoted(value), quoted(key.as_deref().unwrap_or("?")))
            });
            let pairs = pairs.collect::<Vec<_>>().join(", ");
            format!("{{ role = \"dimension\", dimension = \"{name}\", codes = {{ {pairs} }} }}")
        }
        Role::Time(part, format) => {
            format!(
                "{{ role = \"time\", part = \"{}\", format = \"{}\" }}",
                part_name(*part),
                format_name(*format)
            )
        }
        Role::Measure(name, decimal, per_unit) => {
            let sign = if *decimal == Decimal::Comma { "" } else { ", decimal = \".\"" };
            let repeated = if *per_unit { ", per_unit = true" } else { "" };
            format!("{{ role = \"measure\", measure = \"{name}\"{sign}{repeated} }}")
        }
        Role::Exclude(drop, keep) => {
            let own = |values: &[String]| list(values.iter().map(|value| quoted(value)));
            format!("{{ role = \"exclude\", drop = {}, keep = {} }}", own(drop), own(keep))
        }
        other => format!("{{ role = \"{}\" }}", other.name()),
    }
}

fn part_name(part: TimePart) -> &'static str {
    match part {
        TimePart::At => "at",
        TimePart::From => "from",
        TimePart::To => "to",
        TimePart::Since => "since",
    }
}

fn format_name(format: TimeFormat) -> &'static str {
    match format {
        TimeFormat::YearMonth => "yyyy-mm",
        TimeFormat::MonthYear => "mm.yyyy",
        TimeFormat::German => "dd.mm.yyyy",
        TimeFormat::Iso => "yyyy-mm-dd",
    }
}
