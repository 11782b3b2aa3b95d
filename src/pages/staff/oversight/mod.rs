//! What a data protection officer sees: what needs them, policies in words, spending, the log,
//! papers and reports.

pub(crate) mod budget;
pub(crate) mod log;
pub(crate) mod overview;
pub(crate) mod papers;
pub(crate) mod policies;
pub(crate) mod words;
