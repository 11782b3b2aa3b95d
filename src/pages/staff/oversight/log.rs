//! The log, entry by entry, and whether it can be relied on.

use askama::Template;

use crate::pages::staff::Frame;

/// The page.
#[derive(Template)]
#[template(path = "staff/oversight/log.html")]
pub(crate) struct LogPage {
    pub(crate) frame: Frame,
    pub(crate) verified: Verified,
    /// Number and sixteen letters of the last entry.
    pub(crate) head: String,
    /// Who countersigned last, or that nobody did.
    pub(crate) countersigned: String,
    /// Whether a countersignature is due or late.
    pub(crate) late: bool,
    /// What the other unit has of this log.
    pub(crate) witness: String,
    pub(crate) unwitnessed: bool,
    pub(crate) groups: Vec<Group>,
    pub(crate) entries: Vec<Entry>,
    /// Address of the entries before these.
    pub(crate) older: Option<String>,
    /// Address of the newest ones, where these are not.
    pub(crate) newest: Option<String>,
    /// Whether this person may countersign.
    pub(crate) may_sign: bool,
    /// What became of a countersignature that was just laid down.
    pub(crate) done: Option<String>,
    pub(crate) problem: Option<String>,
}

/// Whether the log was verified for this page.
pub(crate) struct Verified {
    pub(crate) says: String,
    /// `good`, `bad` or `waits`: a word of the style sheet.
    pub(crate) tone: &'static str,
    /// Whether to offer verifying all of it.
    pub(crate) offer: bool,
}

/// A choice of kinds.
pub(crate) struct Group {
    pub(crate) begins: &'static str,
    pub(crate) label: &'static str,
    pub(crate) chosen: bool,
}

/// An entry.
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) when: String,
    pub(crate) says: String,
    pub(crate) kind: String,
    /// The first letters of its hash.
    pub(crate) hash: String,
}
