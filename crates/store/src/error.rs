use std::fmt;
use thiserror::Error;

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A delivery.
    Batch,
    /// A piece of a delivery.
    Chunk,
    /// The schema digest of an epoch.
    Schema,
    /// The key-check value of an epoch.
    KeyCheckValue,
    /// The key of an epoch, which another epoch has too.
    EpochKey,
    /// A frozen or accepted snapshot.
    Snapshot,
    /// The snapshot of a period of a schedule.
    Period,
    /// A charge.
    Charge,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => "batch",
            Self::Chunk => "chunk",
            Self::Schema => "linkage schema",
            Self::KeyCheckValue => "key-check value",
            Self::EpochKey => "key of an epoch",
            Self::Snapshot => "snapshot",
            Self::Period => "snapshot of the period",
            Self::Charge => "charge",
        })
    }
}

/// Why the store did not do what it was asked. Nothing was changed then.
#[derive(Debug, Error)]
pub enum Error {
    /// The database answered with an error; its text stays in the source.
    #[error("the database could not carry this out; see the database's own log")]
    Database(#[from] sqlx::Error),
    /// The tables could not be brought to this version.
    #[error("the tables are not of this version; run the program version that made them")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A commit could be lost in a power cut.
    #[error("the database does not flush: set {0} and start again")]
    DoesNotFlush(&'static str),
    /// The database belongs to the other unit or to another installation.
    #[error("this database belongs to another unit or installation; check the configured location")]
    OtherInstallation,
    /// The table exists in the other unit only.
    #[error("this is done by the other unit")]
    OtherUnit,
    /// The same name was used for something else.
    #[error("this {0} exists already with other content; use a new one")]
    Conflict(Subject),
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(Subject),
    /// Chunks are missing.
    #[error("{missing} chunks are missing; send them and complete again")]
    Incomplete {
        /// How many.
        missing: u64,
    },
    /// Nobody approved exactly this, or the approval was used or has ended.
    #[error("a second person has to approve exactly this first; propose it")]
    NotApproved,
    /// The link map of this snapshot was accepted before.
    #[error("this snapshot was accepted before; freeze a new one")]
    AlreadyAccepted,
    /// The charge is in another state than this step starts from.
    #[error("the charge is in another state; nothing was done")]
    ChargeState,
    /// A value from outside is beyond its limit.
    #[error("{what} is beyond its limit of {limit}")]
    Limit {
        /// Which value.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A charge that would cost nothing or read no year.
    #[error("a charge names a price above zero and at least one event year")]
    EmptyCharge,
    /// A charge whose price is not the sum of its tables.
    #[error("the price of a charge is the sum over its tables; it has one at least")]
    PartsDiffer,
    /// Sums leave the range of the ledger.
    #[error("the sum leaves the range of the ledger")]
    Overflow,
    /// A running total is not the sum of its charges: somebody wrote to the database.
    #[error(
        "the running totals of the ledger differ from its charges; verify the log, find out who \
         wrote to the database and restore"
    )]
    TotalsDiffer,
    /// A stored value has another shape than this crate wrote.
    #[error("a stored value in {0} is damaged; verify the log and restore")]
    Damaged(&'static str),
    /// The entry cannot be logged.
    #[error("the log does not take this entry")]
    Audit(#[from] audit::Error),
    /// The receiver of an export failed.
    #[error("the export could not be written")]
    Sink(#[source] std::io::Error),
}
