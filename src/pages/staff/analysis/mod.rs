//! Pages of those who ask: catalogue, query builder, answers, history.

mod catalogue;
mod citation;
mod history;
mod need;
mod price;
mod progress;
mod purse;
mod question;
mod result;
mod warning;
mod words;

pub(crate) use catalogue::{CataloguePage, Chapter, Entry, Released};
pub(crate) use citation::{Citation, Published};
pub(crate) use history::{HistoryLine, HistoryPage, Outcome};
pub(crate) use need::{Need, NeedCell, NeedPage, NeedRow};
pub(crate) use price::{PriceView, Step, WidthUnit};
pub(crate) use progress::{ProgressPage, ProgressState};
pub(crate) use purse::{Purse, number, rho, share_of};
pub(crate) use question::{BudgetFields, Choice, Filter, Group, Message, OwnFields, QuestionPage};
pub(crate) use result::ResultPage;
pub(crate) use warning::{ChangeLine, ComparedTable, WarningPage};
pub(crate) use words::Words;

/// What only these pages need, after the style sheet of all pages of staff.
pub(crate) const STYLE: &str = include_str!("analysis.css");
