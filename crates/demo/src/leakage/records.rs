//! Every record of a county in clear text, with the truth about it.

use std::collections::BTreeMap;

use attack::Person;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use policy::Identifier;

use crate::county::{County, Dataset, Encoding as Written, PersonNumber, convention};

/// The identifying columns of every extract.
const COLUMNS: [(&str, Identifier); 9] = [
    ("nachname", Identifier::Surname),
    ("geburtsname", Identifier::BirthName),
    ("vornamen", Identifier::GivenNames),
    ("geburtsdatum", Identifier::DateOfBirth),
    ("geschlecht", Identifier::Sex),
    ("strasse", Identifier::Street),
    ("hausnummer", Identifier::HouseNumber),
    ("plz", Identifier::Postcode),
    ("ort", Identifier::Town),
];

/// What one department knows of one person.
pub(crate) struct Known {
    pub(crate) person: PersonNumber,
    pub(crate) dataset: Dataset,
    pub(crate) clear: Person,
}

/// One record per person and department, the newest row of each, by department and person.
pub(crate) fn records(county: &County) -> anyhow::Result<Vec<Known>> {
    let mut all = Vec::new();
    for dataset in county.datasets() {
        let extract = county.extract(dataset, 1)?;
        let habit = convention(county.ags(), dataset);
        let encoding: &'static Encoding = match habit.encoding {
            Written::Windows1252 => WINDOWS_1252,
            Written::Utf8 | Written::Utf8Mark => UTF_8,
        };
        let (text, _, _) = encoding.decode(&extract.bytes);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(habit.delimiter)?)
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader.headers()?.clone();
        let columns: Vec<(usize, Identifier)> = COLUMNS
            .iter()
            .filter_map(|(name, own)| Some((header.iter().position(|cell| cell == *name)?, *own)))
            .collect();
        anyhow::ensure!(columns.len() == COLUMNS.len(), "an extract lacks an identifying column");
        let mut found: BTreeMap<PersonNumber, Person> = BTreeMap::new();
        for (row, person) in reader.records().zip(&extract.truth) {
            let (row, Some(person)) = (row?, person) else { continue };
            let mut clear = Person::default();
            for (column, identifier) in &columns {
                clear.set(*identifier, row.get(*column).unwrap_or_default());
            }
            found.insert(*person, clear);
        }
        all.extend(found.into_iter().map(|(person, clear)| Known { person, dataset, clear }));
    }
    Ok(all)
}
