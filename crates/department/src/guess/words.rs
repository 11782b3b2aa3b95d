//! What German specialist software calls its columns.

use policy::Identifier;

use crate::mapping::TimePart;
use crate::spelling::fold;

/// The words of a header, folded; digits stay with their word.
pub(super) fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric() && c != 'ß');
    split.map(fold).filter(|word| !word.is_empty()).collect()
}

/// Words of people and places that are not the person of the record.
const OTHERS: [&str; 22] = [
    "mutter",
    "vater",
    "eltern",
    "sachbearbeiter",
    "sachbearbeitung",
    "sb",
    "bearbeiter",
    "betreuer",
    "ansprechpartner",
    "antragsteller",
    "arzt",
    "schule",
    "einrichtung",
    "traeger",
    "vermieter",
    "kontoinhaber",
    "zahlungsempfaenger",
    "arbeitgeber",
    "kita",
    "vormund",
    "partner",
    "notfall",
];

/// Whether a column is about somebody or something else than the person of the record.
pub(super) fn is_foreign(name: &str) -> bool {
    words(name).iter().any(|word| OTHERS.contains(&word.as_str()))
}

const IDENTIFIERS: [(Identifier, &[&str]); 10] = [
    (Identifier::BirthName, &["geburtsname", "gebname", "geburtsnachname", "maedchenname"]),
    (Identifier::Surname, &["nachname", "familienname", "zuname", "name", "nname", "famname"]),
    (Identifier::GivenNames, &["vorname", "vornamen", "rufname", "vname"]),
    (
        Identifier::DateOfBirth,
        &[
            "geburtsdatum",
            "gebdatum",
            "gebdat",
            "geburtstag",
            "gebtag",
            "geboren",
            "geborenam",
            "geb",
        ],
    ),
    (Identifier::Sex, &["geschlecht", "geschl", "sex", "anrede"]),
    (Identifier::HouseNumber, &["hausnummer", "hausnr", "hnr", "hsnr", "hausnummerzusatz"]),
    (Identifier::Street, &["strasse", "str", "anschrift", "strassehausnummer", "strassehausnr"]),
    (Identifier::Postcode, &["plz", "postleitzahl"]),
    (Identifier::Town, &["ort", "wohnort", "stadt", "gemeindename"]),
    (
        Identifier::Phone,
        &["telefon", "tel", "telefonnummer", "telnr", "handy", "mobil", "mobilnummer"],
    ),
];

/// The identifier that a column's name means.
pub(super) fn identifier(name: &str) -> Option<Identifier> {
    if is_foreign(name) {
        return None;
    }
    let whole = fold(name);
    let words = words(name);
    let is = |word: &str| IDENTIFIERS.iter().find(|(_, known)| known.contains(&word));
    let found = is(&whole).or_else(|| {
        // `name_1` and `pers_geburtsdatum`, but not `geburtsname_der_mutter`.
        words.iter().filter(|word| word.len() > 2).find_map(|word| is(word))
    });
    found.map(|(identifier, _)| *identifier)
}

/// What a column's name says about case numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Of a person.
    Person,
    /// Of a household.
    Unit,
    /// Of either.
    Either,
}

/// Whether a column's name is that of a case number.
pub(super) fn case(name: &str) -> Option<Case> {
    let whole = fold(name);
    let starts = |list: &[&str]| list.iter().any(|word| whole.starts_with(word));
    if starts(&[
        "bgnummer",
        "bgnr",
        "bedarfsgemeinschaft",
        "haushaltsnummer",
        "hhnr",
        "haushaltsid",
    ]) {
        return Some(Case::Unit);
    }
    if starts(&[
        "kundennummer",
        "kundennr",
        "personennummer",
        "persnr",
        "personnr",
        "klientennummer",
        "kindnr",
    ]) {
        return Some(Case::Person);
    }
    let either = [
        "aktenzeichen",
        "az",
        "fallnummer",
        "fallnr",
        "fallid",
        "geschaeftszeichen",
        "gz",
        "wohngeldnummer",
        "vorgangsnummer",
        "vorgangsnr",
        "fall",
        "bg",
    ];
    let fits = either.contains(&whole.as_str()) || starts(&["aktenzeichen", "fallnummer"]);
    fits.then_some(Case::Either)
}

