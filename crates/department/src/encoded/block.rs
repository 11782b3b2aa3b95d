//! Some thousand people on their way to their encodings.

use encoder::{Encoder, Fill, Identifiers};
use rayon::prelude::*;

use super::{Refusal, encode};
use crate::error::Error;

/// People of a block.
const MOST: usize = 8192;
/// Fewest people that a thread encodes at once; the more, the faster.
const FEWEST: usize = 256;

/// People with room for their encodings; both are used again.
pub(super) struct Block {
    people: Vec<Identifiers>,
    /// What the reader calls each; as long as there are people in this block.
    tags: Vec<u64>,
    width: usize,
    bytes: Vec<u8>,
    refused: Vec<Option<Refusal>>,
}

impl Block {
    pub(super) fn new(encoder: &Encoder) -> Self {
        let width = encoder.encoded_bytes();
        Self {
            people: (0..MOST).map(|_| Identifiers::new()).collect(),
            tags: Vec::with_capacity(MOST),
            width,
            bytes: vec![0; MOST * width],
            refused: vec![None; MOST],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tags.len()
    }

    /// Replaces the block's people by the next ones; nobody once `next` gives none.
    pub(super) fn read(
        &mut self,
        mut next: impl FnMut(&mut Identifiers) -> Result<Option<u64>, Error>,
    ) -> Result<(), Error> {
        self.tags.clear();
        for person in &mut self.people {
            person.clear();
            let Some(tag) = next(person)? else { break };
            self.tags.push(tag);
        }
        Ok(())
    }

    /// Encodes everybody in parallel.
    pub(super) fn encode(&mut self, encoder: &Encoder, window: [u16; 2]) -> Vec<Fill> {
        let people = self.people.get(..self.tags.len()).unwrap_or_default();
        let width = self.width;
        let part = people.len().div_ceil(rayon::current_num_threads()).max(FEWEST);
        let parts = people
            .par_chunks(part)
            .zip(self.bytes.par_chunks_mut(part * width))
            .zip(self.refused.par_chunks_mut(part));
        let fills = parts.map(|((people, bytes), refused)| {
            let mut worker = encoder.worker();
            let mut fill = encoder.empty_fill();
            // The last part has room for more people than there are.
            let bytes = bytes.get_mut(..people.len() * width).unwrap_or_default();
            encode(&mut worker, people, window, bytes, refused, &mut fill);
            fill
        });
        fills.reduce(
            || encoder.empty_fill(),
            |mut all, part| {
                all.iter_mut().zip(&part).for_each(|(all, part)| all.add(part));
                all
            },
        )
    }

    /// Gives `each` the encodings of everybody, in their order.
    pub(super) fn hand_over(
        &self,
        mut each: impl FnMut(u64, Result<&[u8], Refusal>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let encoded = self.bytes.chunks_exact(self.width.max(1)).zip(&self.refused);
        for (tag, (bytes, refused)) in self.tags.iter().zip(encoded) {
            each(*tag, refused.map_or(Ok(bytes), Err))?;
        }
        Ok(())
    }
}
