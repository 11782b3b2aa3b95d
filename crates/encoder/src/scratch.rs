//! What encoding a record needs and the next record uses again.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    Identifiers,
    classes::Classes,
    plan::{Plan, PlannedField},
    reading::{Reading, Source},
    tokens::TokenList,
    wipe::wipe_bytes,
};

/// Buffers and memories of one worker; the per-record part is overwritten after each record.
pub(crate) struct Scratch {
    sources: Vec<Source>,
    reading: Reading,
    /// Hashed tokens by view.
    classes: Vec<Classes>,
    /// The record's salt in one view.
    salt: Vec<u8>,
    /// The filter before diffusion.
    filter: Vec<u64>,
    /// The filter after it.
    diffused: Vec<u64>,
}

impl Scratch {
    pub(crate) fn new(plan: &Plan, words: usize) -> Self {
        Self {
            sources: Source::all(plan),
            reading: Reading::new(plan),
            classes: plan.views.iter().map(|_| Classes::default()).collect(),
            // A year, a sex and a letter need no more: no copy is left behind by growing.
            salt: Vec::with_capacity(16),
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
        self.reading.read(&self.sources, identifiers);
        let tokens = &self.reading.tokens;
        for (view, classes) in plan.views.iter().zip(&mut self.classes) {
            self.filter.fill(0);
            self.reading.attributes.push_salt(&view.salt, &mut self.salt);
            let fields = classes.fields(view, &self.salt);
            wipe_bytes(&mut self.salt);
            for (field, of_class) in view.fields.iter().zip(fields) {
                let (hasher, memo) = (&of_class.hasher, &mut of_class.memo);
                let tokens = tokens_of(field, tokens);
                for token in tokens.known() {
                    set(&mut self.filter, memo.known(hasher, *token));
                }
                for token in tokens.texts() {
                    set(&mut self.filter, memo.other(hasher, token));
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
        self.reading.wipe();
    }
}

/// What a field reads of a record.
fn tokens_of<'t>(field: &PlannedField, tokens: &'t [TokenList]) -> &'t TokenList {
    let first = &tokens[field.feature];
    match field.otherwise {
        Some(otherwise) if first.is_empty() => &tokens[otherwise],
        _ => first,
    }
}

fn set(filter: &mut [u64], positions: &[u16]) {
    for position in positions {
        filter[usize::from(position / 64)] |= 1 << (position % 64);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.salt.zeroize();
        self.filter.zeroize();
        self.diffused.zeroize();
    }
}

impl ZeroizeOnDrop for Scratch {}
