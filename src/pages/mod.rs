//! Pages for people: rendered on the server, German, useful without JavaScript.
//!
//! A page is made from released documents and from what the ledger says was spent, and from
//! nothing else; it has no way to a store. (A demonstration also shows a made-up person, from a
//! file.) It fetches nothing but [`STYLE`] from the same host, and it holds no script and no inline
//! style, so that a content security policy of `default-src 'none'; style-src 'self'` fits.
//!
//! Later pages extend `base.html` and add their own template beside their own file.

mod budget;
pub mod exhibit;
mod figures;
mod history;
mod quality;
mod rates;
mod release;
pub(crate) mod staff;
mod start;
mod table;

pub(crate) use budget::{Budget, Cost, Lineage};
pub(crate) use exhibit::ExhibitSection;
pub(crate) use quality::Evidence;
pub(crate) use release::{DemandSection, ReleasePage};
pub(crate) use start::{CountyLink, CountySection, StartPage};
pub(crate) use table::{Table, TableStyle};

/// The style sheet, to be served at `/style.css`.
pub(crate) const STYLE: &str = include_str!("style.css");
