//! How the name of a town is written, and the alias table that leads back to its key.

use std::collections::BTreeMap;

use super::tables::{Municipality, Tables};

/// Spellings of one name that mean the same: as it is, `ß` as `ss`, without hyphens, both, and
/// with folded umlauts.
pub(super) fn spellings(name: &str) -> Vec<String> {
    let sharp = name.replace('ß', "ss");
    let folded = sharp.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('Ü', "Ue");
    let forms =
        [name.to_owned(), sharp.clone(), name.replace('-', " "), sharp.replace('-', " "), folded];
    let mut all: Vec<String> = Vec::new();
    for form in forms {
        if !all.contains(&form) {
            all.push(form);
        }
    }
    all
}

impl Municipality {
    /// Names of the municipality itself, the usual one first.
    pub(super) fn own_names(&self) -> Vec<String> {
        let mut names = vec![self.name.to_owned()];
        if let Some((short, _)) = self.name.split_once(" (") {
            names.push(short.to_owned());
        }
        if let Some((short, _)) = self.name.split_once(" v. d. ") {
            names.push(short.to_owned());
            names.push(self.name.replace("v. d.", "vor der"));
            names.push(self.name.replace("v. d.", "v.d."));
        }
        names
    }

    /// Ways to name a locality, the bare name first.
    pub(super) fn locality_names(&self, locality: &str) -> [String; 3] {
        let own = self.own_names();
        let short = own.get(1).unwrap_or(&own[0]);
        [locality.to_owned(), format!("{short}-{locality}"), format!("{short} OT {locality}")]
    }
}

/// The alias table `town;postcode;ags` of both counties: every spelling of the municipalities and
/// their localities with each postcode, and the spellings of the public street list.
#[must_use]
pub fn alias_table(tables: &Tables) -> String {
    let mut aliases: BTreeMap<(String, &str), &str> = BTreeMap::new();
    for place in &tables.municipalities {
        let mut names = place.own_names();
        names.push(place.official_name.to_owned());
        for locality in &place.localities {
            names.extend(place.locality_names(locality));
        }
        for name in names.iter().flat_map(|name| spellings(name)) {
            for postcode in &place.postcodes {
                aliases.insert((name.clone(), postcode), place.ags);
            }
        }
    }
    for (town, postcode, ags) in &tables.spellings {
        aliases.entry(((*town).to_owned(), postcode)).or_insert(ags);
    }
    let mut text = String::from("town;postcode;ags\n");
    for ((town, postcode), ags) in aliases {
        text.push_str(&format!("{town};{postcode};{ags}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_alias_table_is_what_the_tables_give() {
        let made = alias_table(&Tables::load().unwrap());
        assert_eq!(made, include_str!("../../../../policies/mappings/towns.csv"));
    }

    #[test]
    fn a_name_with_a_postcode_means_one_municipality() {
        let tables = Tables::load().unwrap();
        let mut seen: BTreeMap<(String, &str), &str> = BTreeMap::new();
        for place in &tables.municipalities {
            let localities = place.localities.iter().flat_map(|name| place.locality_names(name));
            for name in place.own_names().into_iter().chain(localities) {
                for postcode in &place.postcodes {
                    let before = seen.insert((name.clone(), postcode), place.ags);
                    assert!(before.is_none_or(|ags| ags == place.ags), "{name} {postcode}");
                }
            }
        }
    }

    #[test]
    fn hyphen_and_sharp_s_vary() {
        let expected = ["Groß-Umstadt", "Gross-Umstadt", "Groß Umstadt", "Gross Umstadt"];
        assert_eq!(spellings("Groß-Umstadt"), expected);
    }
}
