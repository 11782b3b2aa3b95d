//! Reading, encoding and writing at the same time, in bounded memory.

use encoder::{Encoder, Fill, Identifiers};

use super::Refusal;
use super::block::Block;
use crate::error::Error;

/// What came through.
pub(crate) struct Streamed {
    pub(crate) people: u64,
    /// Fill before diffusion of those that may travel, view by view.
    pub(crate) fill: Vec<Fill>,
}

/// Encodes whom `next` fills in, until it gives none, and hands each over in the same order under
/// the number that `next` gave: the encodings one view after the other, or why there are none.
///
/// While one block is encoded on all cores the next is read and the one before handed over.
pub(crate) fn stream(
    encoder: &Encoder,
    window: [u16; 2],
    mut next: impl FnMut(&mut Identifiers) -> Result<Option<u64>, Error> + Send,
    mut each: impl FnMut(u64, Result<&[u8], Refusal>) -> Result<(), Error> + Send,
    progress: &dyn Fn(u64),
) -> Result<Streamed, Error> {
    let mut streamed = Streamed { people: 0, fill: encoder.empty_fill() };
    let [mut reading, mut encoding, mut leaving] = [(); 3].map(|()| Block::new(encoder));
    reading.read(&mut next)?;
    while reading.len() + encoding.len() > 0 {
        (reading, encoding, leaving) = (leaving, reading, encoding);
        let (read, (fill, left)) = rayon::join(
            || reading.read(&mut next),
            || rayon::join(|| encoding.encode(encoder, window), || leaving.hand_over(&mut each)),
        );
        read?;
        left?;
        streamed.people += encoding.len() as u64;
        streamed.fill.iter_mut().zip(&fill).for_each(|(all, own)| all.add(own));
        progress(streamed.people);
    }
    Ok(streamed)
}
