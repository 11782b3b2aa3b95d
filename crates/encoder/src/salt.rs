//! The record salt: which class of people a record belongs to.

use policy::SaltAttribute;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What salts are made of, of one person; noted while the identifiers are read.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Attributes {
    pub(crate) year: Option<[u8; 4]>,
    pub(crate) sex: Option<u8>,
    pub(crate) initial: Option<char>,
}

impl Attributes {
    /// Appends a view's salt: each attribute's normal form, followed by a zero byte. Whoever lacks
    /// an attribute belongs to the class of those without it.
    pub(crate) fn push_salt(&self, attributes: &[SaltAttribute], salt: &mut Vec<u8>) {
        for attribute in attributes {
            match attribute {
                SaltAttribute::BirthYear => salt.extend(self.year.iter().flatten()),
                SaltAttribute::Sex => salt.extend(self.sex),
                SaltAttribute::GivenInitial => {
                    if let Some(initial) = self.initial {
                        salt.extend_from_slice(initial.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            }
            salt.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_enter_in_their_order_each_before_a_zero_byte() {
        use SaltAttribute::{BirthYear, GivenInitial, Sex};
        let salt = |attributes: &[SaltAttribute], person: &Attributes| {
            let mut salt = Vec::new();
            person.push_salt(attributes, &mut salt);
            String::from_utf8(salt).unwrap()
        };
        let person = Attributes { year: Some(*b"1975"), sex: Some(b'w'), initial: Some('Ж') };
        assert_eq!(salt(&[BirthYear], &person), "1975\0");
        assert_eq!(salt(&[Sex, GivenInitial], &person), "w\0Ж\0");
        assert_eq!(salt(&[Sex, BirthYear], &Attributes::default()), "\0\0");
    }
}
