//! What encoding a record needs and the next record uses again.

use policy::{Identifier, Tokens};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    Identifiers,
    classes::Classes,
    date_tokens::push_date,
    normalise::{self, DateDigits},
    plan::{Feature, Plan},
    salt::write_salt,
    tokens::TokenList,
};

/// Buffers and memories of one worker; the per-record part is overwritten after each record.
pub(crate) struct Scratch {
    /// Tokens by feature.
    tokens: Vec<TokenList>,
    /// Hashed tokens by view.
    classes: Vec<Classes>,
    /// The record's salt in one view.
    salt: Zeroizing<String>,
    /// The filter before diffusion.
    filter: Vec<u64>,
    /// The filter after it.
    diffused: Vec<u64>,
}

impl Scratch {
    pub(crate) fn new(plan: &Plan, words: usize) -> Self {
        Self {
            tokens: plan.features.iter().map(|_| TokenList::default()).collect(),
            classes: plan.views.iter().map(|_| Classes::default()).collect(),
            salt: Zeroizing::default(),
            filter: vec![0; words],
            diffused: vec![0; words],
        }
    }

    /// Encodes one record: gives `each` the number of bits set before diffusion and the finished
    /// filter, view after view.
    pub(crate) fn encode(
        &mut self,
        plan: &Plan,
        identifiers: &Identifiers,
        mut each: impl FnMut(u32, &[u64]),
    ) {
        for (feature, tokens) in plan.features.iter().zip(&mut self.tokens) {
            read_feature(feature, identifiers, tokens);
        }
        for (view, classes) in plan.views.iter().zip(&mut self.classes) {
            self.filter.fill(0);
            write_salt(&view.salt, identifiers, &mut self.salt);
            let fields = classes.fields(view, self.salt.as_bytes());
            for (field, of_class) in view.fields.iter().zip(fields) {
                let first = &self.tokens[field.feature];
                let read = match field.otherwise {
                    Some(otherwise) if first.is_empty() => &self.tokens[otherwise],
                    _ => first,
                };
                for token in read.iter() {
                    for &position in of_class.memo.positions(&of_class.hasher, token) {
                        self.filter[usize::from(position / 64)] |= 1 << (position % 64);
                    }
                }
            }
            let weight = self.filter.iter().map(|word| word.count_ones()).sum();
            match &view.diffusion {
                Some(diffusion) => {
                    diffusion.apply(&self.filter, &mut self.diffused);
                    each(weight, &self.diffused);
                }
                None => each(weight, &self.filter),
            }
        }
        for tokens in &mut self.tokens {
            tokens.zeroize();
        }
        self.salt.zeroize();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.filter.zeroize();
        self.diffused.zeroize();
    }
}

impl ZeroizeOnDrop for Scratch {}

/// Tokens of one feature of a record.
fn read_feature(feature: &Feature, identifiers: &Identifiers, tokens: &mut TokenList) {
    let raw = identifiers.get(feature.identifier);
    match feature.identifier {
        Identifier::DateOfBirth => push_date(tokens, &DateDigits::read(raw)),
        Identifier::Surname | Identifier::BirthName | Identifier::GivenNames => {
            let mut parts = normalise::names(raw);
            if parts.is_empty() && feature.identifier == Identifier::BirthName {
                parts = normalise::glued_birth_name(identifiers.get(Identifier::Surname));
            }
            for part in parts.iter() {
                push_text(tokens, feature.tokens, part);
            }
        }
        Identifier::HouseNumber if raw.trim().is_empty() => {
            let street = normalise::street(identifiers.get(Identifier::Street));
            push_text(tokens, feature.tokens, &street.house_number);
        }
        other => push_text(tokens, feature.tokens, &normalise::text(other, raw)),
    }
}

fn push_text(tokens: &mut TokenList, kind: Tokens, text: &str) {
    if text.is_empty() {
        return;
    }
    match kind {
        Tokens::Bigrams => tokens.push_bigrams(text),
        Tokens::PositionalBigrams => tokens.push_positional_bigrams(text),
        // A checked schema asks for date parts of a date only.
        Tokens::Whole | Tokens::DateParts => tokens.push(&[text]),
    }
}
