//! Rules of access, oversight and the cases that check a folder, in the county's words.

use policy::{Catalogue, Purpose};

use super::County;
use super::dataset::shipped;
use super::shape::quoted;

const ACCESS: [(&str, &str); 4] = [
    ("milchglas.cedarschema", shipped!("access/milchglas.cedarschema")),
    ("niemals.cedar", shipped!("access/niemals.cedar")),
    ("freigaben.cedar", shipped!("access/freigaben.cedar")),
    ("rollen.cedar", shipped!("access/rollen.cedar")),
];
const CASES: &str = shipped!("tests/zugriff.toml");
const OVERSIGHT: &str = shipped!("oversight.toml");
/// The last day of the shipped rules, a day after it, and the day of the shipped cases.
const DAYS: [&str; 3] = ["2027-12-31", "2028-01-01", "2026-11-28"];

/// The rules of access by file name.
pub(super) fn access(county: &County) -> impl Iterator<Item = (&'static str, String)> {
    ACCESS.into_iter().map(|(name, text)| (name, dated(text, county)))
}

fn dated(text: &str, county: &County) -> String {
    let expires = county.answers.expires();
    let after = expires.tomorrow().unwrap_or(expires);
    let own = [expires, after, county.today];
    DAYS.into_iter()
        .zip(own)
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, &to.to_string()))
}

/// Who watches over the logs.
pub(super) fn oversight(county: &County) -> String {
    OVERSIGHT.replace("06432", &county.answers.ags)
}

/// The cases of access.
pub(super) fn access_cases(county: &County) -> String {
    dated(CASES, county)
}

/// Cases of the purpose: its first question, and what it must not answer.
///
/// # Errors
/// Where the purpose cannot be read, which is a fault of this program.
pub(super) fn question_cases(
    county: &County,
    catalogue: &str,
    text: &str,
) -> anyhow::Result<String> {
    let purpose = Purpose::from_toml(text, &Catalogue::from_toml(catalogue)?)?;
    let sex = |own: &&policy::Indicator| {
        let groups = own.groupings.iter().chain(std::iter::once(&own.query.group_by));
        !groups.flatten().any(|own| own.as_str() == "sex")
    };
    let mut all =
        vec!["# Fälle zum Zweck: was gefragt wird, und ob er es beantworten muss.".to_owned()];
    let mut case =
        |words: &str, indicator: &str, rest: &str, on: jiff::civil::Date, allow: bool| {
            all.push(format!(
            "[[question]]\ncase = {}\npurpose = \"{}\"\nindicator = \"{indicator}\"\n{rest}on = \
             \"{on}\"\nallow = {allow}",
            quoted(words),
            county.purpose()
        ));
        };
    let (today, expires) = (county.today, county.answers.expires());
    if let Some(first) = purpose.indicators.first() {
        let id = first.id.as_str();
        let dear = first.most().get().saturating_add(1);
        case(&format!("{}, wie üblich", first.label), id, "", today, true);
        case("Mehr als der Preis der Kennzahl", id, &format!("rho_nano = {dear}\n"), today, false);
        case("Nach dem Ende des Zwecks", id, "", expires.tomorrow().unwrap_or(expires), false);
    }
    if let Some(own) = purpose.indicators.iter().find(sex) {
        let words = format!("{}: nach Geschlecht ist nicht vorgesehen", own.label);
        case(&words, own.id.as_str(), "group_by = [\"sex\"]\n", today, false);
    }
    case("Eine Kennzahl, die niemand vorgesehen hat", "names-of-children", "", today, false);
    Ok(super::shape::file(&all))
}
