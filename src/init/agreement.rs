//! Catalogue, purpose and mappings of a county, cut from the shipped ones.

use std::collections::BTreeSet;

use policy::{Femto, NanoRho};
use statistics_unit::group_losses;

use super::County;
use super::answers::USUAL_CAP;
use super::dataset::{DATASETS, listed, shipped};
use super::shape::{digits, file, keep, paragraphs, quoted};

const CATALOGUE: &str = shipped!("catalogue/county.toml");
const PURPOSE: &str = shipped!("purposes/sozialmonitoring-06432.toml");
const TOWNS: &str = shipped!("mappings/towns.csv");
/// The county that the shipped purpose is of.
const MODEL: (&str, &str) = ("06432", "Landkreis Darmstadt-Dieburg");
/// Which services an overlap is about, the first four that a county has.
const OVERLAP: [&str; 8] = ["sgb2", "wohngeld", "hze", "egh", "but", "kita", "sgb12", "asyl"];
const MOST_OVERLAP: usize = 4;
/// Below this no indicator is accepted.
const LEAST_PRICE: u64 = 1_000;

/// The catalogue: the county's municipalities and what its departments deliver.
pub(super) fn catalogue(county: &County) -> String {
    let available = county.datasets();
    let kept = paragraphs(CATALOGUE).filter_map(|own| {
        if let Some(code) = own.strip_prefix("[datasets.").and_then(|own| own.split(']').next())
            && !available.contains(code)
        {
            return None;
        }
        let own = keep(own, &available)?;
        Some(if own.starts_with("[dimensions.municipality]") {
            with_places(&own, county)
        } else {
            own
        })
    });
    let text = file(&kept.collect::<Vec<_>>());
    text.replace("Shared by all counties.", &format!("Of {}.", county.label()))
        .replace("GV100AD 30.11.2023 (Statistisches Bundesamt)", &county.places.source)
}

fn with_places(paragraph: &str, county: &County) -> String {
    let (before, _) = paragraph.split_once("keys = [").unwrap_or((paragraph, ""));
    let key = |own: &super::places::Place| {
        format!("  {{ key = \"{}\", label = {} }},\n", own.key, quoted(&own.name))
    };
    let keys: String = county.places.own.iter().map(key).collect();
    format!("{before}keys = [\n{keys}]")
}

/// The purpose with the indicators whose datasets exist.
pub(super) fn purpose(county: &County) -> String {
    let available = county.datasets();
    let mut all = Vec::new();
    for own in paragraphs(PURPOSE) {
        let own = if own.contains("[pooling.social_area]") {
            social_areas(county)
        } else if own.contains("\n[budget]\n") {
            Some(budget(county.answers.cap_nano_rho))
        } else if own.contains("id = \"overlap\"") {
            overlap(own, &available)
        } else {
            keep(own, &available)
        };
        let Some(own) = own.map(|own| counted_in(&own)) else { continue };
        let own = if county.has_social_areas() { own } else { without_areas(&own) };
        all.push(priced(&own, county.answers.cap_nano_rho));
    }
    if !all.iter().any(|own| own.contains("id = \"overlap\"")) {
        all.retain(|own| !own.starts_with("# I05"));
    }
    let head = "des Landkreis Darmstadt-Dieburg (Demonstration mit synthetischen Daten)";
    let missing = available.len() < DATASETS.len();
    file(&all)
        .replace(head, &format!("({})", county.label()))
        .replace(
            "(I01 bis I15).\n",
            if missing { "(I01 bis I15), soweit der Kreis die Daten hat.\n" } else { "(I01 bis I15).\n" },
        )
        .replace(
            "Gewählt ist sie\n# nach einem Überschlag aus veröffentlichten Häufigkeiten; `milchglas-demo usefulness` misst es.",
            "Gewählt ist sie\n# für Kreise von 300.000 Einwohnern; `milchglas plan price` sagt, wie breit die Intervalle werden.",
        )
        .replace(
            &format!("project = \"county-{}\"", MODEL.0),
            &format!("project = \"{}\"", county.project()),
        )
        .replace(&format!("label = {}", quoted(MODEL.1)), &format!("label = {}", quoted(&county.label())))
        .replace(MODEL.1, &county.label())
        .replace(MODEL.0, &county.answers.ags)
        .replace("2027-12-31", &county.answers.expires().to_string())
}

