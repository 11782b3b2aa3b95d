use crate::RecordRef;

/// A record and the key of a block it is in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) key: u64,
    pub(super) record: RecordRef,
}

/// Members in order, cut into blocks of two and more.
pub(super) fn blocks_of(members: &[Member]) -> impl Iterator<Item = &[Member]> {
    members.chunk_by(|a, b| a.key == b.key).filter(|block| block.len() > 1)
}