/// Whether a column's name is that of a municipality key.
pub(super) fn is_municipality(name: &str) -> bool {
    let whole = fold(name);
    whole == "ags" || whole == "gkz" || whole.ends_with("gemeindeschluessel")
}

/// Whether a column's name is that of an information block or objection.
pub(super) fn is_block(name: &str) -> bool {
    let whole = fold(name);
    ["sperr", "widerspruch", "uebermittlungssp", "schutz"].iter().any(|word| whole.contains(word))
}

/// Whether a column is known and never needed: accounts, addresses of machines, other numbers.
pub(super) fn is_needless(name: &str) -> bool {
    let whole = fold(name);
    let known = [
        "iban",
        "bic",
        "konto",
        "email",
        "mail",
        "steuerid",
        "steueridentifikation",
        "svnummer",
        "rentenversicherung",
        "sachbearbeit",
        "bemerkung",
        "notiz",
        "kommentar",
    ];
    known.iter().any(|word| whole.contains(word))
}

/// Which end of a period a column's name means, and how surely (3 says it outright).
pub(super) fn part(name: &str) -> Option<(TimePart, u8)> {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(&["bis", "ende", "endedatum", "enddatum", "ablauf", "austritt"]) {
        return Some((TimePart::To, 3));
    }
    if has(&["von", "beginn", "ab", "start", "anfang", "beginndatum", "eintritt"]) {
        return Some((TimePart::From, 3));
    }
    if has(&["monat", "berichtsmonat", "zahlmonat", "leistungsmonat", "auszahlungsmonat"]) {
        return Some((TimePart::At, 3));
    }
    if has(&["seit", "zuweisung", "aufnahme", "zugang"]) {
        return Some((TimePart::From, 2));
    }
    has(&["am", "datum", "stichtag"]).then_some((TimePart::At, 2))
}

/// How well two names tell of the same: 3 for a common word, 2 for a common beginning of at least
/// four letters, or an abbreviation of first letters.
pub(super) fn likeness(name: &str, label: &str) -> u32 {
    const STOP: [&str; 18] = [
        "der", "die", "des", "nach", "je", "und", "oder", "am", "zur", "zum", "fuer", "im", "in",
        "mit", "monat", "haushalt", "kopf", "person",
    ];
    let own = words(name);
    let other: Vec<String> =
        words(label).into_iter().filter(|word| !STOP.contains(&word.as_str())).collect();
    let mut best = 0;
    for word in &own {
        for label in &other {
            let common = word.bytes().zip(label.bytes()).take_while(|(a, b)| a == b).count();
            let score = match common {
                _ if word == label => 3,
                4.. => 2,
                3 if word.len() == 3 || label.len() == 3 => 2,
                _ => 0,
            };
            best = best.max(score);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_usual_names() {
        for (name, expected) in [
            ("Familienname", Some(Identifier::Surname)),
            ("Geb.-Datum", Some(Identifier::DateOfBirth)),
            ("GEBURTSNAME", Some(Identifier::BirthName)),
            ("Straße", Some(Identifier::Street)),
            ("Haus-Nr.", Some(Identifier::HouseNumber)),
            ("pers_vorname", Some(Identifier::GivenNames)),
            ("Name Sachbearbeiter", None),
            ("vorname_mutter", None),
            ("einrichtung_plz", None),
            ("betrag", None),
        ] {
            assert!(identifier(name) == expected, "{name}");
        }
        assert!(case("BG-Nummer") == Some(Case::Unit) && case("Az.") == Some(Case::Either));
        assert!(is_block("Auskunftssperre") && is_block("Widerspruch_Statistik"));
        assert!(part("bewilligung_von").is_some_and(|found| found.0 == TimePart::From));
    }
}
