//! Why something is not encoded.

use policy::Name;
use thiserror::Error;

/// A key, a schema, a record or a value that is refused; holds no value from it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// A key file of another form or length.
    #[error(
        "linkage key file must hold the one line `milchglas-linkage-key-1 <64 hexadecimal digits>`: \
         fetch it again from the key custodian"
    )]
    KeyForm,
    /// A master key file of another form or length.
    #[error(
        "master key file must hold the one line `milchglas-master-key-1 <64 hexadecimal digits>`: \
         take it from the custodian's backup"
    )]
    MasterKeyForm,
    /// A secret that can be searched for.
    #[error(
        "the secret has only {bits} bits, below 128 it can be guessed: create one with `keygen`"
    )]
    KeyShort {
        /// Bits that the file holds.
        bits: usize,
    },
    /// A key that no random source gives, such as all zeros.
    #[error("linkage key is a placeholder, not random: create one with `keygen`")]
    KeyPlaceholder,
    /// The random source failed.
    #[error("the system's random source is not available")]
    Random,
    /// A key that could not be derived from the linkage key.
    #[error("keys could not be derived from the linkage key: create one with `keygen linkage`")]
    Derivation,
    /// A schema that asks for rules that this program does not have.
    #[error("normaliser `{0}` is not known: this program has `de-1`; install the agreed version")]
    Normaliser(Name),
    /// A schema without canonical form.
    #[error("linkage schema has no digest: {0}")]
    Schema(String),
    /// A cell longer than any name or address.
    #[error("{field} is longer than {limit} bytes: correct the cell or its column's mapping")]
    TooLong {
        /// The identifier's name in the schema.
        field: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// A record that would match too many others, or all.
    #[error(
        "too few usable identifiers: a record needs two of name, given name, date of birth, \
         street and telephone, among them a name that the schema uses"
    )]
    TooLittle,
    /// A name or address with a letter that no German register writes.
    #[error(
        "{field} has letters outside DIN 91379 (another script, or a look-alike of a Latin letter): \
         write it as passport and register do, in Latin letters"
    )]
    OtherScript {
        /// The identifier's name in the schema.
        field: &'static str,
    },
    /// A date that cannot be read.
    #[error("date is not readable: write dd.mm.yyyy or yyyy-mm-dd, 00 for an unknown part")]
    DateForm,
    /// A date with a year of two digits, which may be either century.
    #[error("date has a year of two digits: write all four")]
    DateCentury,
    /// A date that no calendar has, or a year before 1850 or after 2099.
    #[error("date does not exist or its year lies outside 1850 to 2099: correct it at the source")]
    DateImpossible,
    /// A clkhash secret of no or too many bytes.
    #[error("the secret must have 1 to 4096 bytes: ask whoever agreed on it")]
    ClkhashSecret,
    /// A feature of a clkhash schema that this program cannot encode.
    #[error("feature `{feature}`: {reason}")]
    Clkhash {
        /// The feature's identifier.
        feature: String,
        /// What is wrong, in words.
        reason: String,
    },
}
