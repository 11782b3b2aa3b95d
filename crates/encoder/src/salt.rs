//! The record salt: which class of people a record belongs to.

use policy::{Identifier, SaltAttribute};
use zeroize::Zeroizing;

use crate::{
    Identifiers,
    normalise::{self, DateDigits},
};

/// Writes the salt of a record to `salt`: each attribute's normal form, followed by a zero byte.
/// Whoever lacks an attribute belongs to the class of those without it.
pub(crate) fn write_salt(
    attributes: &[SaltAttribute],
    identifiers: &Identifiers,
    salt: &mut Zeroizing<String>,
) {
    salt.clear();
    for attribute in attributes {
        match attribute {
            SaltAttribute::BirthYear => {
                let date = DateDigits::read(identifiers.get(Identifier::DateOfBirth));
                salt.push_str(date.year().unwrap_or_default());
            }
            SaltAttribute::Sex => {
                salt.push_str(&normalise::text(Identifier::Sex, identifiers.get(Identifier::Sex)));
            }
            SaltAttribute::GivenInitial => {
                let names = normalise::names(identifiers.get(Identifier::GivenNames));
                salt.extend(names.first().and_then(|name| name.chars().next()));
            }
        }
        salt.push('\0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salt(attributes: &[SaltAttribute], cells: &[(Identifier, &str)]) -> String {
        let mut person = Identifiers::new();
        for (identifier, cell) in cells {
            person.set(*identifier, cell).unwrap();
        }
        let mut salt = Zeroizing::new("left over".to_owned());
        write_salt(attributes, &person, &mut salt);
        salt.to_string()
    }

    #[test]
    fn attributes_enter_in_normal_form_and_in_their_order() {
        use SaltAttribute::{BirthYear, GivenInitial, Sex};
        let person = [
            (Identifier::DateOfBirth, "21.03.1975"),
            (Identifier::Sex, "weiblich"),
            (Identifier::GivenNames, "Dr. Änne Marie"),
        ];
        assert_eq!(salt(&[BirthYear], &person), "1975\0");
        assert_eq!(salt(&[Sex, GivenInitial], &person), "w\0A\0");
        assert_eq!(salt(&[Sex, BirthYear], &[]), "\0\0");
        let unknown = [(Identifier::DateOfBirth, "21.03.0000")];
        assert_eq!(salt(&[BirthYear], &unknown), "\0");
    }
}
