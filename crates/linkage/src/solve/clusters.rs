use crate::{Band, Error, RecordRef};

/// The records of all sources, numbered through.
pub(super) struct Numbering {
    /// Number of each source's first record, and the number of records in all.
    starts: Vec<u32>,
}

impl Numbering {
    pub(super) fn new(sizes: &[u32]) -> Result<Self, Error> {
        let mut starts = vec![0_u32];
        let mut total = 0_u32;
        for &size in sizes {
            total =
                total.checked_add(size).filter(|&n| n < u32::MAX).ok_or(Error::TooManyRecords)?;
            starts.push(total);
        }
        Ok(Self { starts })
    }

    pub(super) fn sources(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn total(&self) -> u32 {
        self.starts.last().copied().unwrap_or_default()
    }

    pub(super) fn index(&self, record: RecordRef) -> Result<u32, Error> {
        let RecordRef { source, row } = record;
        let range = self.starts.get(source as usize).zip(self.starts.get(source as usize + 1));
        range
            .and_then(|(start, end)| start.checked_add(row).filter(|index| index < end))
            .ok_or(Error::UnknownRecord { source_index: source, row })
    }

    pub(super) fn record(&self, index: u32) -> RecordRef {
        let source = self.starts.partition_point(|&start| start <= index) - 1;
        RecordRef { source: source as u32, row: index - self.starts[source] }
    }
}

/// Every record of every source in exactly one cluster.
///
/// Clusters are ordered by their least record, records by source and row. No
/// `Serialize` and no `Debug`: what leaves the linkage unit is its link map.
pub struct Clusters {
    records: Vec<RecordRef>,
    ends: Vec<u32>,
    bands: Vec<Option<Band>>,
}

/// The records that are taken to be one person.
#[derive(Clone, Copy)]
pub struct Cluster<'a> {
    /// At least one, by source and row.
    pub records: &'a [RecordRef],
    /// Band of the weakest link that was accepted to make the cluster; none for a
    /// record that stands alone.
    pub band: Option<Band>,
}

impl Clusters {
    pub(super) fn with_capacity(records: u32) -> Self {
        let records = Vec::with_capacity(records as usize);
        Self { records, ends: Vec::new(), bands: Vec::new() }
    }

    pub(super) fn push(&mut self, records: &[RecordRef], band: Option<Band>) {
        self.records.extend_from_slice(records);
        self.ends.push(self.records.len() as u32);
        self.bands.push(band);
    }

    /// Number of clusters.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The clusters in order, those of a single record too.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Cluster<'_>> {
        (0..self.len()).map(|index| {
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
            let end = self.ends[index] as usize;
            Cluster { records: &self.records[start..end], band: self.bands[index] }
        })
    }
}
