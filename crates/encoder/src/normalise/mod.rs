//! The normaliser `de-1`: what German registers write differently and mean the same.
//!
//! Every department runs exactly these rules, so a rule is never changed: a better one is a new
//! version with a new name. The cases of each rule stand in `tests/vectors/normaliser.csv`.
//! Results are identifiers too and are overwritten on drop.

mod address;
mod date;
mod letters;
mod names;
mod phone;
mod search_form;
mod sex;

use policy::Identifier;
use zeroize::Zeroizing;

pub use address::{Street, house_number, postcode, street, town};
pub(crate) use date::DateDigits;
pub use date::{PartialDate, date};
pub use names::{glued_birth_name, names};
pub use phone::phone;
pub use search_form::{has_other_letters, search_form};
pub use sex::{Sex, sex};

/// Whether a cell holds letters that no German register writes, where letters tell people apart.
///
/// Such a record is refused and counted instead of being encoded under a spelling that no other
/// department has. Dates, codes, postcodes and telephones have rules of their own.
#[must_use]
pub fn is_other_script(identifier: Identifier, raw: &str) -> bool {
    use Identifier::{BirthName, GivenNames, HouseNumber, Street, Surname, Town};
    matches!(identifier, Surname | BirthName | GivenNames | Street | HouseNumber | Town)
        && has_other_letters(raw)
}

/// The name under which a linkage schema asks for these rules.
pub const VERSION: &str = "de-1";

/// The normal form of one identifier as one text, parts separated by spaces; empty where nothing
/// usable is left. Two texts with equal normal forms are encoded alike.
#[must_use]
pub fn text(identifier: Identifier, raw: &str) -> Zeroizing<String> {
    match identifier {
        Identifier::Surname | Identifier::BirthName | Identifier::GivenNames => {
            let parts = names(raw);
            let mut joined = Zeroizing::new(String::with_capacity(raw.len() + 8));
            for part in parts.iter() {
                if !joined.is_empty() {
                    joined.push(' ');
                }
                joined.push_str(part);
            }
            joined
        }
        Identifier::DateOfBirth => DateDigits::read(raw).text(),
        Identifier::Sex => {
            Zeroizing::new(sex(raw).map(|s| s.code().to_owned()).unwrap_or_default())
        }
        Identifier::Street => street(raw).name,
        Identifier::HouseNumber => house_number(raw),
        Identifier::Postcode => postcode(raw).unwrap_or_default(),
        Identifier::Town => town(raw),
        Identifier::Phone => phone(raw),
    }
}
