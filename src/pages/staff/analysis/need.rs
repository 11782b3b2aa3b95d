//! Coming need: a released share of residents times coming residents; a model, and marked as one.

use askama::Template;

use super::Choice;
use crate::pages::staff::Frame;

/// A projection of one released table.
#[derive(Template)]
#[template(path = "staff/analysis/need.html")]
pub(crate) struct NeedPage {
    pub(crate) frame: Frame,
    /// Tables that may be projected.
    pub(crate) tables: Vec<Choice>,
    pub(crate) need: Option<Need>,
    /// Why there is none.
    pub(crate) why: String,
}

/// The projection.
pub(crate) struct Need {
    /// German, beginning with the mark of a model.
    pub(crate) title: String,
    /// The released year.
    pub(crate) year: u16,
    /// Coming years, and whether the register has their residents already.
    pub(crate) years: Vec<(u16, bool)>,
    pub(crate) rows: Vec<NeedRow>,
    /// All that is taken for granted, in German sentences.
    pub(crate) assumptions: Vec<String>,
    /// The released table.
    pub(crate) address: String,
}

/// A row with the released number and those of the coming years.
pub(crate) struct NeedRow {
    pub(crate) row: String,
    pub(crate) is_total: bool,
    /// Whether the released number is certain enough.
    pub(crate) known: bool,
    /// Value, low, high.
    pub(crate) released: Option<[String; 3]>,
    pub(crate) coming: Result<Vec<NeedCell>, String>,
}

/// One coming year.
pub(crate) struct NeedCell {
    /// Value, low, high.
    pub(crate) numbers: [String; 3],
    /// Public number of residents.
    pub(crate) residents: String,
}

impl Need {
    fn has_unsure(&self) -> bool {
        self.rows.iter().any(|own| !own.known && own.coming.is_ok())
    }
}
