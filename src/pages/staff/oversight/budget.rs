//! What was spent, by whom and for what, over time.

use askama::Template;

use crate::pages::staff::Frame;

/// The page.
#[derive(Template)]
#[template(path = "staff/oversight/budget.html")]
pub(crate) struct BudgetPage {
    pub(crate) frame: Frame,
    pub(crate) charges: String,
    pub(crate) purposes: Vec<PurposeLine>,
    pub(crate) years: Vec<YearLine>,
    pub(crate) people: Vec<PersonLine>,
    pub(crate) months: Vec<MonthLine>,
}

/// A purpose with its caps. Amounts in rho, as text.
pub(crate) struct PurposeLine {
    pub(crate) purpose: String,
    pub(crate) expires: String,
    pub(crate) cap: String,
    pub(crate) spent: String,
    pub(crate) reserved: String,
    pub(crate) left: String,
    /// What is spent and kept, in whole per cent of the cap.
    pub(crate) percent: u64,
}

/// An event year.
pub(crate) struct YearLine {
    pub(crate) year: u16,
    pub(crate) cap: String,
    pub(crate) spent: String,
    pub(crate) burnt: String,
    pub(crate) reserved: String,
    pub(crate) left: String,
    /// What was left after each charge, drawn wide and narrow; none where that is not known of each.
    pub(crate) pictures: Option<[String; 2]>,
}

/// Somebody who asks.
pub(crate) struct PersonLine {
    pub(crate) name: String,
    pub(crate) spent: String,
}

/// What was spent in a month.
pub(crate) struct MonthLine {
    pub(crate) month: String,
    pub(crate) purpose: String,
    pub(crate) who: String,
    pub(crate) datasets: String,
    pub(crate) state: &'static str,
    pub(crate) charges: String,
    pub(crate) spent: String,
    /// Together with everything before, for this purpose.
    pub(crate) so_far: String,
}
