//! Names of the schema's words where they enter a key derivation or a message.

use policy::Tokens;

/// The name of the kind of tokens in the schema's JSON.
pub(crate) fn tokens_name(tokens: Tokens) -> &'static str {
    match tokens {
        Tokens::Bigrams => "bigrams",
        Tokens::PositionalBigrams => "positional_bigrams",
        Tokens::DateParts => "date_parts",
        Tokens::Whole => "whole",
    }
}
