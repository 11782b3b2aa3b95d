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
    by_salt: HashMap<Box<[u8]>, Vec<ClassField>>,
}

impl Classes {
    /// The fields of `view` for the people with this salt, in the view's order.
    pub(crate) fn fields(&mut self, view: &PlannedView, salt: &[u8]) -> &mut [ClassField] {
        if self.by_salt.len() >= MOST_CLASSES && !self.by_salt.contains_key(salt) {
            self.zeroize();
        }
        self.by_salt.entry(salt.into()).or_insert_with(|| {
            let roots = view.fields.iter().map(|field| &field.hasher);
            let hashers = roots.map(|root| match view.salt.is_empty() {
                true => root.clone(),
                false => root.of_class(salt),
            });
            hashers.map(|hasher| ClassField { hasher, memo: Memo::default() }).collect()
        })
    }
}

impl Zeroize for Classes {
    fn zeroize(&mut self) {
        // The memories overwrite themselves on drop.
        for (mut salt, _) in self.by_salt.drain() {
            salt.zeroize();
        }
    }
}

impl Drop for Classes {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Classes {}
