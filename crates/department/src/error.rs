//! What can go wrong in a department, and what to do about it.

use std::path::Path;

use submission::{Half, Problem};
use thiserror::Error;

use crate::clks::UnfitCell;
use crate::keys::KeyFault;
use crate::source::{SqlFault, WorkbookFault};

/// A refusal or failure. No message holds a value from a record: it names file, line and column.
///
/// `Display` is English; [`Error::text`] gives either language.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the message of each variant says what it means")]
pub enum Error {
    #[error("cannot read {path}: {reason}; check that the file exists and may be read")]
    Read { path: String, reason: String },
    #[error("cannot write {path}: {reason}; check the folder, its permissions and the free space")]
    Write { path: String, reason: String },
    #[error("{path} changed while it was read; run the command again once it is complete")]
    Changed { path: String },
    #[error("{path} exists already; choose another name, nothing was overwritten")]
    Exists { path: String },

    #[error("{path} is empty; export the extract again")]
    Empty { path: String },
    #[error("{path} has a header but no records; export the extract again")]
    HeaderOnly { path: String },
    #[error("{path} is larger than {limit} bytes; deliver it in parts or raise the limit")]
    FileTooLarge { path: String, limit: u64 },
    #[error("{path} is not a text file; save it as CSV (UTF-8)")]
    NotText { path: String },
    #[error("{path}: {reason}")]
    Workbook { path: String, reason: WorkbookFault },
    #[error("{path} is stored as UTF-16; save it as CSV (UTF-8)")]
    Utf16 { path: String },
    #[error(
        "{path}, line {line}: not valid UTF-8; save it as UTF-8 or set the encoding to windows-1252"
    )]
    NotUtf8 { path: String, line: u64 },
    #[error("{path}, line {line}: two encodings in one file; export it again as UTF-8 in one go")]
    MixedEncoding { path: String, line: u64 },
    #[error(
        "{path}, line {line}: half of a character (a lone surrogate), so something was lost on \
         export; export it again as UTF-8"
    )]
    HalfCharacter { path: String, line: u64 },
    #[error(
        "{path}, line {line}: neither UTF-8 nor Windows-1252 (perhaps a DOS code page); save it \
         as UTF-8"
    )]
    ForeignEncoding { path: String, line: u64 },
    #[error(
        "{path}: no delimiter in the first line; set it in the mapping or export with semicolons"
    )]
    Delimiter { path: String },
    #[error("{path}: column {column} of the first line has the name of another column; rename one")]
    ColumnTwice { path: String, column: usize },
    #[error(
        "{path}, line {line}: more than {limit} bytes in one record; look for an unclosed \
         quotation mark"
    )]
    RecordTooLong { path: String, line: u64, limit: usize },
    #[error(
        "{path}, line {line}, column {column}: more than {limit} bytes in one cell; look for an \
         unclosed quotation mark"
    )]
    CellTooLong { path: String, line: u64, column: usize, limit: usize },
    #[error("{path}, line {line}: more than {limit} cells in one record; check the delimiter")]
    TooManyCells { path: String, line: u64, limit: usize },
    #[error(
        "{path}: the first line names no column of the mapping; export with a header line, or use \
         the right mapping"
    )]
    NoHeader { path: String },
    #[error(
        "{path}: the first line seems to be a record and names no column; export with a header line"
    )]
    NoNames { path: String },
    #[error("{path} lacks the columns {columns}; export them too, or correct the mapping")]
    MissingColumns { path: String, columns: String },
    #[error(
        "{path} has columns that the mapping does not name: {columns}; name each in the mapping \
         (role = \"ignore\" if it is not to be read) or leave it out of the export"
    )]
    UnknownColumns { path: String, columns: String },
    #[error("{path}: no record is usable; read {quarantine} for the reason of each")]
    NothingUsable { path: String, quarantine: String },
    #[error("{path} names no case; write one case number per line")]
    EmptyList { path: String },
    #[error("{path}, line {line}: {reason}")]
    List { path: String, line: u64, reason: ListFault },

    #[error("{path}, line {line}, column {column} ({name}): {reason}")]
    Cell { path: String, line: u64, column: usize, name: String, reason: UnfitCell },
    #[error(
        "{path}, line {line}: {found} cells where the schema has {expected} features; check the \
         delimiter and unclosed quotation marks"
    )]
    RowWidth { path: String, line: u64, found: usize, expected: usize },
    #[error(
        "{path}, line {line}: nothing to hash in any feature; remove the row, or accept an empty \
         encoding for it with --empty-rows"
    )]
    EmptyRow { path: String, line: u64 },
    #[error(
        "{path}: the first line names no feature of the schema (cells are separated by \
         `{delimiter}`); export with a header, name the delimiter, or read without one by \
         --no-header"
    )]
    HeaderForeign { path: String, delimiter: char },
    #[error("{path}: the first line lacks these features of the schema: {columns}")]
    HeaderMissing { path: String, columns: String },
    #[error(
        "{path}: the schema does not know these columns of the first line: {columns}; leave them \
         out of the export, or add them to the schema as ignored"
    )]
    HeaderUnexpected { path: String, columns: String },
    #[error("{path}: the columns must stand in the order of the schema: {columns}")]
    HeaderOrder { path: String, columns: String },
    #[error("{path} is no file of encodings: {reason}")]
    ClkFile { path: String, reason: String },
    #[error("{path}: {reason}")]
    SchemaFile { path: String, reason: String },
    #[error("{path} is a schema of the family milchglas, which has no --{option}: leave it out")]
    SchemaFamily { path: String, option: &'static str },

    #[error("mapping {path}: {reason}")]
    Mapping { path: String, reason: String },
    #[error("mapping {path}: still to decide (\"?\"): {places}")]
    Undecided { path: String, places: String },
    #[error(transparent)]
    Policy(#[from] policy::PolicyError),
    #[error("the linkage schema `{name}` is not in the policies folder; it has {known}")]
    SchemaMissing { name: String, known: String },
    #[error("source {path}: {reason}")]
    SqlSource { path: String, reason: String },
    #[error("source {path}: {reason}")]
    Sql { path: String, reason: SqlFault },
    #[error("settings {path}: {reason}; name another file with --settings, see docs/multiparty.md")]
    Settings { path: String, reason: String },

    #[error("{path} may be read by others; run: chmod 600 {path}")]
    KeyPermissions { path: String },
    #[error(
        "{path} is not a {kind} key file of this program; create one with: milchglas-department \
         keygen {kind} --output FILE"
    )]
    KeyForm { path: String, kind: &'static str },
    #[error("{path}: {reason}")]
    Key { path: String, reason: KeyFault },
    #[error("{path} must hold the secret, 1 to {limit} bytes")]
    Secret { path: String, limit: usize },
    #[error("the linkage key does not work with this schema: {0}")]
    Encoder(String),
    #[error("{path} does not open: it was altered, or sealed with another register key")]
    Register { path: String },
    #[error("the system's random source is not available")]
    Random,

    #[error(
        "an amendment needs the `case` column in the mapping; without it earlier subjects cannot \
         be found"
    )]
    NoCase,
    #[error("{path} is not a complete batch folder: {reason}; encode the extract again")]
    Batch { path: String, reason: String },
    #[error(transparent)]
    Submission(#[from] submission::SubmissionError),

    #[error(
        "{path} lies below the share {share}, where others may reach it; move it to a local \
         folder and correct the settings"
    )]
    OnShare { path: String, share: String },
    #[error("the share {path} is not reachable: {reason}; check that it is mounted")]
    Share { path: String, reason: String },
    #[error("a station with the work folder {path} runs already; end it first")]
    StationRuns { path: String },
    #[error(
        "the journal {path} cannot be read: {reason}; restore the file from a backup, or move it \
         away and see what was delivered before you start again"
    )]
    Journal { path: String, reason: String },

    #[error("{half} unit: {url} must begin with https:// (http:// only for this \
        machine)", half = half_name(*half))]
    PlainHttp { half: Half, url: String },
    #[error("{half} unit is not reachable: {reason}; what was sent is kept, run the command \
        again", half = half_name(*half))]
    Unreachable { half: Half, reason: String },
    #[error(
        "{half} unit: its certificate is not accepted ({reason}); check address and authority in \
         the settings, nothing was sent",
        half = half_name(*half)
    )]
    Certificate { half: Half, reason: String },
    #[error("{half} unit refuses: {} ({})", problem.title, problem.detail, half = half_name(*half))]
    Refused { half: Half, problem: Box<Problem> },
    #[error("{half} unit answers in an unknown form (status {status}); check the address and the \
        versions", half = half_name(*half))]
    Answer { half: Half, status: u16 },
    #[error("{half} unit: the receipt is not signed with the unit's key or not for this batch; \
        check the unit's public key in the settings", half = half_name(*half))]
    Receipt { half: Half },
}

