//! A folder of policies as its officer looks at it: checked, explained, compared, tried out.
//!
//! What a rule, a purpose or a cap means is decided where it is evaluated (`access`, `policy`);
//! here it is asked for every role, action and question, and said in words.

mod budget_words;
mod cases;
mod diff;
mod explain;
mod folder;
mod simulate;
mod words;

pub(crate) use diff::{Difference, compare};
pub(crate) use explain::{Section, explain};
pub(crate) use folder::{Folder, Place, Said};
pub(crate) use simulate::simulate;
pub(crate) use words::kind as kind_in_words;

#[cfg(test)]
mod tests;
