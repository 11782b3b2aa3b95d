use crate::{BoxedError, Pair, PairSource, RecordRef};

/// Records that take part in no link. They stay records: each ends up alone.
#[derive(Default)]
pub struct SetAside {
    /// In order, without repetition.
    records: Vec<RecordRef>,
}

impl SetAside {
    /// These records, in any order.
    pub fn new(mut records: Vec<RecordRef>) -> Self {
        records.sort_unstable();
        records.dedup();
        Self { records }
    }

    /// The records in order.
    pub fn records(&self) -> &[RecordRef] {
        &self.records
    }

    pub(super) fn into_records(self) -> Vec<RecordRef> {
        self.records
    }

    fn has(&self, record: RecordRef) -> bool {
        self.records.binary_search(&record).is_ok()
    }
}

/// The pairs of another source that concern no record set aside.
pub struct Without<'a, S> {
    pairs: S,
    set_aside: &'a SetAside,
    chunk: Vec<Pair>,
}

impl<'a, S: PairSource> Without<'a, S> {
    /// Reads `pairs`.
    pub fn new(pairs: S, set_aside: &'a SetAside) -> Self {
        Self { pairs, set_aside, chunk: Vec::new() }
    }
}

impl<S: PairSource> PairSource for Without<'_, S> {
    fn is_ranked(&self) -> bool {
        self.pairs.is_ranked()
    }

    fn read(&mut self, pairs: &mut Vec<Pair>) -> Result<bool, BoxedError> {
        let before = pairs.len();
        while pairs.len() == before && self.pairs.read(&mut self.chunk)? {
            let free =
                |pair: &Pair| !self.set_aside.has(pair.left) && !self.set_aside.has(pair.right);
            pairs.extend(self.chunk.drain(..).filter(free));
        }
        Ok(pairs.len() > before)
    }
}
