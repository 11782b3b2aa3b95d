//! Names of the schema's words where they enter a key derivation or a message.

use policy::{Identifier, Tokens};

/// The identifier's name in the schema's JSON.
pub(crate) fn identifier_name(identifier: Identifier) -> &'static str {
    match identifier {
        Identifier::Surname => "surname",
        Identifier::BirthName => "birth_name",
        Identifier::GivenNames => "given_names",
        Identifier::DateOfBirth => "date_of_birth",
        Identifier::Sex => "sex",
        Identifier::Street => "street",
        Identifier::HouseNumber => "house_number",
        Identifier::Postcode => "postcode",
        Identifier::Town => "town",
        Identifier::Phone => "phone",
    }
}

/// The name of the kind of tokens in the schema's JSON.
pub(crate) fn tokens_name(tokens: Tokens) -> &'static str {
    match tokens {
        Tokens::Bigrams => "bigrams",
        Tokens::PositionalBigrams => "positional_bigrams",
        Tokens::DateParts => "date_parts",
        Tokens::Whole => "whole",
    }
}
