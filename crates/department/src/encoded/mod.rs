//! People → encodings, as far as they may travel.

mod block;
mod stream;

pub(crate) use stream::stream;

use encoder::{EncodeError, Fill, Identifiers, Worker};

/// Why a person is not encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Too few usable identifiers.
    TooLittle,
    /// Letters that no German register writes.
    OtherScript,
    /// More or fewer bits than the linkage unit takes.
    OutsideWindow,
}

/// Writes the encodings of people to `bytes`, notes who is refused, and counts the fill of the
/// others; the weight of each encoding must lie in the schema's `window`, both ends included, since
/// the linkage unit would refuse it.
fn encode(
    worker: &mut Worker<'_>,
    people: &[Identifiers],
    window: [u16; 2],
    bytes: &mut [u8],
    refused: &mut [Option<Refusal>],
    fill: &mut [Fill],
) {
    let [low, high] = window.map(u32::from);
    let fits = |filter: &[u8]| (low..=high).contains(&set_bits(filter));
    let encoded = worker.encode(people, bytes);
    let width = bytes.len() / people.len().max(1);
    let each = encoded.into_iter().zip(bytes.chunks_exact(width.max(1))).zip(refused);
    for ((weights, bytes), refused) in each {
        *refused = match weights {
            Err(EncodeError::OtherScript { .. }) => Some(Refusal::OtherScript),
            Err(_) => Some(Refusal::TooLittle),
            Ok(weights) => {
                let filter = (bytes.len() / weights.by_view().len().max(1)).max(1);
                if bytes.chunks_exact(filter).all(fits) {
                    Fill::take_all(fill, &weights);
                    None
                } else {
                    Some(Refusal::OutsideWindow)
                }
            }
        };
    }
}

fn set_bits(filter: &[u8]) -> u32 {
    let (words, rest) = filter.as_chunks::<8>();
    let words: u32 = words.iter().map(|word| u64::from_le_bytes(*word).count_ones()).sum();
    words + rest.iter().map(|byte| byte.count_ones()).sum::<u32>()
}
