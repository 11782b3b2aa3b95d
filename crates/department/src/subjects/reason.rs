//! Why a record goes to quarantine.

use crate::language::Language;

/// A reason, without the value that caused it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "`text` says of each what it means")]
pub enum Reason {
    CellCount,
    MissingCase,
    ErrorCell,
    MissingIdentifier,
    OtherScript,
    ImpossibleDate,
    TooLong,
    TooLittle,
    OutsideWindow,
    UnknownCode,
    UnknownBlock,
    MissingTime,
    ImpossibleTime,
    EndsBeforeItBegins,
    NotAnAmount,
    ImplausibleAmount,
    SameRecordTwice,
    TwoPeopleInOneCase,
    TooManyRows,
}

impl Reason {
    /// All of them, in the order in which they are found.
    pub const ALL: [Self; 19] = [
        Self::CellCount,
        Self::MissingCase,
        Self::ErrorCell,
        Self::MissingIdentifier,
        Self::OtherScript,
        Self::ImpossibleDate,
        Self::TooLong,
        Self::TooLittle,
        Self::OutsideWindow,
        Self::UnknownCode,
        Self::UnknownBlock,
        Self::MissingTime,
        Self::ImpossibleTime,
        Self::EndsBeforeItBegins,
        Self::NotAnAmount,
        Self::ImplausibleAmount,
        Self::SameRecordTwice,
        Self::TwoPeopleInOneCase,
        Self::TooManyRows,
    ];

    /// A stable code for files and `--json`.
    #[must_use]
    pub fn code(self) -> &'static str {
        use Reason as R;
        match self {
            R::CellCount => "cell-count",
            R::ErrorCell => "error-cell",
            R::MissingCase => "missing-case",
            R::MissingIdentifier => "missing-identifier",
            R::OtherScript => "other-script",
            R::ImpossibleDate => "impossible-date",
            R::TooLong => "too-long",
            R::TooLittle => "too-little",
            R::OutsideWindow => "outside-window",
            R::UnknownCode => "unknown-code",
            R::UnknownBlock => "unknown-block",
            R::MissingTime => "missing-time",
            R::ImpossibleTime => "impossible-time",
            R::EndsBeforeItBegins => "ends-before-it-begins",
            R::NotAnAmount => "not-an-amount",
            R::ImplausibleAmount => "implausible-amount",
            R::SameRecordTwice => "same-record-twice",
            R::TwoPeopleInOneCase => "two-people-in-one-case",
            R::TooManyRows => "too-many-rows",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        use Reason as R;
        let (german, english) = match self {
            R::CellCount => (
                "andere Zahl von Zellen als die Kopfzeile: Trennzeichen im Text in \
                 Anführungszeichen setzen",
                "another number of cells than the header: quote delimiters inside text",
            ),
            R::ErrorCell => (
                "Fehlerwert der Tabellenkalkulation (etwa #NV) statt einer Angabe: Formel oder \
                 Verknüpfung berichtigen",
                "a spreadsheet's error (such as #N/A) instead of a value: correct formula or link",
            ),
            R::MissingCase => ("Fallnummer fehlt: nachtragen", "case number missing: add it"),
            R::MissingIdentifier => (
                "Pflichtangabe zur Person fehlt: nachtragen",
                "required identifier missing: add it",
            ),
            R::OtherScript => (
                "Name oder Anschrift in anderer Schrift (oder ein Buchstabe, der nur lateinisch \
                 aussieht): wie im Melderegister oder Ausweis in lateinischer Schrift eintragen",
                "name or address in another script (or a letter that only looks Latin): write it \
                 in Latin letters as the register or passport does",
            ),
            R::ImpossibleDate => (
                "Geburtsdatum gibt es nicht: berichtigen, unbekannte Teile als 00",
                "date of birth does not exist: correct it, 00 for unknown parts",
            ),
            R::TooLong => {
                ("Zelle ist länger als jeder Name: prüfen", "cell longer than any name: check it")
            }
            R::TooLittle => (
                "zu wenige Angaben, um die Person zu unterscheiden: ergänzen",
                "too few identifiers to tell the person apart: add some",
            ),
            R::OutsideWindow => (
                "Angaben zur Person sind ungewöhnlich kurz oder lang, die Gegenstelle würde sie \
                 ablehnen: prüfen",
                "identifiers are unusually short or long, the unit would refuse them: check them",
            ),
            R::UnknownCode => (
                "Schlüssel steht nicht in der Zuordnung: berichtigen oder Zuordnung ergänzen",
                "code is not in the mapping: correct it or extend the mapping",
            ),
            R::UnknownBlock => (
                "Sperrvermerk mit unbekanntem Wert: berichtigen oder Zuordnung ergänzen",
                "information block with an unknown value: correct it or extend the mapping",
            ),
            R::MissingTime => ("Zeitangabe fehlt: nachtragen", "time missing: add it"),
            R::ImpossibleTime => (
                "Zeitangabe ist nicht lesbar oder gibt es nicht: berichtigen",
                "time is not readable or does not exist: correct it",
            ),
            R::EndsBeforeItBegins => {
                ("Ende liegt vor dem Beginn: berichtigen", "ends before it begins: correct it")
            }
            R::NotAnAmount => {
                ("Betrag ist keine Zahl: berichtigen", "amount is not a number: correct it")
            }
            R::ImplausibleAmount => (
                "Betrag außerhalb der vereinbarten Grenzen: prüfen",
                "amount outside the agreed plausible bounds: check it",
            ),
            R::SameRecordTwice => (
                "Datensatz steht schon einmal in der Datei: der erste wurde verwendet",
                "record stands in the file before: the first one was used",
            ),
            R::TwoPeopleInOneCase => (
                "unter der Fallnummer stehen zwei verschiedene Personen: trennen",
                "two different people under one case number: separate them",
            ),
            R::TooManyRows => (
                "mehr Datensätze je Person und Jahr, als der Katalog zulässt: prüfen",
                "more records per person and year than the catalogue permits: check them",
            ),
        };
        language.pick(german, english)
    }
}

/// A record that stays in the department.
pub struct Rejected {
    /// Position among the data records, from 0.
    pub number: u64,
    /// Line on which it begins.
    pub line: u64,
    /// Why.
    pub reason: Reason,
    /// Column from 0, where one caused it.
    pub column: Option<usize>,
}

/// A reason and the column that caused it.
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    pub(crate) column: Option<usize>,
}

impl Fault {
    pub(crate) fn at(reason: Reason, column: usize) -> Self {
        Self { reason, column: Some(column) }
    }

    pub(crate) fn of(reason: Reason) -> Self {
        Self { reason, column: None }
    }
}