/// What is wrong with a line of a list that a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ListFault {
    /// Neither a case number nor `surname;given names;date of birth`.
    #[error("write a case number, or surname;given names;date of birth")]
    Form,
    /// A date that does not exist or has another form.
    #[error("the date of birth is not readable; write dd.mm.yyyy")]
    Date,
    /// A case that stands in no register of the earlier batches.
    #[error("no earlier batch holds this case; check the number and the outbox folder")]
    UnknownCase,
    /// Too long.
    #[error("the line is too long")]
    TooLong,
}

/// Exit code of the program per kind of error; part of its interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ExitCode {
    /// The command line or the settings file is wrong, or a file cannot be written.
    Usage = 2,
    /// The extract or a list is refused.
    Input = 3,
    /// A key or register does not open.
    Key = 4,
    /// Mapping, catalogue or schema is wrong.
    Policy = 5,
    /// A unit refuses the batch.
    Refused = 6,
    /// A unit is not reachable.
    Unreachable = 7,
}

impl Error {
    pub(crate) fn read(path: &Path, error: &std::io::Error) -> Self {
        Self::Read { path: shown(path), reason: error.kind().to_string() }
    }

    pub(crate) fn write(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Self::Exists { path: shown(path) };
        }
        Self::Write { path: shown(path), reason: error.kind().to_string() }
    }

    /// The exit code of the program.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        use Error as E;
        match self {
            E::Write { .. }
            | E::Exists { .. }
            | E::Settings { .. }
            | E::SqlSource { .. }
            | E::PlainHttp { .. }
            | E::OnShare { .. }
            | E::Share { .. }
            | E::StationRuns { .. }
            | E::Journal { .. } => ExitCode::Usage,
            E::KeyPermissions { .. }
            | E::KeyForm { .. }
            | E::Key { .. }
            | E::Secret { .. }
            | E::Encoder(_)
            | E::Register { .. }
            | E::Random => ExitCode::Key,
            E::Mapping { .. }
            | E::Undecided { .. }
            | E::Policy(_)
            | E::SchemaMissing { .. }
            | E::SchemaFile { .. }
            | E::SchemaFamily { .. }
            | E::NoCase => ExitCode::Policy,
            E::Refused { .. } | E::Receipt { .. } | E::Answer { .. } => ExitCode::Refused,
            E::Unreachable { .. }
            | E::Certificate { .. }
            | E::Sql { reason: SqlFault::Unreachable(_) | SqlFault::Timeout(_), .. } => {
                ExitCode::Unreachable
            }
            _ => ExitCode::Input,
        }
    }
}

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(crate) fn half_name(half: Half) -> &'static str {
    match half {
        Half::Linkable => "linkage",
        Half::Measures => "statistics",
    }
}
