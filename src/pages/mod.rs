//! Pages for people: rendered on the server, German, useful without JavaScript.
//!
//! A page is made from released documents and from what the ledger says was spent, and from
//! nothing else; it has no way to a store. It fetches nothing but [`STYLE`] from the same host, and
//! it holds no script and no inline style, so that a content security policy of
//! `default-src 'none'; style-src 'self'` fits.
//!
//! Later pages extend `base.html` and add their own template beside their own file.

mod figures;
mod start;
mod table;

pub(crate) use start::{Lineage, ProjectSection, StartPage};
pub(crate) use table::Table;

/// The style sheet, to be served at `/style.css`.
pub(crate) const STYLE: &str = include_str!("style.css");
