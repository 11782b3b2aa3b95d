//! The alias table: town or locality and postcode → municipality key.

use std::collections::HashMap;
use std::path::Path;

use encoder::normalise;
use policy::Digest;

use crate::error::{Error, shown};
use crate::source::{Source, SourceSettings};
use crate::spelling::fold;

/// Names of towns and localities with their municipality keys. Public facts.
pub struct Towns {
    by_both: HashMap<(String, String), String>,
    by_town: HashMap<String, Option<String>>,
    by_postcode: HashMap<String, Option<String>>,
    /// SHA-256 over the entries, for the report.
    pub digest: Digest,
}

impl Towns {
    /// Reads `town;postcode;ags`.
    ///
    /// # Errors
    /// [`Error::Mapping`] for other columns or a key that is not eight digits.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let fail = |reason: String| Error::Mapping { path: shown(path), reason };
        let mut source = Source::open(path, &SourceSettings::detect())?;
        if source.header() != ["town", "postcode", "ags"] {
            return Err(fail("the columns must be town;postcode;ags".into()));
        }
        let mut towns = Self {
            by_both: HashMap::new(),
            by_town: HashMap::new(),
            by_postcode: HashMap::new(),
            digest: Digest::of(b""),
        };
        while let Some(record) = source.next_record()? {
            let (town, postcode, ags) = (record.cell(0), record.cell(1), record.cell(2));
            let digits = |text: &str, length| {
                text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
            };
            if !digits(ags, 8) || !digits(postcode, 5) {
                return Err(fail(format!(
                    "line {}: write a postcode of five and a key of eight digits",
                    record.line
                )));
            }
            towns.digest = Digest::from_parts(&[
                towns.digest.as_bytes(),
                town.as_bytes(),
                postcode.as_bytes(),
                ags.as_bytes(),
            ]);
            towns.insert(fold(town), postcode, ags);
        }
        Ok(towns)
    }

    fn insert(&mut self, town: String, postcode: &str, ags: &str) {
        let only = |known: Option<Option<String>>| match known {
            None => Some(ags.to_owned()),
            Some(Some(known)) if known == ags => Some(known),
            Some(_) => None,
        };
        let before = self.by_town.remove(&town);
        self.by_town.insert(town.clone(), only(before));
        let before = self.by_postcode.remove(postcode);
        self.by_postcode.insert(postcode.to_owned(), only(before));
        self.by_both.insert((town, postcode.to_owned()), ags.to_owned());
    }

    /// The key of a place: by town and postcode; by the town alone where the postcode does not fit
    /// and the name exists once; by the postcode alone where the town is empty.
    #[must_use]
    pub fn resolve(&self, town: &str, postcode: &str) -> Option<&str> {
        let town = fold(town);
        // A spreadsheet takes a postcode for a number and eats its leading zero.
        let padded = normalise::postcode(postcode);
        let postcode = padded.as_ref().map_or(postcode, |padded| padded.as_str());
        if town.is_empty() {
            return self.by_postcode.get(postcode)?.as_deref();
        }
        let both = (town, postcode.to_owned());
        if let Some(ags) = self.by_both.get(&both) {
            return Some(ags);
        }
        self.by_town.get(&both.0)?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn towns(text: &str) -> Result<Towns, Error> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Towns::load(file.path())
    }

    #[test]
    fn a_place_is_found_by_what_is_certain() {
        let towns = towns(
            "town;postcode;ags\nGroß-Umstadt;64823;06432010\nSemd;64823;06432010\n\
             Steinau;64405;06432007\nSteinau;36396;06432099\nDresden;01067;14612000\n",
        )
        .unwrap();
        assert_eq!(towns.resolve("gross umstadt", "64823"), Some("06432010"));
        assert_eq!(towns.resolve("Semd", "99999"), Some("06432010"), "wrong postcode");
        assert_eq!(towns.resolve("Steinau", "64405"), Some("06432007"));
        assert_eq!(towns.resolve("Steinau", "99999"), None, "two places of that name");
        assert_eq!(towns.resolve("", "64823"), Some("06432010"));
        assert_eq!(towns.resolve("", "1067"), Some("14612000"), "a leading zero was eaten");
        assert_eq!(towns.resolve("Nirgendwo", "64823"), None, "an unknown name stays unknown");
    }

    #[test]
    fn a_damaged_table_is_refused_with_its_line() {
        let text = towns("town;postcode;ags\nA;1234;06432010\n").err().unwrap().to_string();
        assert!(text.contains("line 2") && text.contains("five"), "{text}");
    }
}
