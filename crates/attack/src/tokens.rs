//! Tokens as the schema makes them: the attacker knows the tokeniser, for it is public.

use std::collections::HashMap;

use encoder::normalise;
use policy::{Identifier, LinkageSchema, SaltAttribute, Tokens, View, ViewField};

use crate::Person;

/// What one view reads of one person.
#[derive(Clone)]
pub(crate) struct Bag {
    /// Tokens by number, rising, each once. Equal texts of different fields or salt classes are
    /// different tokens, because their keys differ.
    pub(crate) tokens: Vec<u32>,
    /// Positions that all tokens have together.
    pub(crate) load: u32,
    /// The salt class.
    pub(crate) class: u32,
}

/// The tokens of one view, numbered.
#[derive(Default)]
pub(crate) struct Vocabulary {
    numbers: HashMap<(u32, u8, String), u32>,
    classes: HashMap<String, u32>,
    /// Bits that a token sets, by token.
    pub(crate) weights: Vec<u32>,
}

impl Vocabulary {
    /// Reads one person.
    pub(crate) fn bag(&mut self, schema: &LinkageSchema, view: usize, person: &Person) -> Bag {
        let view: &View = &schema.views[view];
        let salt = salt(view, person);
        let next = self.classes.len() as u32;
        let class = *self.classes.entry(salt).or_insert(next);
        let mut found = Vec::new();
        for (number, field) in (0_u8..).zip(&view.fields) {
            for token in of_field(field, person) {
                let next = self.weights.len() as u32;
                let token = *self.numbers.entry((class, number, token)).or_insert_with(|| {
                    self.weights.push(u32::from(field.k));
                    next
                });
                found.push(token);
            }
        }
        found.sort_unstable();
        found.dedup();
        let load = found.iter().map(|token| self.weights[*token as usize]).sum();
        Bag { tokens: found, load, class }
    }

    /// Number of tokens seen.
    pub(crate) fn len(&self) -> usize {
        self.weights.len()
    }
}

fn salt(view: &View, person: &Person) -> String {
    let mut salt = String::new();
    for attribute in &view.salt {
        match attribute {
            SaltAttribute::BirthYear => {
                salt.extend(person.birth_year().map(|year| year.to_string()));
            }
            SaltAttribute::Sex => {
                salt += &normalise::text(Identifier::Sex, person.get(Identifier::Sex));
            }
            SaltAttribute::GivenInitial => {
                let names =
                    normalise::text(Identifier::GivenNames, person.get(Identifier::GivenNames));
                salt.extend(names.chars().next());
            }
        }
        salt.push('\0');
    }
    salt
}

fn of_field(field: &ViewField, person: &Person) -> Vec<String> {
    let first = of_text(field.identifier, field.tokens, person);
    match field.otherwise {
        Some(other) if first.is_empty() => of_text(other, field.tokens, person),
        _ => first,
    }
}

fn of_text(identifier: Identifier, kind: Tokens, person: &Person) -> Vec<String> {
    let raw = person.get(identifier);
    let mut tokens = Vec::new();
    match identifier {
        Identifier::DateOfBirth => of_date(raw, &mut tokens),
        Identifier::Surname | Identifier::BirthName | Identifier::GivenNames => {
            let parts = normalise::text(identifier, raw);
            parts.split(' ').for_each(|part| of_part(kind, part, &mut tokens));
        }
        Identifier::HouseNumber if raw.trim().is_empty() => {
            let street = normalise::street(person.get(Identifier::Street));
            of_part(kind, &street.house_number, &mut tokens);
        }
        other => of_part(kind, &normalise::text(other, raw), &mut tokens),
    }
    tokens
}

fn of_part(kind: Tokens, text: &str, tokens: &mut Vec<String>) {
    if text.is_empty() {
        return;
    }
    if matches!(kind, Tokens::Whole | Tokens::DateParts) {
        tokens.push(text.to_owned());
        return;
    }
    let padded: Vec<char> = std::iter::once('_').chain(text.chars()).chain(['_']).collect();
    for (position, pair) in padded.windows(2).enumerate() {
        let pair: String = pair.iter().collect();
        tokens.push(match kind {
            Tokens::PositionalBigrams => format!("{position}:{pair}"),
            _ => pair,
        });
    }
}

/// Dates that no calendar has are not among those that the attacks look at.
fn of_date(raw: &str, tokens: &mut Vec<String>) {
    let Ok(date) = normalise::date(raw) else { return };
    if !date.is_first_of_january() {
        tokens.extend(date.day.iter().flat_map(|day| [format!("D{day}"), format!("U{day}")]));
        tokens.extend(date.month.iter().flat_map(|own| [format!("M{own}"), format!("U{own}")]));
    }
    if let Some(year) = date.year {
        tokens.push(format!("Y{year}"));
        tokens.push(format!("y2:{}", year / 10 % 10));
        tokens.push(format!("y3:{}", year % 10));
    }
}
