//! Pages for those who work with a unit.
//!
//! Each extends `frame.html` and has its template beside its own file. A text stands in both
//! languages at its place: `frame.say("Lieferungen", "Deliveries")`.

pub(crate) mod analysis;
pub(crate) mod deliveries;
mod frame;
pub(crate) mod markdown;
mod notice;
pub(crate) mod operation;
pub(crate) mod oversight;
pub(crate) mod proposals;
mod sign_in;
pub(crate) mod when;

pub(crate) use frame::{Frame, Place};
pub(crate) use notice::{Notice, NoticePage, german as refusal_in_german};
pub(crate) use sign_in::{SignInFault, SignInPage};

/// The KERN design system; see `kern/README.md`.
pub(crate) const KERN: &str = include_str!("../kern/kern.min.css");
/// Its dark theme for whoever asks the browser for it.
pub(crate) const KERN_DARK: &str = include_str!("../kern/dark.css");
/// What is ours: layout, tables, pictures.
pub(crate) const STYLE: &str = include_str!("staff.css");
/// What the pages of departments, officers and operators add to that.
pub(crate) const OFFICE_STYLE: &str = include_str!("office.css");
/// What makes pages nicer where scripts run; without it everything works.
pub(crate) const SCRIPT: &str = include_str!("staff.js");
