//! What encoding records needs and the next records use again.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    Identifiers,
    classes::Classes,
    crowd::{Crowd, Tokens},
    diffusion::Lanes,
    plan::{Plan, PlannedField, PlannedView},
    reading::{Reading, Source},
    transpose::LANES,
    wipe::wipe_bytes,
};

/// People who are encoded together: enough that each class of a county's births has some dozens of
/// them.
pub(crate) const PEOPLE: usize = 4_096;

/// Buffers and memories of one worker. What was read of people is overwritten before the next ones;
/// filters by the next people's, and on drop.
pub(crate) struct Scratch {
    sources: Vec<Source>,
    reading: Reading,
    crowd: Crowd,
    /// In which order people are hashed.
    order: Vec<u32>,
    /// Hashed tokens by view.
    classes: Vec<Classes>,
    /// Where the tokens of one field are remembered.
    places: Vec<u16>,
    /// The record's salt in one view.
    salt: Vec<u8>,
    /// The filters of the people at work, one after the other.
    filters: Vec<u64>,
    lanes: Lanes,
    words: usize,
}

impl Scratch {
    pub(crate) fn new(plan: &Plan, words: usize) -> Self {
        Self {
            sources: Source::all(plan),
            reading: Reading::new(plan),
            crowd: Crowd::default(),
            order: Vec::new(),
            classes: plan.views.iter().map(|_| Classes::new(words)).collect(),
            places: Vec::new(),
            // A year, a sex and a letter need no more: no copy is left behind by growing.
            salt: Vec::with_capacity(16),
            filters: vec![0; words * LANES],
            lanes: Lanes::default(),
            words,
        }
    }

    /// Encodes at most [`PEOPLE`] people. Gives `each` a person's place, the view, the number of
    /// bits set before diffusion and the finished filter: view after view, and in each view
    /// everybody once, in an order of its own.
    pub(crate) fn encode<'p>(
        &mut self,
        plan: &Plan,
        people: impl Iterator<Item = &'p Identifiers>,
        mut each: impl FnMut(usize, usize, u32, &[u64]),
    ) {
        self.classes.iter_mut().for_each(Classes::make_room);
        for person in people.take(PEOPLE) {
            self.read(plan, person);
        }
        for (number, view) in plan.views.iter().enumerate() {
            let mut order = std::mem::take(&mut self.order);
            self.crowd.by_class(number, &mut order);
            for group in order.chunks(LANES) {
                self.hash(view, number, group);
                let mut weights = [0; LANES];
                let filters = &mut self.filters[..group.len() * self.words];
                for (weight, filter) in weights.iter_mut().zip(filters.chunks_exact(self.words)) {
                    *weight = filter.iter().map(|word| word.count_ones()).sum();
                }
                if let Some(diffusion) = &view.diffusion {
                    diffusion.apply(filters, self.words, &mut self.lanes);
                }
                let finished = weights.iter().zip(filters.chunks_exact(self.words));
                for (place, (weight, filter)) in group.iter().zip(finished) {
                    each(*place as usize, number, *weight, filter);
                }
            }
            self.order = order;
        }
        self.crowd.wipe();
    }

    /// Reads one person.
    fn read(&mut self, plan: &Plan, person: &Identifiers) {
        self.reading.read(&self.sources, person);
        let (attributes, salt) = (&self.reading.attributes, &mut self.salt);
        let classes = plan.views.iter().zip(&mut self.classes).map(|(view, classes)| {
            attributes.push_salt(&view.salt, salt);
            let class = classes.of(view, salt);
            wipe_bytes(salt);
            class
        });
        self.crowd.push(&self.reading.tokens, classes);
        self.reading.wipe();
    }

    /// Sets the bits of the tokens of each of at most 64 people in a filter of their own.
    fn hash(&mut self, view: &PlannedView, number: usize, group: &[u32]) {
        let classes = &mut self.classes[number];
        for (place, filter) in group.iter().zip(self.filters.chunks_exact_mut(self.words)) {
            filter.fill(0);
            let class = self.crowd.class(*place, number);
            for (field, of_class) in view.fields.iter().zip(classes.fields(class)) {
                let (hasher, memo) = (&of_class.hasher, &mut of_class.memo);
                let tokens = tokens_of(field, &self.crowd, *place);
                memo.known(hasher, tokens.known, &mut self.places);
                memo.lay(&self.places, filter);
                for token in tokens.texts() {
                    let place = memo.other(hasher, token);
                    memo.lay(&[place], filter);
                }
            }
        }
    }
}

/// What a field reads of a record.
fn tokens_of<'c>(field: &PlannedField, crowd: &'c Crowd, place: u32) -> Tokens<'c> {
    let first = crowd.tokens(place, field.feature);
    match field.otherwise {
        Some(otherwise) if first.is_empty() => crowd.tokens(place, otherwise),
        _ => first,
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
