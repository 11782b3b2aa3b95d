//! The municipalities of a county: from the Gemeindeverzeichnis GV100AD, or from a plain list.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};

/// A municipality with what a file says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its key: eight digits.
    pub(super) key: String,
    pub(super) name: String,
    /// A postcode of it; GV100AD knows the one of the administration only.
    pub(super) postcode: Option<String>,
    /// The social area that the county counts it to.
    pub(super) social_area: Option<String>,
}

/// The municipalities of a file that belong to one county.
#[derive(Debug)]
pub(super) struct Places {
    /// In the order of their keys.
    pub(super) own: Vec<Place>,
    /// What the file is, for the catalogue's comment.
    pub(super) source: String,
}

/// GV100AD of all of Germany has three megabytes.
const LARGEST: u64 = 16 << 20;
/// Characters of GV100AD, from 0, end not included.
const STATUS: std::ops::Range<usize> = 2..10;
const KEY: std::ops::Range<usize> = 10..18;
const NAME: std::ops::Range<usize> = 22..72;
const POSTCODE: std::ops::Range<usize> = 165..170;

/// Reads a file and keeps what belongs to the county.
///
/// # Errors
/// Names the line, or says that the county is not in the file.
pub(super) fn read(path: &Path, county: &str) -> anyhow::Result<Places> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if size > LARGEST {
        bail!("{shown} is larger than {LARGEST} bytes; is it a list of municipalities?");
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let text = decoded(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    // GV100AD begins with the two digits of a Satzart, a list with the names of its columns.
    let directory = text.len() > 1 && text.bytes().take(2).all(|own| own.is_ascii_digit());
    let found = if directory { gv100ad(text, county) } else { list(text, county) };
    let mut found = found.with_context(|| format!("in {shown}"))?;
    found.own.sort_by(|one, other| one.key.cmp(&other.key));
    if found.own.is_empty() {
        bail!("{shown} has no municipality whose key begins with {county}");
    }
    let keys: BTreeSet<&str> = found.own.iter().map(|own| own.key.as_str()).collect();
    if keys.len() < found.own.len() {
        bail!("{shown} has a municipality of {county} twice");
    }
    let in_areas = found.own.iter().filter(|own| own.social_area.is_some()).count();
    if in_areas != 0 && in_areas != found.own.len() {
        bail!("{shown}: some municipalities have a social area and others none; fill all or none");
    }
    Ok(found)
}

/// UTF-8, or Latin-1, which older files are in.
fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|own| char::from(*own)).collect(), str::to_owned)
}

fn gv100ad(text: &str, county: &str) -> anyhow::Result<Places> {
    let mut own = Vec::new();
    let mut status = String::new();
    for (number, line) in (1..).zip(text.lines()) {
        if !line.starts_with("60") {
            continue;
        }
        // Characters, not bytes: names have umlauts.
        let characters: Vec<char> = line.chars().collect();
        let cell = |places: std::ops::Range<usize>| -> String {
            characters.get(places).unwrap_or_default().iter().collect::<String>().trim().to_owned()
        };
        let key = cell(KEY);
        if !key.starts_with(county) {
            continue;
        }
        if status.is_empty() {
            status = cell(STATUS);
        }
        let postcode = Some(cell(POSTCODE)).filter(|own| is_digits(own, 5));
        own.push(place(&key, &cell(NAME), postcode, None).with_context(|| at(number))?);
    }
    let day = match (status.get(..4), status.get(4..6), status.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{day}.{month}.{year}"),
        _ => "unbekannter Stand".to_owned(),
    };
    Ok(Places { own, source: format!("GV100AD {day} (Statistisches Bundesamt)") })
}

/// `ags;name`, also with `plz` and `sozialraum`.
fn list(text: &str, county: &str) -> anyhow::Result<Places> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let header: Vec<String> = lines.next().map(|(_, line)| cells(line)).unwrap_or_default();
    let column = |name: &str| header.iter().position(|own| own.eq_ignore_ascii_case(name));
    let (Some(key), Some(name)) = (column("ags"), column("name")) else {
        bail!(
            "the first line names the columns ags;name, and plz and sozialraum where you have them"
        );
    };
    let (postcode, area) = (column("plz"), column("sozialraum"));
    let mut own = Vec::new();
    for (number, line) in lines {
        let cells = cells(line);
        let cell = |at: Option<usize>| {
            at.and_then(|at| cells.get(at)).filter(|own| !own.is_empty()).cloned()
        };
        // A spreadsheet takes a key for a number and eats its leading zero.
        let key = cell(Some(key)).unwrap_or_default();
        let key = if is_digits(&key, 7) { format!("0{key}") } else { key };
        if is_digits(&key, 8) && !key.starts_with(county) {
            continue;
        }
        let postcode =
            cell(postcode).map(|own| if is_digits(&own, 4) { format!("0{own}") } else { own });
        if postcode.as_ref().is_some_and(|own| !is_digits(own, 5)) {
            bail!("{}: a postcode has five digits", at(number));
        }
        let name = cell(Some(name)).unwrap_or_default();
        own.push(place(&key, &name, postcode, cell(area)).with_context(|| at(number))?);
    }
    Ok(Places { own, source: "eigene Liste des Kreises".into() })
}

