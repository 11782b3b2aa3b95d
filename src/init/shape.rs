//! A shipped text, cut to the datasets that a county has: what needs a missing one leaves with it.
//!
//! Texts and not values are changed, so that the comments, which are what a data protection officer
//! reads, stay where they belong.

use std::collections::BTreeSet;

use super::dataset::{dataset, listed};

/// The paragraphs of a text, which empty lines separate.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(|own| own.trim_matches('\n')).filter(|own| !own.is_empty())
}

/// Paragraphs as a file.
pub(super) fn file(paragraphs: &[String]) -> String {
    format!("{}\n", paragraphs.join("\n\n"))
}

/// A paragraph without the datasets that are missing, in its lists and in the label that names
/// them; none where nothing of a list is left or its one dataset is missing.
pub(super) fn keep(paragraph: &str, available: &BTreeSet<&str>) -> Option<String> {
    let mut kept = String::with_capacity(paragraph.len());
    let mut words: Vec<(String, String)> = Vec::new();
    let mut rest = paragraph;
    while let Some((before, list)) = rest.split_once('[') {
        kept.push_str(before);
        kept.push('[');
        rest = list;
        let Some((inner, after)) = list.split_once(']') else { break };
        let Some(codes) = codes(inner) else { continue };
        let left: Vec<&str> = codes.iter().copied().filter(|c| available.contains(c)).collect();
        if left.is_empty() {
            return None;
        }
        for conjunction in ["oder", "und"] {
            words.push((listed(&codes, conjunction), listed(&left, conjunction)));
        }
        let quoted: Vec<String> = left.iter().map(|code| format!("\"{code}\"")).collect();
        kept.push_str(&quoted.join(", "));
        kept.push(']');
        rest = after;
    }
    kept.push_str(rest);
    if kept.lines().any(|line| names_missing(line, available)) {
        return None;
    }
    let label = |line: &str| {
        if !line.starts_with("label = ") {
            return line.to_owned();
        }
        // Lists of one are no enumeration; a word alone may mean something else.
        let enumerated = words.iter().filter(|(from, to)| from != to);
        enumerated.fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
    };
    Some(kept.lines().map(label).collect::<Vec<_>>().join("\n"))
}

/// Whether a line sets `dataset = "…"` to one that is missing.
fn names_missing(line: &str, available: &BTreeSet<&str>) -> bool {
    let mut parts = line.split("dataset = \"").skip(1);
    parts.any(|part| {
        part.split('"').next().is_some_and(|own| dataset(own).is_some() && !available.contains(own))
    })
}

/// The items of a list, where all of them are datasets.
fn codes(inner: &str) -> Option<Vec<&str>> {
    let items: Option<Vec<&str>> = inner
        .split(',')
        .map(|item| item.trim().strip_prefix('"')?.strip_suffix('"'))
        .map(|item| item.filter(|own| dataset(own).is_some()))
        .collect();
    items.filter(|own| !own.is_empty())
}

/// A number as the files write it: `50_000_000`.
pub(super) fn digits(number: u64) -> String {
    let plain = number.to_string();
    let mut text = String::new();
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A text in quotes, as TOML wants it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "id = \"a\"\nlabel = \"Kinder mit SGB II, Wohngeld oder AsylbLG\"\n\
                        compute = { kind = \"persons\", datasets = [\"sgb2\", \"wohngeld\", \"asyl\"] }\n\
                        filter = { age_group = [\"00-02\"] }";

    fn with(available: &[&str]) -> Option<String> {
        keep(TEXT, &available.iter().copied().collect())
    }

    #[test]
    fn a_missing_dataset_leaves_list_and_label() {
        assert_eq!(with(&["sgb2", "wohngeld", "asyl"]).unwrap(), TEXT);
        let two = with(&["wohngeld", "asyl", "kita"]).unwrap();
        assert!(two.contains("Kinder mit Wohngeld oder AsylbLG\""), "{two}");
        assert!(two.contains("datasets = [\"wohngeld\", \"asyl\"]"), "{two}");
        assert!(two.contains("age_group = [\"00-02\"]"), "other lists stay");
        assert!(with(&["asyl"]).unwrap().contains("Kinder mit AsylbLG\""));
        assert_eq!(with(&["kita"]), None);
    }

    #[test]
    fn what_is_about_one_missing_dataset_leaves_as_a_whole() {
        let own = "compute = { kind = \"mean\", dataset = \"sgb2\", measure = \"kdu\" }";
        assert_eq!(keep(own, &BTreeSet::from(["kita"])), None);
        assert_eq!(keep(own, &BTreeSet::from(["sgb2"])).as_deref(), Some(own));
    }

    #[test]
    fn numbers_are_written_in_groups() {
        assert_eq!([1, 999, 1_000, 50_000_000].map(digits), ["1", "999", "1_000", "50_000_000"]);
    }
}
