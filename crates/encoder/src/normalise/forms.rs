//! Where normal forms come about: buffers that the next text uses again.

use policy::Identifier;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::address::{
    first_line, push_house_number, push_postcode, push_street_name, push_town, split_house_number,
    without_additions,
};
use super::letters::{push_words, visible};
use super::names::{push_glued_birth_name, push_names};
use super::parts::Parts;
use super::phone::push_phone;
use super::search_form::{push_search_form, room};
use super::{DateDigits, sex};
use crate::wipe::wipe;

/// Reads one identifier after the other; each reading overwrites the one before.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Forms {
    form: String,
    words: Parts,
    joined: String,
    parts: Parts,
}

impl Forms {
    /// For texts of at most so many bytes; longer ones are read too, but leave copies behind where
    /// the buffers grow.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let bytes = room(bytes);
        Self {
            form: String::with_capacity(bytes),
            words: Parts::with_room(bytes),
            joined: String::with_capacity(bytes),
            parts: Parts::with_room(bytes),
        }
    }

    /// The parts of one identifier's normal form: several of a name, one or none of all others.
    pub(crate) fn read(&mut self, identifier: Identifier, raw: &str) -> &Parts {
        self.wipe();
        match identifier {
            Identifier::Surname | Identifier::BirthName | Identifier::GivenNames => {
                self.split(raw);
                push_names(&mut self.words, &mut self.parts);
            }
            Identifier::DateOfBirth => DateDigits::read(raw).push_text(self.parts.text()),
            Identifier::Sex => {
                visible(raw, |raw| push_search_form(raw.trim(), &mut self.form));
                let code = sex::from_search_form(&self.form).map(sex::Sex::code);
                self.parts.text().push_str(code.unwrap_or_default());
            }
            Identifier::Street => {
                self.split(split_house_number(first_line(raw)).0);
                push_street_name(&self.words, &mut self.joined, self.parts.text());
            }
            Identifier::HouseNumber => self.push_house_number(raw),
            Identifier::Postcode => {
                visible(raw, |raw| push_postcode(raw, self.parts.text()));
            }
            Identifier::Town => {
                self.split(without_additions(raw));
                push_town(&self.words, &mut self.joined, self.parts.text());
            }
            Identifier::Phone => visible(raw, |raw| push_phone(raw, self.parts.text())),
        }
        self.parts.end();
        &self.parts
    }

    /// The house number that is glued to a street.
    pub(crate) fn read_glued_house_number(&mut self, street: &str) -> &Parts {
        self.wipe();
        self.push_house_number(split_house_number(first_line(street)).1);
        self.parts.end();
        &self.parts
    }

    /// The birth name that is glued to a surname.
    pub(crate) fn read_glued_birth_name(&mut self, surname: &str) -> &Parts {
        self.wipe();
        self.split(surname);
        push_glued_birth_name(&self.words, &mut self.parts);
        &self.parts
    }

    fn push_house_number(&mut self, raw: &str) {
        self.split(raw);
        push_house_number(&self.words, self.parts.text());
    }

    fn split(&mut self, raw: &str) {
        push_search_form(raw, &mut self.form);
        push_words(&self.form, &mut self.words);
    }

    /// Forgets the last text.
    pub(crate) fn wipe(&mut self) {
        wipe(&mut self.form);
        wipe(&mut self.joined);
        self.words.wipe();
        self.parts.wipe();
    }
}
