//! Each unit's log, witnessed by the other unit's host: `docs/formats/witness.md`.
//!
//! The units know each other by messages only. Here the messages are carried: `log` is a unit's own
//! log and what it says about it, `check` what a start compares, `watch` who carries on, `holder`
//! the other side, `restore` what two people do after a backup was put back.

mod check;
mod holder;
mod log;
pub(crate) mod restore;
mod watch;

pub(crate) use check::{check_anchor, check_own};
pub(crate) use holder::{Refused, answer, countersign, keep};
pub(crate) use log::{Log, Peer, Way};
pub(crate) use watch::{Start, start, watch};

use audit::UnitKind;
use policy::Name;

/// The name of a unit in messages.
pub(crate) fn unit_name(unit: UnitKind) -> anyhow::Result<Name> {
    Ok(Name::new(unit.as_str())?)
}

/// The unit that witnesses this one.
pub(crate) fn other(unit: UnitKind) -> UnitKind {
    match unit {
        UnitKind::Linkage => UnitKind::Statistics,
        UnitKind::Statistics => UnitKind::Linkage,
    }
}
