//! People → encodings, as far as they may travel.

mod block;
mod stream;

pub(crate) use stream::stream;

use encoder::{Fill, Identifiers, Worker};

/// Why a person is not encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too few usable identifiers.
    TooLittle,
    /// More or fewer bits than the linkage unit takes.
    OutsideWindow,
}

/// Writes a person's encodings to `bytes` and counts their fill; the weight of each must lie in
/// the schema's `window`, both ends included, since the linkage unit would refuse it.
fn encode(
    worker: &mut Worker<'_>,
    person: &Identifiers,
    window: [u16; 2],
    bytes: &mut [u8],
    fill: &mut [Fill],
) -> Result<(), Refusal> {
    let weights = worker.encode(person, bytes).map_err(|_| Refusal::TooLittle)?;
    let [low, high] = window.map(u32::from);
    let views = weights.by_view().len().max(1);
    let mut filters = bytes.chunks_exact((bytes.len() / views).max(1));
    if filters.all(|filter| (low..=high).contains(&set_bits(filter))) {
        Fill::take_all(fill, &weights);
        Ok(())
    } else {
        Err(Refusal::OutsideWindow)
    }
}

fn set_bits(filter: &[u8]) -> u32 {
    let (words, rest) = filter.as_chunks::<8>();
    let words: u32 = words.iter().map(|word| u64::from_le_bytes(*word).count_ones()).sum();
    words + rest.iter().map(|byte| byte.count_ones()).sum::<u32>()
}
