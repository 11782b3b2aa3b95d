use std::fmt;
use std::path::PathBuf;
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
    /// The head of a log.
    Head,
    /// An epoch.
    Epoch,
    /// A kept comparison.
    Comparison,
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
            Self::Head => "head of a log",
            Self::Epoch => "epoch",
            Self::Comparison => "kept comparison",
        })
    }
}

/// Why the store did not do what it was asked. Nothing was changed then.
#[derive(Debug, Error)]
pub enum Error {
    /// The database answered with an error; its text stays in the source.
    #[error("the database could not carry this out; see the database's own log")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought to this version.
    #[error("the tables are not of this version; run the program version that made them")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A commit could be lost in a power cut.
    #[error("the database does not flush: set {0} and start again")]
    DoesNotFlush(&'static str),
    /// The database belongs to the other unit or to another installation.
    #[error("this database belongs to another unit or installation; check the configured location")]
    OtherInstallation,
    /// A copy of a database that has programs of its own for it.
    #[error("PostgreSQL is copied by its own pg_dump")]
    NoCopy,
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
    /// The database was made before bulk was sealed.
    #[error(
        "this database was made before sealing and holds bulk in clear: start with a new database \
         and let the departments deliver again"
    )]
    Unsealed,
    /// The database is there, its key store is not.
    #[error(
        "the key store {} is missing: without it nothing that is sealed in the database can be \
         read; bring it back, or start with a new database and let the departments deliver again",
        .0.display()
    )]
    KeyStoreMissing(PathBuf),
    /// The key store belongs to another database.
    #[error("the key store {} belongs to another database; check the configured paths", .0.display())]
    KeyStoreOther(PathBuf),
    /// The key store was copied back from an earlier time.
    #[error(
        "the key store is older than the database: {missing} keys are unknown to it; bring back the \
         newest one"
    )]
    KeyStoreBehind {
        /// Keys that the database names and the key store never had.
        missing: u64,
    },
    /// Others than the owner may read the key store.
    #[error("the key store {path} can be read by others; run: chmod 600 {path}", path = .0.display())]
    KeyStoreReadable(PathBuf),
    /// The file is no key store.
    #[error("the configured key store has another form; check the path")]
    KeyStoreForm,
    /// The unit data key does not open the key store.
    #[error("the unit data key does not open the key store; check which key file is configured")]
    UnitKeyWrong,
    /// The key store could not be read or written.
    #[error("the key store could not be read or written; check its disk and permissions")]
    KeyStoreFile(#[source] std::io::Error),
    /// The epoch was closed.
    #[error("the epoch is closed and its keys are destroyed; open a new epoch under a new key")]
    EpochClosed,
    /// There is no room left.
    #[error("the disk is full; nothing of this step was stored: make room and try again")]
    DiskFull,
    /// What was sealed under this key is erased.
    #[error("this was erased: its key is destroyed")]
    KeyDestroyed,
    /// The system gave no randomness, or a cipher did not take its input.
    #[error("the system gave no randomness for a key")]
    Cipher,
    /// The entry cannot be logged.
    #[error("the log does not take this entry")]
    Audit(#[from] audit::Error),
    /// The receiver of an export failed.
    #[error("the export could not be written")]
    Sink(#[source] std::io::Error),
}

/// SQLite's SQLITE_FULL, PostgreSQL's disk_full.
const FULL: [&str; 2] = ["13", "53100"];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| FULL.contains(&&*code)) {
            Self::DiskFull
        } else {
            Self::Database(error)
        }
    }
}
