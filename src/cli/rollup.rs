//! Released cells rolled up; costs nothing.

use std::fmt::Write as _;

use clap::Args;
use publication::{Amount, RollupText};
use serde_json::Value;

use super::UnitArgs;

/// Add up released cells, or take the mean of several years; costs nothing
#[derive(Args)]
#[command(after_help = "Example:\n  milchglas releases rollup --url http://127.0.0.1:8702 \
                  --token-file analyst.token \\\n    --indicator sgb2-working-age --years \
                  2024,2025 --sum municipality \\\n    --group 'age_group:unter 25:15-17,18-20,21-24' \
                  --group 'age_group:ab 25:25-64'")]
pub(crate) struct Rollup {
    #[command(flatten)]
    unit: UnitArgs,
    /// The indicator
    #[arg(long)]
    indicator: String,
    /// The event years, with commas between: one, or several for their mean; the only one where
    /// this is missing
    #[arg(long)]
    years: Option<String>,
    /// Dimensions over which everything is added up, with commas between; `services` for the
    /// combinations of an overlap
    #[arg(long, value_name = "DIMENSIONS")]
    sum: Option<String>,
    /// A group of keys that are added up; may be given several times
    #[arg(long, value_name = "DIMENSION:NAME:KEY,KEY")]
    group: Vec<String>,
    /// The grouping of the released tables, where there are several
    #[arg(long, value_name = "DIMENSIONS")]
    group_by: Option<String>,
    /// The purpose, where several released the indicator
    #[arg(long)]
    purpose: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Rollup {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let text = RollupText {
            indicator: self.indicator,
            purpose: self.purpose,
            group_by: self.group_by,
            years: self.years,
            sum: self.sum,
            group: Some(self.group.join(";")).filter(|own| !own.is_empty()),
        };
        // What is wrong with the form is said without asking the unit.
        text.read()?;
        let rolled: Value = self.unit.client()?.get(&path(&text)?)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&rolled)?);
        } else {
            print!("{}", table(&rolled));
        }
        Ok(())
    }
}

fn path(text: &RollupText) -> anyhow::Result<String> {
    let Value::Object(members) = serde_json::to_value(text)? else {
        anyhow::bail!("a request is an object")
    };
    let pairs = members.iter().filter_map(|(name, value)| {
        let value = value.as_str()?;
        Some(format!("{name}={}", escaped(value)))
    });
    // Members come in the order of the type or of their names, as serde_json was built.
    let mut pairs: Vec<String> = pairs.collect();
    pairs.sort();
    Ok(format!("/v1/releases/rollup?{}", pairs.join("&")))
}

/// A part of an address (RFC 3986, section 2.1): everything but the unreserved characters as `%XX`.
fn escaped(text: &str) -> String {
    let mut address = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // A String takes everything that is written to it.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

/// The answer as lines: what, value and interval.
fn table(rolled: &Value) -> String {
    let list = |value: &Value| -> Vec<String> {
        let all = value.as_array().into_iter().flatten();
        all.map(|own| own.as_str().map_or_else(|| own.to_string(), str::to_owned)).collect()
    };
    let years = list(&rolled["years"]);
    let mean = if years.len() > 1 { ", mean per year" } else { "" };
    let label = rolled["label"].as_str().unwrap_or_default();
    let mut shown = format!("{label}, {}{mean}\n", years.join(", "));
    for cell in rolled["cells"].as_array().into_iter().flatten() {
        let labels = list(&cell["labels"]);
        let name = if labels.is_empty() { "insgesamt".to_owned() } else { labels.join(", ") };
        let number = |member: &str| cell[member].as_f64().map(|own| amount(own, !mean.is_empty()));
        let numbers = match (number("value"), number("low"), number("high")) {
            (Some(value), Some(low), Some(high)) => format!("{value:>12}  {low} to {high}"),
            _ => format!("{:>12}", "withheld"),
        };
        shown += &format!("  {name:<40} {numbers}\n");
    }
    shown += "costs nothing: computed from what was released\n";
    shown
}

#[expect(clippy::cast_possible_truncation, reason = "sums of read amounts, far below 2^63")]
fn amount(value: f64, decimal: bool) -> String {
    if decimal { Amount::Decimal(value).plain() } else { Amount::Whole(value as i64).plain() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_travel_escaped() {
        let text = RollupText {
            indicator: "overlap".into(),
            group: Some("age_group:über 65:65+;x:y:z&a".into()),
            ..RollupText::default()
        };
        assert_eq!(
            path(&text).unwrap(),
            "/v1/releases/rollup?group=age_group%3A%C3%BCber%2065%3A65%2B%3Bx%3Ay%3Az%26a\
             &indicator=overlap"
        );
    }

    #[test]
    fn an_answer_is_one_line_per_cell() {
        let rolled = serde_json::json!({"label": "Kinder", "years": [2024, 2025], "cells": [
            {"labels": ["Kreis"], "value": 12.5, "low": 4.0, "high": 21.0},
            {"labels": [], "value": null, "low": null, "high": null}]});
        let shown = table(&rolled);
        assert!(shown.starts_with("Kinder, 2024, 2025, mean per year\n"), "{shown}");
        assert!(shown.contains("12,50  4,00 to 21,00\n") && shown.contains("withheld"), "{shown}");
    }
}
