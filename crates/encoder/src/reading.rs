//! A person's identifiers → tokens of every feature and the attributes of salts; each identifier
//! is normalised once.

use policy::{Identifier, SaltAttribute, Tokens};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    Identifiers,
    date_tokens::push_date,
    normalise::{DateDigits, Forms, Parts},
    plan::Plan,
    salt::Attributes,
    tokens::TokenList,
};

/// One identifier and the features that are made of it.
pub(crate) struct Source {
    identifier: Identifier,
    features: Vec<(usize, Tokens)>,
}

impl Source {
    /// Every identifier that the features or the salts read, each once.
    pub(crate) fn all(plan: &Plan) -> Vec<Self> {
        let salts = plan.views.iter().flat_map(|view| &view.salt).map(|salt| match salt {
            SaltAttribute::BirthYear => Identifier::DateOfBirth,
            SaltAttribute::Sex => Identifier::Sex,
            SaltAttribute::GivenInitial => Identifier::GivenNames,
        });
        let features = plan.features.iter().map(|feature| feature.identifier);
        let mut sources: Vec<Self> = Vec::new();
        for identifier in features.chain(salts) {
            if sources.iter().any(|source| source.identifier == identifier) {
                continue;
            }
            let own = plan.features.iter().enumerate().filter(|(_, f)| f.identifier == identifier);
            let features = own.map(|(place, feature)| (place, feature.tokens)).collect();
            sources.push(Self { identifier, features });
        }
        sources
    }
}

/// What was read of one person; the next one's overwrites it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Reading {
    /// By feature.
    pub(crate) tokens: Vec<TokenList>,
    pub(crate) attributes: Attributes,
    forms: Forms,
}

impl Reading {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            tokens: plan.features.iter().map(|_| TokenList::default()).collect(),
            attributes: Attributes::default(),
            forms: Forms::with_room(Identifiers::MAX_BYTES),
        }
    }

    /// Reads a person, after [`Self::wipe`].
    pub(crate) fn read(&mut self, sources: &[Source], person: &Identifiers) {
        for source in sources {
            let raw = person.get(source.identifier);
            if source.identifier == Identifier::DateOfBirth {
                let date = DateDigits::read(raw);
                self.attributes.year = date.year().and_then(|year| year.as_bytes().try_into().ok());
                for (feature, _) in &source.features {
                    push_date(&mut self.tokens[*feature], &date);
                }
                continue;
            }
            let glued = source.identifier == Identifier::HouseNumber && raw.trim().is_empty();
            let mut parts = match glued {
                true => self.forms.read_glued_house_number(person.get(Identifier::Street)),
                false => self.forms.read(source.identifier, raw),
            };
            if source.identifier == Identifier::BirthName && parts.is_empty() {
                parts = self.forms.read_glued_birth_name(person.get(Identifier::Surname));
            }
            match source.identifier {
                Identifier::Sex => self.attributes.sex = first(parts).map(|sex| sex.as_bytes()[0]),
                Identifier::GivenNames => {
                    self.attributes.initial = first(parts).and_then(|name| name.chars().next());
                }
                _ => {}
            }
            for (feature, tokens) in &source.features {
                push_parts(parts, *tokens, &mut self.tokens[*feature]);
            }
        }
    }

    /// Forgets the person.
    pub(crate) fn wipe(&mut self) {
        for tokens in &mut self.tokens {
            tokens.wipe();
        }
        self.attributes.zeroize();
        self.forms.wipe();
    }
}

fn first(parts: &Parts) -> Option<&str> {
    parts.iter().next()
}

fn push_parts(parts: &Parts, kind: Tokens, tokens: &mut TokenList) {
    for part in parts.iter() {
        match kind {
            Tokens::Bigrams => tokens.push_bigrams(part),
            Tokens::PositionalBigrams => tokens.push_positional_bigrams(part),
            // A checked schema asks for date parts of a date only.
            Tokens::Whole | Tokens::DateParts => tokens.push(None, &[part]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_check::test_persons;
    use crate::normalise;

    #[test]
    fn attributes_are_read_in_normal_form() {
        let sources = [Identifier::DateOfBirth, Identifier::Sex, Identifier::GivenNames]
            .map(|identifier| Source { identifier, features: Vec::new() });
        let mut reading = Reading {
            tokens: Vec::new(),
            attributes: Attributes::default(),
            forms: Forms::with_room(100),
        };
        let mut person = Identifiers::new();
        for (identifier, cell) in [
            (Identifier::DateOfBirth, "21.03.1975"),
            (Identifier::Sex, "weiblich"),
            (Identifier::GivenNames, "Dr. Änne Marie"),
        ] {
            person.set(identifier, cell).unwrap();
        }
        reading.read(&sources, &person);
        let found = &reading.attributes;
        assert!((found.year, found.sex, found.initial) == (Some(*b"1975"), Some(b'w'), Some('A')));
        reading.wipe();
        person.set(Identifier::DateOfBirth, "21.03.0000").unwrap();
        reading.read(&sources[..1], &person);
        assert!(reading.attributes.year.is_none() && reading.attributes.initial.is_none());
    }

    #[test]
    fn buffers_used_again_read_as_fresh_ones() {
        let all = [Identifier::Surname, Identifier::Street, Identifier::Town, Identifier::Phone];
        let mut forms = Forms::with_room(10);
        for person in test_persons() {
            for identifier in all {
                let raw = person.get(identifier);
                let again: Vec<&str> = forms.read(identifier, raw).iter().collect();
                assert_eq!(again.join(" "), *normalise::text(identifier, raw));
            }
        }
    }
}
