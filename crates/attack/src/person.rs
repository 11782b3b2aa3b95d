//! Whom an attacker knows by name.

use encoder::{EncodeError, Identifiers};
use policy::Identifier;

/// One entry of the attacker's register in clear text. For made-up people: unlike the department's
/// identifiers it is not overwritten when it is dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    texts: [String; Identifier::ALL.len()],
}

impl Person {
    /// Sets one text as the source wrote it.
    pub fn set(&mut self, identifier: Identifier, text: &str) {
        text.clone_into(&mut self.texts[identifier as usize]);
    }

    /// One text; empty where none was set.
    #[must_use]
    pub fn get(&self, identifier: Identifier) -> &str {
        &self.texts[identifier as usize]
    }

    /// What a department would encode.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] for a text that no department takes.
    pub fn identifiers(&self) -> Result<Identifiers, EncodeError> {
        let mut identifiers = Identifiers::new();
        for (identifier, text) in Identifier::ALL.into_iter().zip(&self.texts) {
            identifiers.set(identifier, text)?;
        }
        Ok(identifiers)
    }

    /// Year of birth, where the date has one.
    #[must_use]
    pub fn birth_year(&self) -> Option<u16> {
        encoder::normalise::date(self.get(Identifier::DateOfBirth)).ok()?.year
    }
}
