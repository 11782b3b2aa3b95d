//! One thread's share of encoding.

use std::sync::PoisonError;

use policy::LinkageSchema;
use submission::Encoding;

use crate::{EncodeError, Encoder, Identifiers, scratch::Scratch};

/// Encodes one person after the other; made by [`Encoder::worker`], one per thread.
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

    /// Writes the encodings of one person to `bytes`, one view after the other, each as it travels
    /// ([`Encoding`]); `bytes` is as long as [`Encoder::encoded_bytes`] says.
    ///
    /// # Errors
    /// As [`Encoder::encode`]; `bytes` then holds nothing that may travel.
    pub fn encode(
        &mut self,
        identifiers: &Identifiers,
        bytes: &mut [u8],
    ) -> Result<Weights, EncodeError> {
        if !identifiers.is_usable() {
            return Err(EncodeError::TooLittle);
        }
        let mut weights = Weights::of(&[]);
        let (words, _) = bytes.as_chunks_mut::<8>();
        let mut words = words.iter_mut();
        self.each_view(identifiers, |weight, filter| {
            for (word, bytes) in filter.iter().zip(words.by_ref()) {
                // Little-endian: byte 0 holds bits 0 to 7.
                *bytes = word.to_le_bytes();
            }
            // A filter has at most 8,192 bits.
            weights.weights[weights.views] = u16::try_from(weight).unwrap_or(u16::MAX);
            weights.views += 1;
        });
        match weights.by_view().contains(&0) {
            true => Err(EncodeError::TooLittle),
            false => Ok(weights),
        }
    }

    /// The encodings of one person, each on its own.
    pub(crate) fn encodings(
        &mut self,
        identifiers: &Identifiers,
    ) -> Result<Vec<Encoding>, EncodeError> {
        let mut bytes = vec![0; self.encoder.encoded_bytes()];
        self.encode(identifiers, &mut bytes)?;
        let views = bytes.chunks_exact(self.encoder.words * 8).map(Encoding::new);
        views.collect::<Result<_, _>>().map_err(|_| EncodeError::TooLittle)
    }

    /// Gives `each` the weight before diffusion and the finished filter, view after view, also of
    /// people that are not usable.
    pub(crate) fn each_view(&mut self, identifiers: &Identifiers, each: impl FnMut(u32, &[u64])) {
        if let Some(scratch) = &mut self.scratch {
            scratch.encode(&self.encoder.plan, identifiers, each);
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let scratch = self.scratch.take();
        self.encoder.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(scratch);
    }
}
