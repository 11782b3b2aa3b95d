//! Policies in words: what is in force, what waits, and what it would change.

use askama::Template;

use crate::pages::staff::Frame;
use crate::policies::{Difference, Section};

/// The page.
#[derive(Template)]
#[template(path = "staff/oversight/policies.html")]
pub(crate) struct PoliciesPage {
    pub(crate) frame: Frame,
    pub(crate) pieces: Vec<Piece>,
    /// Whether the folder has something that is not in force.
    pub(crate) waits: bool,
    pub(crate) difference: Option<Difference>,
    /// Pieces in force whose words nobody kept.
    pub(crate) wordless: Vec<String>,
    /// The version that is explained: the folder's, or what is in force.
    pub(crate) of_folder: bool,
    /// Empty where nothing is in force yet.
    pub(crate) sections: Vec<Section>,
    /// Rules of access of the folder that have run out.
    pub(crate) expired: Vec<String>,
}

/// A piece of policy and whether it holds.
pub(crate) struct Piece {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) tone: &'static str,
    /// The first letters of its digest.
    pub(crate) digest: String,
}
