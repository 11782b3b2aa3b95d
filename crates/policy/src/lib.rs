//! What the parties agreed, as checked types.
//!
//! The data protection officer reads the files under `policies/`; every party's program reads the
//! same files through this crate. The department learns from them what may travel, the linkage
//! unit what an encoding looks like, the statistics unit which questions exist and what they may
//! cost. Nothing is allowed that no policy allows, so a value that would allow something
//! unintended cannot be constructed: every type deserialises through its checks.
//!
//! The crate holds no record, no key and no secret, and reaches neither network nor database.
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod accuracy;
mod ad_hoc;
mod age;
mod any_schema;
mod budget;
mod canonical;
mod catalogue;
pub mod clkhash;
mod columns;
mod error;
mod json_schema;
mod load;
mod name;
mod oversight;
mod part;
mod plan;
mod pooling;
mod purpose;
mod query;
mod release_plan;
mod schedule;
mod schema;
mod test_case;
mod topic;
mod view;
mod weight;
mod withholding;

pub use accuracy::Accuracy;
pub use ad_hoc::AdHoc;
pub use age::{AgeClass, AgeClasses};
pub use any_schema::AnySchema;
pub use budget::{Femto, NanoRho};
pub use canonical::{Digest, canonical_json};
pub use catalogue::{Catalogue, Dataset, Dimension, DimensionKey, Measure, UNKNOWN_CODE};
pub use clkhash::ClkhashSchema;
pub use columns::NamedColumns;
pub use error::PolicyError;
pub use json_schema::json_schemas;
pub use load::PolicySet;
pub use name::Name;
pub use oversight::{Oversight, Signer, SignerRole};
pub use part::{Part, PartKind};
pub use plan::{
    Cell, GroupKeys, Plan, PlanFilter, PlanKind, PlanMembers, PlanPart, PlanScale, PooledGroup,
    PooledKeys,
};
pub use pooling::{KeyGroup, Pooling};
pub use purpose::{Budget, Denominator, Indicator, Purpose, Rate, Territory};
pub use query::{
    CountedUnit, Mechanism, Members, MonthSpan, Query, QueryKind, Scale, State, SubjectPart,
};
pub use release_plan::{PlanRun, PlannedRelease, ReleasePlan};
pub use schedule::{Expectation, LastMonth, Schedule, SchedulePeriod};
pub use schema::{Family, LinkageSchema, SchemaMeasure, SimilarityThreshold};
pub use test_case::{TestFile, TestedAccess, TestedQuestion};
pub use topic::Topic;
pub use view::{Identifier, SaltAttribute, Tokens, View, ViewField};
pub use weight::{Power, expected_tokens_in_tenths};
pub use withholding::Withholding;
