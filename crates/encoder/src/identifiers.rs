//! One person's identifying fields, as the source wrote them.

use policy::Identifier;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{EncodeError, normalise, wipe::wipe};

const FIELDS: usize = Identifier::ALL.len();
/// Most people need no more; bytes.
const LEAST_ROOM: usize = 96;

/// One person's identifying fields: raw text by [`Identifier`], overwritten on drop.
///
/// No `Serialize`, `Clone` or `Debug`: identifiers leave this type as an encoding only.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct Identifiers {
    /// All texts, one after the other.
    text: String,
    /// Where each begins and ends.
    places: [[u16; 2]; FIELDS],
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
        let too_long = EncodeError::TooLong { field: identifier.name(), limit: Self::MAX_BYTES };
        if text.len() > Self::MAX_BYTES {
            return Err(too_long);
        }
        let replaces = !self.get(identifier).is_empty();
        if replaces || self.text.capacity() - self.text.len() < text.len() {
            self.move_without(identifier, text.len());
        }
        let start = self.text.len();
        self.text.push_str(text);
        // At most 10 texts of 1,024 bytes.
        let place = |position| u16::try_from(position).map_err(|_| too_long.clone());
        self.places[identifier as usize] = [place(start)?, place(self.text.len())?];
        Ok(())
    }

    /// Forgets everything, for the next person; the room stays.
    pub fn clear(&mut self) {
        wipe(&mut self.text);
        self.places = Default::default();
    }

    /// Moves all texts but one to a new place with more room, and overwrites the old one: growing
    /// or removing in place would leave copies behind.
    fn move_without(&mut self, identifier: Identifier, room: usize) {
        let mut moved = String::with_capacity((2 * self.text.len() + room).max(LEAST_ROOM));
        for (field, place) in self.places.iter_mut().enumerate() {
            let [start, end] = place.map(usize::from);
            let kept = if field == identifier as usize { "" } else { &self.text[start..end] };
            let start = moved.len();
            moved.push_str(kept);
            *place = [start, moved.len()].map(|position| u16::try_from(position).unwrap_or(0));
        }
        self.text.zeroize();
        self.text = moved;
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

    /// # Errors
    /// Why nothing may be made of this record: [`EncodeError::OtherScript`] or
    /// [`EncodeError::TooLittle`].
    pub(crate) fn check(&self) -> Result<(), EncodeError> {
        match self.in_other_script() {
            Some(foreign) => Err(EncodeError::OtherScript { field: foreign.name() }),
            None if self.is_usable() => Ok(()),
            None => Err(EncodeError::TooLittle),
        }
    }

    pub(crate) fn get(&self, identifier: Identifier) -> &str {
        let [start, end] = self.places[identifier as usize].map(usize::from);
        &self.text[start..end]
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
        assert!(identifiers.text.is_empty() && identifiers.get(Identifier::Surname).is_empty());
    }

    #[test]
    fn texts_keep_their_place_however_often_they_change() {
        use Identifier::{GivenNames, Surname, Town};
        let mut identifiers = Identifiers::new();
        for round in 0..50 {
            identifiers.set(Surname, &"Weber".repeat(round % 7)).unwrap();
            identifiers.set(Town, &"ß".repeat(round * 10)).unwrap();
            identifiers.set(GivenNames, "Ute").unwrap();
            assert_eq!(identifiers.get(Surname), "Weber".repeat(round % 7));
            assert_eq!(identifiers.get(Town), "ß".repeat(round * 10));
            assert_eq!(identifiers.get(GivenNames), "Ute");
            if round % 11 == 10 {
                identifiers.clear();
                assert!(identifiers.get(Town).is_empty());
            }
        }
    }

    #[test]
    fn ten_longest_texts_fit() {
        let longest = "x".repeat(Identifiers::MAX_BYTES);
        let fields = Identifier::ALL;
        let all = person(&fields.map(|field| (field, longest.as_str())));
        assert!(fields.iter().all(|field| all.get(*field) == longest));
    }
}
