use super::{SetAside, Without};
use crate::{Error, PairSource, RecordRef};

/// Records that have more than `most` candidate partners in one source, in order.
///
/// Who matches everybody makes everybody match too many. So those with the most partners
/// are taken out first, all with more than half of the greatest number, and the others
/// are counted without them, until nobody is left with more than `most`.
///
/// `pairs` opens the pairs, which are read once and then again as often as records are
/// taken out. `sizes` are the sources' numbers of records. Memory is 4 bytes for each
/// record and source.
///
/// # Errors
/// [`Error::Read`] and [`Error::UnknownRecord`].
pub fn crowded<S: PairSource>(
    mut pairs: impl FnMut() -> S,
    sizes: &[u32],
    most: u32,
) -> Result<Vec<RecordRef>, Error> {
    let mut out = SetAside::default();
    loop {
        let mut counts = Counts::new(sizes);
        counts.count(&mut Without::new(pairs(), &out))?;
        let greatest = counts.greatest();
        if greatest <= most {
            return Ok(out.into_records());
        }
        let mut more = counts.over(most.max(greatest / 2));
        more.extend_from_slice(out.records());
        out = SetAside::new(more);
    }
}

/// Partners of each record in each source.
struct Counts<'a> {
    sizes: &'a [u32],
    /// By source; by row, and in it by the partner's source.
    counts: Vec<Vec<u32>>,
}

impl<'a> Counts<'a> {
    fn new(sizes: &'a [u32]) -> Self {
        let counts = sizes.iter().map(|&size| vec![0; size as usize * sizes.len()]).collect();
        Self { sizes, counts }
    }

    fn count(&mut self, pairs: &mut impl PairSource) -> Result<(), Error> {
        let mut chunk = Vec::new();
        while pairs.read(&mut chunk).map_err(Error::Read)? {
            for pair in chunk.drain(..) {
                self.add(pair.left, pair.right)?;
                self.add(pair.right, pair.left)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, of: RecordRef, partner: RecordRef) -> Result<(), Error> {
        let sources = self.sizes.len();
        let place = of.row as usize * sources + partner.source as usize;
        let known = (partner.source as usize) < sources;
        let own = self.counts.get_mut(of.source as usize).filter(|_| known);
        match own.and_then(|own| own.get_mut(place)) {
            Some(count) => {
                *count = count.saturating_add(1);
                Ok(())
            }
            None => Err(Error::UnknownRecord { source_index: of.source, row: of.row }),
        }
    }

    fn greatest(&self) -> u32 {
        self.counts.iter().flatten().copied().max().unwrap_or_default()
    }

    /// Records with more than `most` partners in some source.
    fn over(&self, most: u32) -> Vec<RecordRef> {
        let mut over = Vec::new();
        for (source, counts) in (0..).zip(&self.counts) {
            let rows = (0..).zip(counts.chunks(self.sizes.len().max(1)));
            let rows = rows.filter(|(_, own)| own.iter().any(|count| *count > most));
            over.extend(rows.map(|(row, _)| RecordRef { source, row }));
        }
        over
    }
}
