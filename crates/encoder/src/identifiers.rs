//! One person's identifying fields, as the source wrote them.

use policy::Identifier;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{EncodeError, field::identifier_name, normalise};

const FIELDS: usize = 10;

/// One person's identifying fields: raw text by [`Identifier`], overwritten on drop.
///
/// No `Serialize`, `Clone` or `Debug`: identifiers leave this type as an encoding only.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct Identifiers {
    texts: [String; FIELDS],
}

impl Identifiers {
    /// Longest text of one identifier, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// No identifier set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one identifier to the text as the source wrote it, replacing an earlier one.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`] above [`Self::MAX_BYTES`]; the earlier text stays.
    pub fn set(&mut self, identifier: Identifier, text: &str) -> Result<(), EncodeError> {
        if text.len() > Self::MAX_BYTES {
            return Err(EncodeError::TooLong {
                field: identifier_name(identifier),
                limit: Self::MAX_BYTES,
            });
        }
        let slot = &mut self.texts[identifier as usize];
        slot.zeroize();
        *slot = text.to_owned();
        Ok(())
    }

    /// Whether anything of `identifier` is left after normalising.
    #[must_use]
    pub fn has(&self, identifier: Identifier) -> bool {
        use Identifier::{BirthName, GivenNames, Phone, Surname};
        let raw = self.get(identifier);
        // No rule takes the last letter of these, and normalising costs more than looking. Not so of
        // a street: a house number such as 12a takes its letter along.
        let named = matches!(identifier, Surname | BirthName | GivenNames | Phone);
        (named && raw.bytes().any(|byte| byte.is_ascii_alphabetic()))
            || !normalise::text(identifier, raw).is_empty()
    }

    /// Whether the record can be told from others: two of surname (or birth name), given names,
    /// date of birth, street and telephone, at least one of them a name.
    ///
    /// Fewer would be an encoding that equals many people's, and a link that means nothing.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let surname = self.has(Identifier::Surname) || self.has(Identifier::BirthName);
        let given_names = self.has(Identifier::GivenNames);
        let others = [Identifier::DateOfBirth, Identifier::Street, Identifier::Phone];
        (surname && given_names)
            || ((surname || given_names) && others.iter().any(|&other| self.has(other)))
    }

    /// The first identifier with letters that no German register writes, if any has.
    #[must_use]
    pub fn in_other_script(&self) -> Option<Identifier> {
        use Identifier::{BirthName, GivenNames, HouseNumber, Street, Surname, Town};
        [Surname, BirthName, GivenNames, Street, HouseNumber, Town]
            .into_iter()
            .find(|identifier| normalise::is_other_script(*identifier, self.get(*identifier)))
    }

    pub(crate) fn get(&self, identifier: Identifier) -> &str {
        &self.texts[identifier as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(fields: &[(Identifier, &str)]) -> Identifiers {
        let mut identifiers = Identifiers::new();
        for (identifier, text) in fields {
            identifiers.set(*identifier, text).unwrap();
        }
        identifiers
    }

    #[test]
    fn two_telling_identifiers_make_a_record_usable() {
        use Identifier::{BirthName, DateOfBirth, GivenNames, Sex, Surname, Town};
        assert!(person(&[(Surname, "Weber"), (GivenNames, "Ute")]).is_usable());
        assert!(person(&[(BirthName, "Weber"), (DateOfBirth, "01.02.1980")]).is_usable());
        assert!(!person(&[]).is_usable());
        assert!(!person(&[(Surname, "Weber"), (Sex, "w"), (Town, "Dieburg")]).is_usable());
        assert!(!person(&[(Surname, " -- "), (GivenNames, "Ute")]).is_usable());
        assert!(!person(&[(Surname, "Weber"), (DateOfBirth, "00.00.0000")]).is_usable());
    }

    #[test]
    fn a_cell_of_a_megabyte_is_refused_and_the_earlier_text_stays() {
        let mut identifiers = person(&[(Identifier::Surname, "Weber")]);
        let refused = identifiers.set(Identifier::Surname, &"x".repeat(1 << 20));
        assert_eq!(refused, Err(EncodeError::TooLong { field: "surname", limit: 1024 }));
        assert_eq!(identifiers.get(Identifier::Surname), "Weber");
    }

    #[test]
    fn identifiers_are_overwritten() {
        fn overwritten_on_drop<T: ZeroizeOnDrop>(_: &T) {}
        let mut identifiers = person(&[(Identifier::Surname, "Weber")]);
        overwritten_on_drop(&identifiers);
        identifiers.zeroize();
        assert!(identifiers.texts.iter().all(String::is_empty));
    }
}
