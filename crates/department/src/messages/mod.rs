//! Every message in either language.

mod clks;
mod german;
mod keys;
mod problem;
mod sql;
mod workbook;

use crate::error::Error;
use crate::language::Language;

impl Error {
    /// What went wrong and what to do, for the person at the keyboard.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::German => german::text(self),
            Language::English => self.to_string(),
        }
    }
}
