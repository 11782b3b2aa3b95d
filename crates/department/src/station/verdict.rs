//! Whose fault an error is: the file's, which is then rejected, or not, and the job waits.

use std::path::Path;

use submission::{ProblemCode, SubmissionError};

use super::journal::Rejection;
use super::words;
use crate::error::{Error, shown};
use crate::language::Language;

/// Seconds before the first new try; doubled before each further one.
const FIRST: i64 = 5;
/// Longest wait between two tries, in seconds.
const LONGEST: i64 = 15 * 60;

/// What an error means for a job.
pub(super) enum Verdict {
    /// The file has to be changed.
    Reject(Rejection),
    /// Something else has to change first.
    Wait(Hold),
}

/// Why a job does not go on.
pub(super) struct Hold {
    /// A stable word.
    pub(super) code: &'static str,
    /// For the operator: may hold paths of this host, never a value of a record.
    pub(super) reason: String,
    /// Whether a unit is waited for.
    pub(super) for_unit: bool,
}

impl Hold {
    /// Something for the operator.
    pub(super) fn of(error: &Error) -> Self {
        let code = match error {
            Error::Write { .. } | Error::Exists { .. } => "cannot-write",
            Error::Read { .. } => "cannot-read",
            Error::Share { .. } => "share-away",
            Error::Mapping { .. } => "mapping",
            Error::Policy(_) | Error::SchemaMissing { .. } => "policies",
            Error::KeyForm { .. }
            | Error::KeyPermissions { .. }
            | Error::Encoder(_)
            | Error::Register { .. } => "key",
            Error::SqlSource { .. } | Error::PlainHttp { .. } | Error::Settings { .. } => {
                "settings"
            }
            Error::Batch { .. } => "batch",
            _ => "operator",
        };
        Self { code, reason: error.text(Language::German), for_unit: false }
    }

    fn unit(code: &'static str, error: &Error) -> Self {
        Self { code, reason: error.text(Language::German), for_unit: true }
    }
}

/// Seconds to wait after this many failed tries.
pub(super) fn wait_after(tries: u32) -> i64 {
    let doublings = tries.saturating_sub(1).min(16);
    (FIRST << doublings).min(LONGEST)
}

/// Judges an error that came up with a file; `copy` is the private copy of the file `name`.
pub(super) fn judge(error: &Error, copy: Option<&Path>, name: &str) -> Verdict {
    use Error as E;
    match error {
        E::Unreachable { .. } => Verdict::Wait(Hold::unit("unit-unreachable", error)),
        E::Certificate { .. } => Verdict::Wait(Hold::unit("unit-certificate", error)),
        // Not the unit's words, but those of something in front of it, or of another version.
        E::Answer { .. } => Verdict::Wait(Hold::unit("unit-answer", error)),
        // The unit has the batch: rejecting it would lead to a second delivery.
        E::Receipt { .. } => Verdict::Wait(Hold::unit("unit-receipt", error)),
        E::Refused { problem, .. } if is_passing(problem.code) => {
            Verdict::Wait(Hold::unit("unit-busy", error))
        }
        E::Refused { problem, .. } => {
            Verdict::Reject(words::refused(problem.code, error.text(Language::German)))
        }
        E::NothingUsable { .. } => Verdict::Reject(words::nothing_usable()),
        E::Empty { .. }
        | E::HeaderOnly { .. }
        | E::FileTooLarge { .. }
        | E::NotText { .. }
        | E::Workbook { .. }
        | E::Utf16 { .. }
        | E::NotUtf8 { .. }
        | E::MixedEncoding { .. }
        | E::ForeignEncoding { .. }
        | E::Delimiter { .. }
        | E::ColumnTwice { .. }
        | E::RecordTooLong { .. }
        | E::CellTooLong { .. }
        | E::TooManyCells { .. }
        | E::NoHeader { .. }
        | E::MissingColumns { .. }
        | E::UnknownColumns { .. }
        | E::EmptyList { .. }
        | E::List { .. }
        | E::NoCase
        | E::Submission(SubmissionError::Limit { .. }) => {
            let mut text = error.text(Language::German);
            if let Some(copy) = copy {
                text = text.replace(&shown(copy), &format!("»{name}«"));
            }
            Verdict::Reject(words::faulty(code(error), text))
        }
        _ => Verdict::Wait(Hold::of(error)),
    }
}

/// Refusals that end by themselves.
fn is_passing(code: ProblemCode) -> bool {
    use ProblemCode as P;
    matches!(
        code,
        P::Busy | P::Internal | P::ChunkAltered | P::ChunkUnexpected | P::BatchIncomplete
    )
}

fn code(error: &Error) -> &'static str {
    use Error as E;
    match error {
        E::Empty { .. } | E::HeaderOnly { .. } => "empty",
        E::FileTooLarge { .. } => "too-large",
        E::NotText { .. } | E::Workbook { .. } => "not-readable",
        E::Utf16 { .. }
        | E::NotUtf8 { .. }
        | E::MixedEncoding { .. }
        | E::ForeignEncoding { .. } => "encoding",
        E::MissingColumns { .. } | E::UnknownColumns { .. } | E::NoHeader { .. } => "columns",
        E::EmptyList { .. } | E::List { .. } => "list",
        E::NoCase => "no-case-column",
        E::Submission(_) => "limit",
        _ => "layout",
    }
}

#[cfg(test)]
mod tests {
    use submission::{Half, Problem};

    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=10).map(wait_after).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        assert_eq!(wait_after(u32::MAX), 900);
    }

    #[test]
    fn a_refusal_rejects_and_a_busy_unit_does_not() {
        let refused = |code| {
            let problem = Box::new(Problem::new(code, "what differs"));
            judge(&Error::Refused { half: Half::Linkable, problem }, None, "x.csv")
        };
        for code in [ProblemCode::KeyDiffers, ProblemCode::NotFound, ProblemCode::ChunkInvalid] {
            let Verdict::Reject(rejection) = refused(code) else { unreachable!() };
            assert!(rejection.by_unit && rejection.reason.contains("what differs"));
        }
        for code in [ProblemCode::Busy, ProblemCode::Internal, ProblemCode::ChunkAltered] {
            assert!(matches!(refused(code), Verdict::Wait(Hold { for_unit: true, .. })));
        }
        // A receipt that does not verify: the unit has the batch.
        let receipt = Error::Receipt { half: Half::Measures };
        assert!(matches!(judge(&receipt, None, "x"), Verdict::Wait(_)));
    }

    #[test]
    fn the_clerk_reads_the_file_s_name_and_not_the_copy_s_place() {
        let copy = Path::new("/var/lib/station/copies/1.csv");
        let error = Error::Empty { path: shown(copy) };
        let Verdict::Reject(rejection) = judge(&error, Some(copy), "sgb2.csv") else {
            unreachable!()
        };
        assert!(rejection.reason.contains("»sgb2.csv« ist leer"), "{}", rejection.reason);
        let full = Error::Write { path: "w".into(), reason: "no space".into() };
        assert!(matches!(judge(&full, Some(copy), "x"), Verdict::Wait(_)));
    }
}
