//! Words of a text, back to back in one buffer that is used again.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::wipe::wipe;

/// Parts of a normal form, or words on the way to one.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Parts {
    text: String,
    ends: Vec<usize>,
}

impl Parts {
    /// Room for so many bytes of text, so that no copy of it is left behind by growing.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// Appends to the part that is being written.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Ends the part that is being written, unless nothing was.
    pub(super) fn end(&mut self) {
        if self.text.len() > self.ends.last().copied().unwrap_or(0) {
            self.ends.push(self.text.len());
        }
    }

    pub(super) fn truncate(&mut self, parts: usize) {
        self.ends.truncate(parts);
    }

    /// Forgets everything.
    pub(super) fn wipe(&mut self) {
        wipe(&mut self.text);
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_was_written_between_their_ends() {
        let mut parts = Parts::default();
        parts.end();
        parts.text().push_str("UTE");
        parts.end();
        parts.end();
        parts.text().push_str("MARIA");
        parts.end();
        assert_eq!(parts.iter().collect::<Vec<_>>(), ["UTE", "MARIA"]);
        assert_eq!((parts.get(1), parts.get(2)), (Some("MARIA"), None));
        parts.truncate(1);
        assert_eq!(parts.iter().collect::<Vec<_>>(), ["UTE"]);
        parts.wipe();
        assert!(parts.is_empty() && parts.text.is_empty());
    }
}
