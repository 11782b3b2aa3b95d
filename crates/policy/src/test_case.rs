//! Cases that a folder of policies brings along: a request, and how it must be decided.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Name, NanoRho};

/// A file of `policies/tests/`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// Who wants to do something.
    #[serde(default)]
    pub access: Vec<TestedAccess>,
    /// What somebody asks of a purpose.
    #[serde(default)]
    pub question: Vec<TestedQuestion>,
}

/// Somebody wants to do something.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestedAccess {
    /// What the case is about, in words; unique in its file.
    pub case: String,
    /// Their role.
    pub who: String,
    /// The action, as in the schema of the rules.
    pub action: String,
    /// The kind of proposal, where it is about one.
    #[serde(default)]
    pub kind: Option<String>,
    /// Whether it is in another project than their own.
    #[serde(default)]
    pub elsewhere: bool,
    /// On which day.
    pub on: Date,
    /// Whether it must be permitted.
    pub allow: bool,
}

/// Somebody asks an indicator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestedQuestion {
    /// What the case is about, in words; unique in its file.
    pub case: String,
    /// The purpose.
    pub purpose: Name,
    /// The indicator.
    pub indicator: Name,
    /// Another grouping than the usual one.
    #[serde(default)]
    pub group_by: Option<Vec<Name>>,
    /// Another price than the usual one, in 1e-9 rho.
    #[serde(default)]
    pub rho_nano: Option<NanoRho>,
    /// On which day.
    pub on: Date,
    /// Whether it must be answered, as far as its budget reaches.
    pub allow: bool,
}
