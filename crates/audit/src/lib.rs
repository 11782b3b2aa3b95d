//! The log of one unit as a hash chain, its signed checkpoints, and their verification on a
//! machine that trusts neither.
//!
//! Parties and what each must not learn from a log:
//!
//! - the **unit** appends entries and signs checkpoints; it must not be able to change, drop or
//!   reorder an entry without the export failing to verify;
//! - the **data protection officer** reads the export and keeps an anchor outside; the log holds no
//!   personal value, so reading it teaches the officer nothing about a person;
//! - the **operator** carries the file; holding it gives no key and no record.
//!
//! The crate does no I/O and knows no clock: times are parameters, lines are byte slices. The
//! binary `milchglas-audit` reads the file. The format is `docs/formats/log-entry.md`.
//!
//! Missing on purpose: there is no function that repairs, renumbers or re-hashes a chain.

mod anchor;
mod chain;
mod checkpoint;
mod countersignature;
mod document;
mod entry;
mod error;
mod export;
mod installation;
mod restore;
mod verify;

pub use anchor::{Anchor, ShortHead};
pub use chain::{Chain, Head};
pub use checkpoint::{Checkpoint, PublicKey};
pub use countersignature::{Countersignature, CountersignedHead};
pub use document::{DOCUMENT_LIMIT, Signature};
pub use entry::{Entry, KIND_LIMIT, LINE_LIMIT, NUMBER_LIMIT};
pub use error::Error;
pub use export::{checkpoint_line, entry_line, header_line};
pub use installation::{Installation, UnitKind};
pub use restore::{
    Approval, ApprovedRequest, Approver, BurnLine, Ceremony, RestoreRequest, Witnessed,
};
pub use verify::{Broken, Reason, Report, Verifier, verify};
