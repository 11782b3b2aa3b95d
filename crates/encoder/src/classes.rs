//! What a view remembers, by salt class.

use std::collections::HashMap;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{hasher::Hasher, memo::Memo, plan::PlannedView};

/// Classes kept; a county has about a hundred years of birth.
const MOST_CLASSES: usize = 512;

/// One field of a view for the people of one salt class.
pub(crate) struct ClassField {
    pub(crate) hasher: Hasher,
    pub(crate) memo: Memo,
}

/// Hashers and hashed tokens of one view: one set for all people, or one per class of its salt.
#[derive(Default)]
pub(crate) struct Classes {
    by_salt: HashMap<Box<[u8]>, usize>,
    classes: Vec<Box<[ClassField]>>,
}

impl Classes {
    /// The fields of `view` for the people with this salt, in the view's order.
    pub(crate) fn fields(&mut self, view: &PlannedView, salt: &[u8]) -> &mut [ClassField] {
        // Without a salt there is one class.
        let known = match view.salt.is_empty() {
            true => (!self.classes.is_empty()).then_some(0),
            false => self.by_salt.get(salt).copied(),
        };
        let place = known.unwrap_or_else(|| self.add(view, salt));
        &mut self.classes[place]
    }

    fn add(&mut self, view: &PlannedView, salt: &[u8]) -> usize {
        if self.classes.len() >= MOST_CLASSES {
            self.zeroize();
        }
        let roots = view.fields.iter().map(|field| &field.hasher);
        let hashers = roots.map(|root| match view.salt.is_empty() {
            true => root.clone(),
            false => root.of_class(salt),
        });
        self.classes.push(hashers.map(|hasher| ClassField { hasher, memo: Memo::new() }).collect());
        self.by_salt.insert(salt.into(), self.classes.len() - 1);
        self.classes.len() - 1
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
