//! Records that nobody should be linked to: repeated, or like too many.

use linkage::{
    Alarm, Clusters, Hits, RecordRef, Repeats, SetAside, Source, Without, crowded, repeated,
};

use super::spill::FoundPairs;

/// Share of records, in millionths, that may have an encoding which another one has too.
const MOST_REPEATED: u32 = 10_000;

/// What is odd, and what to do about it.
pub(crate) struct OddLimits {
    /// Equal encodings of a source.
    pub(crate) most_equal: u32,
    /// Candidate partners of a record in one source.
    pub(crate) most_matches: u32,
    /// Whether odd records take part in links.
    pub(crate) set_aside: bool,
    /// Share of linked records, in millionths, where somebody knows it.
    pub(crate) expected: Option<(u32, u32)>,
}

/// What was found odd.
pub(crate) struct Odd {
    pub(crate) repeats: Vec<Repeats>,
    /// By source: records with more partners than allowed.
    pub(crate) crowded: Vec<u64>,
    pub(crate) hits: Vec<Hits>,
    pub(crate) set_aside: SetAside,
    pub(crate) alarms: Vec<Alarm>,
}

impl Odd {
    pub(super) fn look(
        sources: &[Source],
        sizes: &[u32],
        pairs: &FoundPairs,
        limits: &OddLimits,
    ) -> Result<Self, linkage::Error> {
        let repeats: Vec<Repeats> = sources.iter().map(Repeats::of).collect();
        let mut aside = Vec::new();
        for (source, own) in (0..).zip(sources) {
            let rows = repeated(own, limits.most_equal).into_iter();
            aside.extend(rows.map(|row| RecordRef { source, row }));
        }
        // What repeats would make others match too many.
        let aside = SetAside::new(aside);
        let open = || Without::new(pairs.reader(), &aside);
        let over = crowded(open, sizes, limits.most_matches)?;
        let of = |source: usize| over.iter().filter(|own| own.source as usize == source).count();
        let crowded: Vec<u64> = (0..sources.len()).map(|source| of(source) as u64).collect();
        let mut alarms = Vec::new();
        for ((number, repeats), count) in (0..).zip(&repeats).zip(&crowded) {
            alarms.extend(repeats.check(number, MOST_REPEATED, limits.most_equal));
            if *count > 0 {
                let most = limits.most_matches;
                alarms.push(Alarm::Crowded { source: number, crowded: *count, most });
            }
        }
        let records = if limits.set_aside { [aside.records(), &over].concat() } else { Vec::new() };
        let set_aside = SetAside::new(records);
        Ok(Self { repeats, crowded, hits: Vec::new(), set_aside, alarms })
    }

    pub(super) fn look_at_links(&mut self, clusters: &Clusters, limits: &OddLimits) {
        self.hits = Hits::by_source(clusters, self.repeats.len());
        if let Some(expected) = limits.expected {
            let hits = (0..).zip(&self.hits);
            self.alarms.extend(hits.filter_map(|(source, own)| own.check(source, expected)));
        }
    }

    /// Records of a source that were set aside.
    pub(super) fn aside_of(&self, source: usize) -> u64 {
        let own = |record: &&RecordRef| record.source as usize == source;
        self.set_aside.records().iter().filter(own).count() as u64
    }
}
