//! How each department writes its file. These differences are habits, not errors: no generator
//! counts them as dirt and no mapping may stumble over them.

use super::dataset::Dataset;
use super::people::Sex;

/// Encoding of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Mark,
    /// Windows-1252; letters it lacks are written without their diacritics.
    Windows1252,
}

/// Codes of the column `geschlecht`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SexCode {
    /// `m`, `w`, `d`.
    Letter,
    /// `1` male, `2` female, `3` diverse.
    Digit,
    /// `männlich`, `weiblich`, `divers`.
    Word,
}

impl SexCode {
    /// The code of a sex.
    #[must_use]
    pub const fn of(self, sex: Sex) -> &'static str {
        match (self, sex) {
            (Self::Letter, Sex::Male) => "m",
            (Self::Letter, Sex::Female) => "w",
            (Self::Letter, Sex::Diverse) => "d",
            (Self::Digit, Sex::Male) => "1",
            (Self::Digit, Sex::Female) => "2",
            (Self::Digit, Sex::Diverse) => "3",
            (Self::Word, Sex::Male) => "männlich",
            (Self::Word, Sex::Female) => "weiblich",
            (Self::Word, Sex::Diverse) => "divers",
        }
    }
}

/// How a street is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StreetStyle {
    /// `Bahnhofstraße`, house number in its own column.
    Full,
    /// `Bahnhofstr.`, house number in its own column.
    Short,
    /// `Bahnhofstr. 12a`, the column `hausnummer` stays empty.
    WithNumber,
}

/// How a town is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TownStyle {
    /// The municipality.
    Municipality,
    /// The locality where there is one (`Semd`, `Groß-Umstadt-Semd`, `Groß-Umstadt OT Semd`).
    Locality,
    /// Now one, now the other.
    Either,
}

/// Everything a department does its own way. Amounts have a decimal comma and no thousands
/// separator, dates are `dd.mm.yyyy`, the header is the first line, cells are quoted only where
/// they must be: the same in all departments.
#[derive(Clone, Copy)]
pub struct Convention {
    /// The extract.
    pub dataset: Dataset,
    /// Between cells.
    pub delimiter: char,
    /// Of the file.
    pub encoding: Encoding,
    /// Behind each line.
    pub newline: &'static str,
    /// Whether the last line is `Summe` with the total of the amounts.
    pub totals: bool,
    /// Whether the column `ags` is filled; otherwise it follows from postcode and town.
    pub ags: bool,
    /// Codes for sex.
    pub sex: SexCode,
    /// Street style.
    pub street: StreetStyle,
    /// Town style.
    pub town: TownStyle,
    /// Share of changed surnames for which the birth name is filled in, per mille.
    pub birth_name_per_mille: u32,
    /// Whether some street cells carry a second line (`Hinterhaus`).
    pub line_breaks: bool,
}

const PLAIN: Convention = Convention {
    dataset: Dataset::Sgb2,
    delimiter: ';',
    encoding: Encoding::Windows1252,
    newline: "\r\n",
    totals: false,
    ags: true,
    sex: SexCode::Letter,
    street: StreetStyle::Short,
    town: TownStyle::Municipality,
    birth_name_per_mille: 700,
    line_breaks: false,
};

/// The habits of the first county's departments, in the order of [`Dataset::ALL`].
pub const CONVENTIONS: [Convention; 8] = [
    PLAIN,
    Convention {
        dataset: Dataset::Wohngeld,
        encoding: Encoding::Utf8Mark,
        totals: true,
        ags: false,
        sex: SexCode::Digit,
        street: StreetStyle::Full,
        town: TownStyle::Either,
        birth_name_per_mille: 300,
        ..PLAIN
    },
    Convention {
        dataset: Dataset::Sgb12,
        totals: true,
        sex: SexCode::Word,
        street: StreetStyle::WithNumber,
        birth_name_per_mille: 850,
        ..PLAIN
    },
    Convention {
        dataset: Dataset::Egh,
        delimiter: ',',
        encoding: Encoding::Utf8,
        newline: "\n",
        ags: false,
        street: StreetStyle::Full,
        town: TownStyle::Either,
        birth_name_per_mille: 400,
        ..PLAIN
    },
    Convention {
        dataset: Dataset::Hze,
        delimiter: '\t',
        encoding: Encoding::Utf8,
        newline: "\n",
        town: TownStyle::Either,
        birth_name_per_mille: 200,
        line_breaks: true,
        ..PLAIN
    },
    Convention {
        dataset: Dataset::Kita,
        encoding: Encoding::Utf8Mark,
        newline: "\n",
        ags: false,
        street: StreetStyle::Full,
        town: TownStyle::Locality,
        birth_name_per_mille: 0,
        line_breaks: true,
        ..PLAIN
    },
    Convention {
        dataset: Dataset::But,
        newline: "\n",
        totals: true,
        ags: false,
        sex: SexCode::Digit,
        town: TownStyle::Either,
        birth_name_per_mille: 0,
        ..PLAIN
    },
    Convention {
        dataset: Dataset::Asyl,
        delimiter: ',',
        encoding: Encoding::Utf8,
        sex: SexCode::Word,
        street: StreetStyle::WithNumber,
        birth_name_per_mille: 100,
        line_breaks: true,
        ..PLAIN
    },
];

/// The habits of a department. The second county bought other software for two of them; codes,
/// dates and columns are the same, so that one mapping serves both.
#[must_use]
pub const fn convention(county: &str, dataset: Dataset) -> Convention {
    let usual = CONVENTIONS[dataset as usize];
    let second = matches!(county.as_bytes(), b"06440");
    match (second, dataset) {
        (true, Dataset::Wohngeld) => {
            Convention { delimiter: '\t', encoding: Encoding::Windows1252, ..usual }
        }
        (true, Dataset::Kita) => {
            Convention { delimiter: ',', encoding: Encoding::Utf8, newline: "\r\n", ..usual }
        }
        _ => usual,
    }
}
