//! What a view remembers, by salt class.

use std::collections::HashMap;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{hasher::Hasher, memo::Memo, plan::PlannedView};

/// Classes kept from one crowd to the next; a county has about a hundred years of birth.
const MOST_CLASSES: usize = 512;

/// One field of a view for the people of one salt class.
pub(crate) struct ClassField {
    pub(crate) hasher: Hasher,
    pub(crate) memo: Memo,
}

/// Hashers and hashed tokens of one view: one set for all people, or one per class of its salt.
pub(crate) struct Classes {
    /// Words of a filter.
    words: usize,
    by_salt: HashMap<Box<[u8]>, u32>,
    classes: Vec<Box<[ClassField]>>,
}

impl Classes {
    /// No class yet, for filters of so many words.
    pub(crate) fn new(words: usize) -> Self {
        Self { words, by_salt: HashMap::new(), classes: Vec::new() }
    }

    /// Forgets everything where there are too many classes; what [`Self::of`] told is void then.
    pub(crate) fn make_room(&mut self) {
        if self.classes.len() > MOST_CLASSES {
            self.zeroize();
        }
    }

    /// The class of the people with this salt.
    pub(crate) fn of(&mut self, view: &PlannedView, salt: &[u8]) -> u32 {
        // Without a salt there is one class.
        let known = match view.salt.is_empty() {
            true => (!self.classes.is_empty()).then_some(0),
            false => self.by_salt.get(salt).copied(),
        };
        known.unwrap_or_else(|| self.add(view, salt))
    }

    /// The fields of a class, in the view's order.
    pub(crate) fn fields(&mut self, class: u32) -> &mut [ClassField] {
        &mut self.classes[class as usize]
    }

    fn add(&mut self, view: &PlannedView, salt: &[u8]) -> u32 {
        let class = self.classes.len() as u32;
        let roots = view.fields.iter().map(|field| &field.hasher);
        let hashers = roots.map(|root| match view.salt.is_empty() {
            true => root.clone(),
            false => root.of_class(salt),
        });
        let words = self.words;
        let fields = hashers.map(|hasher| ClassField { hasher, memo: Memo::new(words) });
        self.classes.push(fields.collect());
        self.by_salt.insert(salt.into(), class);
        class
    }
}

impl Zeroize for Classes {
    fn zeroize(&mut self) {
        for (mut salt, _) in self.by_salt.drain() {
            salt.zeroize();
        }
        // The memories overwrite themselves on drop.
        self.classes.clear();
    }
}

impl Drop for Classes {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Classes {}
