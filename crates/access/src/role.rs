//! Roles and what can be done; which role may do what stands in `policies/access/`.

use serde::{Deserialize, Serialize};

/// What somebody is in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Delivers batches and sees their state.
    Department,
    /// Opens epochs (registers schema and key-check value) and closes them.
    Custodian,
    /// Links, freezes snapshots and carries link maps.
    Operator,
    /// Prices and asks what a purpose allows.
    Analyst,
    /// Data protection officer: reads log, ledger and releases, approves.
    Dpo,
    /// Approves for the office that answers for the project.
    Approver,
}

/// What can be done with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Deliver a batch and read its state.
    Submit,
    /// Open an epoch.
    OpenEpoch,
    /// Close an epoch: destroy its keys, encodings and scored pairs.
    CloseEpoch,
    /// Link the complete batches and freeze a snapshot.
    Link,
    /// Ask for, hand out or accept a link map.
    TransferMap,
    /// Price a query.
    Price,
    /// Ask a query, which spends budget.
    Query,
    /// Read what was released.
    ReadReleases,
    /// Read what was spent.
    ReadLedger,
    /// Read the audit log.
    ReadLog,
    /// Lay down a countersignature of a log.
    Countersign,
    /// Propose what a second person has to approve.
    Propose,
    /// Approve what somebody else proposed.
    Approve,
    /// See what was proposed and approved.
    ReadProposals,
    /// Read exact figures of a linkage run: similarities of pairs, sizes of clusters.
    ReadDiagnostics,
    /// Read single persons' facts or encodings. No route asks for it; it stands here so that a
    /// rule that would permit it is refused.
    ReadRecord,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Department,
        Self::Custodian,
        Self::Operator,
        Self::Analyst,
        Self::Dpo,
        Self::Approver,
    ];

    /// The word by which rules name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Custodian => "custodian",
            Self::Operator => "operator",
            Self::Analyst => "analyst",
            Self::Dpo => "dpo",
            Self::Approver => "approver",
        }
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 16] = [
        Self::Submit,
        Self::OpenEpoch,
        Self::CloseEpoch,
        Self::Link,
        Self::TransferMap,
        Self::Price,
        Self::Query,
        Self::ReadReleases,
        Self::ReadLedger,
        Self::ReadLog,
        Self::Countersign,
        Self::Propose,
        Self::Approve,
        Self::ReadProposals,
        Self::ReadDiagnostics,
        Self::ReadRecord,
    ];

    /// The word by which rules name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Submit => "Submit",
            Self::OpenEpoch => "OpenEpoch",
            Self::CloseEpoch => "CloseEpoch",
            Self::Link => "Link",
            Self::TransferMap => "TransferMap",
            Self::Price => "Price",
            Self::Query => "Query",
            Self::ReadReleases => "ReadReleases",
            Self::ReadLedger => "ReadLedger",
            Self::ReadLog => "ReadLog",
            Self::Countersign => "Countersign",
            Self::Propose => "Propose",
            Self::Approve => "Approve",
            Self::ReadProposals => "ReadProposals",
            Self::ReadDiagnostics => "ReadDiagnostics",
            Self::ReadRecord => "ReadRecord",
        }
    }

    /// The type of what it is done with, as in the schema of the rules.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Self::Submit => "Batch",
            Self::OpenEpoch | Self::CloseEpoch => "Epoch",
            Self::Link | Self::ReadDiagnostics => "Snapshot",
            Self::TransferMap => "LinkMap",
            Self::Price | Self::Query => "Question",
            Self::ReadReleases => "Release",
            Self::ReadLedger => "Ledger",
            Self::ReadLog | Self::Countersign => "Log",
            Self::Propose | Self::Approve | Self::ReadProposals => "Proposal",
            Self::ReadRecord => "Record",
        }
    }

    /// Whether what it is done with is of a [`ProposalKind`].
    #[must_use]
    pub fn has_kind(self) -> bool {
        matches!(self, Self::Propose | Self::Approve | Self::ReadProposals)
    }
}

/// What needs a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalKind {
    /// A new or changed purpose, plan, cap, schedule, catalogue, schema or rule of access.
    Policy,
    /// An epoch with its key: without it no batch under that key is taken.
    KeyRelease,
    /// A snapshot that no schedule leads to.
    Snapshot,
    /// Deletion of what was delivered.
    Deletion,
    /// The end of an epoch with its keys.
    EpochClosing,
    /// Going on from a restored database.
    Restore,
    /// Linkage over the border between two controllers.
    CrossCounty,
}

impl ProposalKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Policy,
        Self::KeyRelease,
        Self::Snapshot,
        Self::Deletion,
        Self::EpochClosing,
        Self::Restore,
        Self::CrossCounty,
    ];

    /// The word by which rules, log and database name it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::KeyRelease => "key-release",
            Self::Snapshot => "snapshot",
            Self::Deletion => "deletion",
            Self::EpochClosing => "epoch-closing",
            Self::Restore => "restore",
            Self::CrossCounty => "cross-county",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.word() == word)
    }
}
