//! What encoding a record needs and the next record uses again.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    Identifiers,
    classes::Classes,
    diffusion::Lanes,
    plan::{Plan, PlannedField},
    reading::{Reading, Source},
    tokens::TokenList,
    transpose::LANES,
    wipe::wipe_bytes,
};

/// Buffers and memories of one worker. What was read of a person is overwritten after each; filters
/// by the next people's, and on drop.
pub(crate) struct Scratch {
    sources: Vec<Source>,
    reading: Reading,
    /// Hashed tokens by view.
    classes: Vec<Classes>,
    /// Where the tokens of one field are remembered.
    places: Vec<u16>,
    /// The record's salt in one view.
    salt: Vec<u8>,
    /// By view: the filters of the people at work, one after the other.
    filters: Vec<Vec<u64>>,
    lanes: Lanes,
    words: usize,
}

impl Scratch {
    pub(crate) fn new(plan: &Plan, words: usize) -> Self {
        Self {
            sources: Source::all(plan),
            reading: Reading::new(plan),
            classes: plan.views.iter().map(|_| Classes::default()).collect(),
            places: Vec::new(),
            // A year, a sex and a letter need no more: no copy is left behind by growing.
            salt: Vec::with_capacity(16),
            filters: plan.views.iter().map(|_| vec![0; words * LANES]).collect(),
            lanes: Lanes::default(),
            words,
        }
    }

    /// Encodes at most 64 people. Gives `each` a person's place, the view, the number of bits set
    /// before diffusion and the finished filter: view after view, and person after person in each.
    pub(crate) fn encode<'p>(
        &mut self,
        plan: &Plan,
        people: impl Iterator<Item = &'p Identifiers>,
        mut each: impl FnMut(usize, usize, u32, &[u64]),
    ) {
        let mut count = 0;
        for (place, person) in people.take(LANES).enumerate() {
            self.hash(plan, person, place);
            count += 1;
        }
        for (view, (planned, filters)) in plan.views.iter().zip(&mut self.filters).enumerate() {
            let filters = &mut filters[..count * self.words];
            let mut weights = [0; LANES];
            for (weight, filter) in weights.iter_mut().zip(filters.chunks_exact(self.words)) {
                *weight = filter.iter().map(|word| word.count_ones()).sum();
            }
            if let Some(diffusion) = &planned.diffusion {
                diffusion.apply(filters, self.words, &mut self.lanes);
            }
            let finished = weights.iter().zip(filters.chunks_exact(self.words));
            for (place, (weight, filter)) in finished.enumerate() {
                each(place, view, *weight, filter);
            }
        }
    }

    /// Sets the bits of one person's tokens in the filters at `place`.
    fn hash(&mut self, plan: &Plan, person: &Identifiers, place: usize) {
        self.reading.read(&self.sources, person);
        let tokens = &self.reading.tokens;
        let views = plan.views.iter().zip(&mut self.classes).zip(&mut self.filters);
        for ((view, classes), filters) in views {
            let filter = &mut filters[place * self.words..][..self.words];
            filter.fill(0);
            self.reading.attributes.push_salt(&view.salt, &mut self.salt);
            let fields = classes.fields(view, &self.salt);
            wipe_bytes(&mut self.salt);
            for (field, of_class) in view.fields.iter().zip(fields) {
                let (hasher, memo) = (&of_class.hasher, &mut of_class.memo);
                let tokens = tokens_of(field, tokens);
                memo.known(hasher, tokens.known(), &mut self.places);
                for place in &self.places {
                    set(filter, memo.at(hasher, *place));
                }
                for token in tokens.texts() {
                    set(filter, memo.other(hasher, token));
                }
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
        self.places.zeroize();
        self.filters.zeroize();
    }
}

impl ZeroizeOnDrop for Scratch {}
