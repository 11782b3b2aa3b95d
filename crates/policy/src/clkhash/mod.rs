//! Linkage schemas of the family `clkhash`: legacy, weaker, read because people have them.
//!
//! clkhash (data61, Apache-2.0; checked against 0.18.3) knows three versions of its linkage
//! schema. A file of version 1 or 2 is converted to version 3 by the same rules, and
//! [`ClkhashSchema`] is version 3 with checked values. What clkhash ignores in silence (unknown
//! keys, `xorFolds`) is refused here, because whoever wrote it believed in it; the page
//! `docs/formats/clkhash.md` lists the differences.

mod check;
mod features;
mod read;
mod v1;
mod v2;
mod v3;

pub use features::{
    Comparison, Feature, FieldFormat, HashFunction, Hashing, LetterCase, MissingValue, Strategy,
    TextEncoding, UsedFeature,
};
pub use v3::{ClkConfig, ClkhashSchema, Kdf, KdfHash};
