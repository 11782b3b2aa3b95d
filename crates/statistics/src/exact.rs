//! The wrapper around everything that has not been noised.

/// A value computed from persons without noise; it may be moved into a release and nowhere else.
///
/// Missing on purpose: `Serialize`, `Debug`, `Display`, `Clone`, `PartialEq`, `Deref` and every
/// public accessor. Whoever holds one can drop it or hand it to [`release`](crate::release()) with
/// a [`Grant`](crate::Grant) that was paid for it.
pub struct Exact<T>(T);

impl<T> Exact<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// Ends the protection; called by the mechanism alone.
    pub(crate) fn into_mechanism(self) -> T {
        self.0
    }
}
