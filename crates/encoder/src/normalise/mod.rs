//! The normaliser `de-1`: what German registers write differently and mean the same.
//!
//! Every department runs exactly these rules, so a rule is never changed: a better one is a new
//! version with a new name. The cases of each rule stand in `tests/vectors/normaliser.csv`.
//! Results are identifiers too and are overwritten on drop.

mod address;
mod date;
mod forms;
mod letters;
mod names;
mod parts;
mod phone;
mod search_form;
mod sex;

use policy::Identifier;
use zeroize::Zeroizing;

pub use address::{Street, house_number, postcode, street, town};
pub(crate) use date::DateDigits;
pub use date::{PartialDate, date};
pub(crate) use forms::Forms;
pub(crate) use parts::Parts;
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
    let mut forms = Forms::with_room(raw.len());
    let mut joined = Zeroizing::new(String::with_capacity(3 * raw.len() + 4));
    for part in forms.read(identifier, raw).iter() {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(part);
    }
    joined
}
