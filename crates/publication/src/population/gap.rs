//! Why a number of residents cannot be told.

use super::{Ages, Sex};

/// What is missing. Nothing is put in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// The year is not in the file.
    Year {
        /// Asked for.
        year: u16,
        /// First and last year of the file.
        known: (u16, u16),
    },
    /// The year has no such municipality.
    Place {
        /// The municipality.
        place: String,
        /// Asked for.
        year: u16,
    },
    /// Residents are not told apart by age.
    NoAges {
        /// Asked for.
        year: u16,
    },
    /// The classes of the source do not form the ages.
    Classes {
        /// Asked for.
        asked: Ages,
        /// The least ages around them that the classes form.
        possible: Ages,
    },
    /// Residents are not told apart by sex.
    NoSexes {
        /// Asked for.
        year: u16,
    },
    /// The source does not know this sex.
    NoSex {
        /// Asked for.
        sex: Sex,
    },
    /// Some ages have no number.
    Missing {
        /// The municipality.
        place: String,
        /// The ages.
        ages: Ages,
    },
    /// Cohorts are not moved up that far.
    TooFar {
        /// The last year of the register.
        last: u16,
        /// Most years after it.
        most: u16,
    },
    /// Some asked for are so old that a model without deaths would be wrong.
    TooOld {
        /// The last age that is projected.
        last: u8,
    },
    /// A class without an end cannot be divided into single years.
    Open {
        /// The class.
        ages: Ages,
    },
    /// Nobody lives there, so nothing can be divided.
    Nobody,
    /// A key of the release means nothing to a register of residents.
    Key {
        /// The key.
        key: String,
    },
    /// The release is from before releases said whom they count.
    Unsaid,
}

impl Gap {
    /// For readers, to stand behind „nicht berechenbar:“.
    #[must_use]
    pub fn german(&self) -> String {
        match self {
            Self::Year { year, known: (first, last) } if first == last => {
                format!("für {year} liegt keine Bevölkerungszahl vor, nur für {first}")
            }
            Self::Year { year, known: (first, last) } => {
                format!("für {year} liegt keine Bevölkerungszahl vor, nur für {first} bis {last}")
            }
            Self::Place { place, year } => {
                format!("für die Gemeinde {place} liegt {year} keine Bevölkerungszahl vor")
            }
            Self::NoAges { year } => {
                format!("die Bevölkerungszahlen {year} sind nicht nach Alter gegliedert")
            }
            Self::Classes { asked, possible } => format!(
                "die Altersklassen der Bevölkerungszahlen ergeben „{}“ nicht genau, nur „{}“",
                asked.german(),
                everybody(*possible)
            ),
            Self::NoSexes { year } => {
                format!("die Bevölkerungszahlen {year} sind nicht nach Geschlecht gegliedert")
            }
            Self::NoSex { sex } => {
                format!("die Bevölkerungszahlen weisen „{}“ nicht aus", sex.german())
            }
            Self::Missing { place, ages } => format!(
                "die Quelle nennt für die Gemeinde {place} keine Zahl im Alter „{}“",
                everybody(*ages)
            ),
            Self::TooFar { last, most } => {
                format!("die Vorausberechnung reicht höchstens {most} Jahre über {last} hinaus")
            }
            Self::TooOld { last } => format!(
                "das Modell rechnet ohne Sterbefälle und deshalb nur bis zum Alter von {last} Jahren"
            ),
            Self::Open { ages } => format!(
                "die Altersklasse „{}“ lässt sich nicht in Jahrgänge teilen",
                everybody(*ages)
            ),
            Self::Nobody => "dort lebte niemand dieser Gruppe".to_owned(),
            Self::Key { key } => format!("„{key}“ kommt in keinem Melderegister vor"),
            Self::Unsaid => "die Veröffentlichung ist älter als die Quoten und sagt nicht \
                maschinenlesbar, wer gezählt wurde"
                .to_owned(),
        }
    }
}

fn everybody(ages: Ages) -> String {
    if ages == Ages::ALL { "jedes Alter".to_owned() } else { ages.german() }
}
