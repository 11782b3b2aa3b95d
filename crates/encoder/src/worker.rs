//! One thread's share of encoding.

use std::sync::PoisonError;

use policy::LinkageSchema;
use submission::Encoding;

use crate::{
    EncodeError, Encoder, Identifiers,
    scratch::{PEOPLE, Scratch},
};

/// Encodes people, some at a time; made by [`Encoder::worker`], one per thread.
///
/// What it has hashed it keeps, and gives back to the encoder when it is dropped.
pub struct Worker<'e> {
    encoder: &'e Encoder,
    scratch: Option<Scratch>,
}

/// Set bits of one person's filters before diffusion, view by view.
pub struct Weights {
    weights: [u16; LinkageSchema::MAX_VIEWS],
    views: usize,
}

impl Weights {
    pub(crate) fn of(weights: &[u16]) -> Self {
        let mut own = [0; LinkageSchema::MAX_VIEWS];
        own.iter_mut().zip(weights).for_each(|(own, weight)| *own = *weight);
        Self { weights: own, views: weights.len().min(LinkageSchema::MAX_VIEWS) }
    }

    fn push(&mut self, weight: u32) {
        if let Some(own) = self.weights.get_mut(self.views) {
            // A filter has at most 8,192 bits.
            *own = u16::try_from(weight).unwrap_or(u16::MAX);
            self.views += 1;
        }
    }

    /// One number per view, in the schema's order.
    #[must_use]
    pub fn by_view(&self) -> &[u16] {
        &self.weights[..self.views]
    }
}

impl<'e> Worker<'e> {
    pub(crate) fn new(encoder: &'e Encoder) -> Self {
        let kept = encoder.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let scratch = kept.unwrap_or_else(|| Scratch::new(&encoder.plan, encoder.words));
        Self { encoder, scratch: Some(scratch) }
    }

    /// Encodes people in their order: the encodings of each go to `bytes`, person after person and
    /// view after view, each as it travels ([`Encoding`]); `bytes` is as long as
    /// [`Encoder::encoded_bytes`] says, times the number of people. Together, some thousands at
    /// once, they are encoded much faster than one by one.
    ///
    /// Of each person the result is that of [`Encoder::encode`]; where it is an error, `bytes` holds
    /// nothing of that person that may travel.
    pub fn encode(
        &mut self,
        people: &[Identifiers],
        bytes: &mut [u8],
    ) -> Vec<Result<Weights, EncodeError>> {
        let width = self.encoder.encoded_bytes();
        let filter_bytes = self.encoder.words * 8;
        let mut results = Vec::with_capacity(people.len());
        for (people, bytes) in people.chunks(PEOPLE).zip(bytes.chunks_mut(PEOPLE * width)) {
            let mut weights: Vec<Weights> = people.iter().map(|_| Weights::of(&[])).collect();
            self.each_filter(people.iter(), |place, view, weight, filter| {
                let own = &mut bytes[place * width + view * filter_bytes..][..filter_bytes];
                let (words, _) = own.as_chunks_mut::<8>();
                for (word, bytes) in filter.iter().zip(words) {
                    // Little-endian: byte 0 holds bits 0 to 7.
                    *bytes = word.to_le_bytes();
                }
                weights[place].push(weight);
            });
            let told = people.iter().zip(weights).map(|(person, weights)| {
                person.check()?;
                if weights.by_view().contains(&0) {
                    Err(EncodeError::TooLittle)
                } else {
                    Ok(weights)
                }
            });
            results.extend(told);
        }
        results
    }

    /// The encodings of each of several people.
    pub(crate) fn encodings(
        &mut self,
        people: &[Identifiers],
    ) -> Vec<Result<Vec<Encoding>, EncodeError>> {
        let width = self.encoder.encoded_bytes();
        let mut bytes = vec![0; people.len() * width];
        let results = self.encode(people, &mut bytes);
        let each = results.into_iter().zip(bytes.chunks_exact(width)).map(|(result, bytes)| {
            result?;
            let views = bytes.chunks_exact(self.encoder.words * 8).map(Encoding::new);
            views.collect::<Result<_, _>>().map_err(|_| EncodeError::TooLittle)
        });
        each.collect()
    }

    /// Gives `each` the finished filters of at most [`PEOPLE`] people, also of those that are not
    /// usable: place of the person, view, weight before diffusion, filter. View after view.
    pub(crate) fn each_filter<'p>(
        &mut self,
        people: impl Iterator<Item = &'p Identifiers>,
        each: impl FnMut(usize, usize, u32, &[u64]),
    ) {
        if let Some(scratch) = &mut self.scratch {
            scratch.encode(&self.encoder.plan, people, each);
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let scratch = self.scratch.take();
        self.encoder.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(scratch);
    }
}
