/// What hangs together; the root of a component is its least member.
pub(super) struct Components(Vec<u32>);

impl Components {
    pub(super) fn new(records: u32) -> Self {
        Self((0..records).collect())
    }

    pub(super) fn root(&mut self, mut record: u32) -> u32 {
        while self.0[record as usize] != record {
            let parent = self.0[record as usize];
            self.0[record as usize] = self.0[parent as usize];
            record = parent;
        }
        record
    }

    pub(super) fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other) as usize] = one.min(other);
    }
}
