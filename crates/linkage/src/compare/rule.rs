use crate::Error;

/// Which sources are compared with which, and so what a solver may link. Within a source
/// only when asked for.
#[derive(Clone)]
pub struct Rule {
    /// Each with left <= right; sorted, without repetition.
    pairs: Vec<(u32, u32)>,
}

impl Rule {
    /// Every source with every other one, none with itself.
    pub fn between_all(sources: u32) -> Self {
        let pairs = (0..sources)
            .flat_map(|left| (left + 1..sources).map(move |right| (left, right)))
            .collect();
        Self { pairs }
    }

    /// Only these pairs of sources; `(a, a)` looks for duplicates within `a`.
    pub fn only(pairs: &[(u32, u32)]) -> Self {
        let mut pairs: Vec<_> = pairs.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self { pairs }
    }

    /// Looks for duplicates within `source` as well.
    #[must_use]
    pub fn and_within(mut self, source: u32) -> Self {
        self.pairs.push((source, source));
        Self::only(&self.pairs)
    }

    pub(crate) fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// Whether records of these two sources are compared.
    pub fn allows(&self, one: u32, other: u32) -> bool {
        self.pairs.binary_search(&(one.min(other), one.max(other))).is_ok()
    }

    pub(crate) fn check(&self, sources: usize) -> Result<(), Error> {
        match self.pairs.iter().find(|(_, right)| *right as usize >= sources) {
            Some(&(_, right)) => Err(Error::UnknownSource(right)),
            None => Ok(()),
        }
    }
}
