//! Facts that are computed in the department and only there: months, amounts, classes.

mod amount;
mod span;

pub(crate) use amount::whole_units;
pub(crate) use span::{Span, YearPart, month_of};