fn place(
    key: &str,
    name: &str,
    postcode: Option<String>,
    social_area: Option<String>,
) -> anyhow::Result<Place> {
    if !is_digits(key, 8) {
        bail!("`{key}` is no key of a municipality: eight digits");
    }
    // The official name ends with the kind of town: `Erbach, Kreisstadt`.
    let name = name.split_once(", ").map_or(name, |(own, _)| own).trim();
    for own in std::iter::once(name).chain(social_area.as_deref()) {
        if own.is_empty() || own.chars().count() > 80 || own.chars().any(char::is_control) {
            bail!("`{key}`: a name is one to eighty characters");
        }
    }
    Ok(Place { key: key.to_owned(), name: name.to_owned(), postcode, social_area })
}

fn at(line: usize) -> String {
    format!("line {line}")
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|own| own.is_ascii_digit())
}

fn cells(line: &str) -> Vec<String> {
    line.split(';').map(|own| own.trim().trim_matches('"').trim().to_owned()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A line of GV100AD with what is read of it.
    fn line(key: &str, name: &str, postcode: &str) -> String {
        let before = format!("6020231130{key}    {name:<50}");
        format!("{before:<165}{postcode:<55}\n")
    }

    fn read_text(bytes: &[u8]) -> anyhow::Result<Places> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places");
        std::fs::write(&path, bytes).unwrap();
        read(&path, "06437")
    }

    pub(in super::super) fn odenwald() -> Places {
        let text = "ags;name;plz;sozialraum\n06437006;Erbach;64711;Mitte\n\
                    06437011;Michelstadt;64720;Mitte\n06437016;Oberzent;64760;Süd\n";
        read_text(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_directory_gives_the_county_alone() {
        let text = [
            "40202311300643700    Odenwaldkreis\n".to_owned(),
            line("06437011", "Michelstadt, Stadt", "64720"),
            line("06437006", "Erbach, Kreisstadt", "64711"),
            line("06437004", "Brensbach", ""),
            line("06438001", "Dreieich, Stadt", "63303"),
        ]
        .concat();
        let places = read_text(text.as_bytes()).unwrap();
        let names: Vec<&str> = places.own.iter().map(|own| own.name.as_str()).collect();
        assert_eq!(names, ["Brensbach", "Erbach", "Michelstadt"]);
        assert_eq!(places.own[0].postcode, None);
        assert_eq!(places.own[1].postcode.as_deref(), Some("64711"));
        assert_eq!(places.source, "GV100AD 30.11.2023 (Statistisches Bundesamt)");
    }

    #[test]
    fn a_list_may_come_from_a_spreadsheet() {
        let text = "\u{feff}AGS;Name;PLZ\r\n6437005;\"Fränkisch-Crumbach\";64407\r\n06432001;Anderswo;1\r\n";
        let places = read_text(text.as_bytes()).unwrap();
        assert_eq!(places.own.len(), 1);
        assert_eq!(places.own[0].key, "06437005");
        let latin: Vec<u8> = "ags;name\n06437005;Fränkisch-Crumbach\n"
            .chars()
            .map(|own| u8::try_from(u32::from(own)).unwrap())
            .collect();
        assert_eq!(read_text(&latin).unwrap().own[0].name, "Fränkisch-Crumbach");
        assert_eq!(odenwald().own[2].social_area.as_deref(), Some("Süd"));
    }

    #[test]
    fn what_is_no_list_of_this_county_is_refused_by_line() {
        for (text, word) in [
            ("", "ags;name"),
            ("key;label\n06437006;Erbach\n", "ags;name"),
            ("ags;name\n06432001;Anderswo\n", "begins with 06437"),
            ("ags;name\n0643;Erbach\n", "line 2"),
            ("ags;name\n06437006;\n", "line 2"),
            ("ags;name;plz\n06437006;Erbach;6471\u{fc}\n", "line 2"),
            ("ags;name\n06437006;Erbach\n06437006;Erbach\n", "twice"),
            ("ags;name;sozialraum\n06437006;Erbach;Mitte\n06437011;Michelstadt;\n", "all or none"),
        ] {
            let error = read_text(text.as_bytes()).map(drop).unwrap_err();
            assert!(format!("{error:#}").contains(word), "{text}: {error:#}");
        }
    }
}