/// A person counts in no more datasets than there are.
fn counted_in(paragraph: &str) -> String {
    let line = |line: &str| -> String {
        let list = line.split_once("datasets = [").and_then(|(_, own)| own.split_once(']'));
        let most = line.split_once(" most = ").and_then(|(_, own)| own.split_once(' '));
        let (Some((list, _)), Some((most, _))) = (list, most) else { return line.to_owned() };
        let datasets = list.split(',').count();
        if most.parse::<usize>().is_ok_and(|most| most > datasets) {
            return line.replace(&format!(" most = {most} "), &format!(" most = {datasets} "));
        }
        line.to_owned()
    };
    paragraph.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn overlap(paragraph: &str, available: &BTreeSet<&str>) -> Option<String> {
    let shipped: Vec<&str> = OVERLAP.into_iter().take(MOST_OVERLAP).collect();
    let own: Vec<&str> =
        OVERLAP.into_iter().filter(|code| available.contains(code)).take(MOST_OVERLAP).collect();
    if own.len() < 2 {
        return None;
    }
    let list = |codes: &[&str]| {
        codes.iter().map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ")
    };
    let own_text = paragraph.replace(&list(&shipped), &list(&own));
    Some(own_text.replace(&listed(&shipped, "und"), &listed(&own, "und")))
}

/// The county's own social areas; none where it named none.
fn social_areas(county: &County) -> Option<String> {
    if !county.has_social_areas() {
        return None;
    }
    let areas = county.social_areas();
    let mut text = "# Sozialräume: wie der Kreis sie nennt. Unterhalb der Gemeinde wird nichts geliefert \
                    und darum nichts\n# veröffentlicht.\n[pooling.social_area]\nlabel = \"Sozialraum\"\n\
                    of = \"municipality\"\ngroups = [\n"
        .to_owned();
    for (number, (area, keys)) in (1..).zip(areas) {
        let keys: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
        text += &format!(
            "  {{ key = \"{}-s{number}\", label = {}, keys = [{}] }},\n",
            county.answers.ags,
            quoted(area),
            keys.join(", ")
        );
    }
    Some(text + "]")
}

/// An indicator where there are no social areas: it is grouped by municipality instead.
fn without_areas(paragraph: &str) -> String {
    let grouped_by_area = paragraph.contains("group_by = [\"social_area\"]");
    let usual = if grouped_by_area { "[\"municipality\"]" } else { "" };
    let line = |line: &str| -> Option<String> {
        if let Some(list) = line.strip_prefix("groupings = [").and_then(|own| own.strip_suffix(']'))
        {
            let mut kept: Vec<&str> = Vec::new();
            for group in list.split_inclusive(']').map(|own| own.trim_start_matches([',', ' '])) {
                if !group.contains("social_area") && group != usual && !kept.contains(&group) {
                    kept.push(group);
                }
            }
            return (!kept.is_empty()).then(|| format!("groupings = [{}]", kept.join(", ")));
        }
        Some(line.replace("[\"social_area\"]", "[\"municipality\"]"))
    };
    paragraph.lines().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn budget(cap: u64) -> String {
    let shipped = paragraphs(PURPOSE).find(|own| own.contains("\n[budget]\n")).unwrap_or_default();
    if cap == USUAL_CAP {
        return shipped.to_owned();
    }
    // The shipped comment says what the usual cap means; another one is told anew.
    let table = shipped.find("[budget]").and_then(|at| shipped.get(at..)).unwrap_or_default();
    let eps = eps(cap).map(|own| format!(" (eps {own:.1} bei delta 1e-6)")).unwrap_or_default();
    format!(
        "# Ganzzahlen in 1e-9 rho. Die Obergrenze je Ereignisjahr ist die Zusage an die Menschen; sie \
         wächst nicht\n# nach und wird nie erstattet. Hier sind es {}{}; für bis zu 500_000_000 \
         stehen die Gründe in\n# docs/decisions/0017-default-budget-and-pooling.md. Preise und Pläne \
         sind im selben Verhältnis kleiner.\n{table}",
        digits(cap),
        eps.replace('.', ",")
    )
}

/// What a cap means as epsilon at the usual delta; for showing only.
pub(super) fn eps(cap: u64) -> Option<f64> {
    let delta = Femto::new(1_000_000_000).ok()?;
    let losses = group_losses(NanoRho::new(cap).ok()?, delta, 1..=1).ok()?;
    losses.first().map(|own| own.eps)
}

/// Prices and caps in proportion to the cap per event year.
fn priced(paragraph: &str, cap: u64) -> String {
    let line = |line: &str| -> String {
        let Some((name, value)) = line.split_once(" = ") else { return line.to_owned() };
        if !name.ends_with("rho_nano") && !name.ends_with("cap_nano_rho") {
            return line.to_owned();
        }
        let Ok(number) = value.replace('_', "").parse::<u64>() else { return line.to_owned() };
        format!("{name} = {}", digits(scaled(number, cap)))
    };
    paragraph.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A shipped price under another cap.
pub(super) fn scaled(number: u64, cap: u64) -> u64 {
    let whole = u128::from(number) * u128::from(cap) / u128::from(USUAL_CAP);
    u64::try_from(whole).unwrap_or(u64::MAX).max(LEAST_PRICE)
}

/// What a column of an exercise is called that no real extract has.
pub(crate) const EXERCISE_COLUMN: &str = "uebung";

/// The mappings of what the county delivers, by file name, with the names of its places.
pub(super) fn mappings(county: &County) -> Vec<(String, String)> {
    let available = county.datasets();
    let mut files = Vec::new();
    for own in DATASETS.iter().filter(|own| available.contains(own.code)) {
        let text = own
            .mapping
            .replace(" Shared by both counties.", "")
            .replace("those of the two counties", "those of the county");
        let text = if county.exercise { of_exercise(&text) } else { text };
        files.push((format!("{}.toml", own.code), text));
    }
    files.push(("towns.csv".into(), towns(county)));
    files
}

/// An extract of an exercise says so in a column of its own: a real one has no such column and is
/// refused here, and a made-up one is refused where nobody named the column.
fn of_exercise(mapping: &str) -> String {
    mapping.replacen(
        "[columns]\n",
        &format!(
            "[columns]\n# Nur Übungsdaten haben diese Spalte; ein echter Auszug wird ohne sie \
             abgelehnt.\n{EXERCISE_COLUMN} = {{ role = \"exclude\", keep = [\"ja\"], drop = \
             [\"nein\"] }}\n"
        ),
        1,
    )
}

fn towns(county: &County) -> String {
    let header = "town;postcode;ags\n";
    let mut rows: BTreeSet<String> = TOWNS
        .lines()
        .skip(1)
        .filter(|line| line.rsplit(';').next().is_some_and(|key| county.place(key).is_some()))
        .map(str::to_owned)
        .collect();
    for place in &county.places.own {
        if let Some(postcode) = &place.postcode {
            rows.insert(format!("{};{postcode};{}", place.name.replace(';', " "), place.key));
        }
    }
    rows.into_iter().fold(header.to_owned(), |text, row| text + &row + "\n")
}
