//! JSON Schemas (draft 2020-12) of our files, generated from the types that read them.
//!
//! An editor can check a file against them while it is written. They say less than the program:
//! ranges and what contradicts each other is checked when a file is read.

use schemars::schema_for;
use serde_json::Value;

use crate::{
    Catalogue, ClkhashSchema, LinkageSchema, PolicyError, Purpose, ReleasePlan, Schedule, TestFile,
};

/// File names below `policies/schema/` with their content.
///
/// # Errors
/// [`PolicyError::Form`], which a generated schema does not give.
pub fn json_schemas() -> Result<Vec<(&'static str, String)>, PolicyError> {
    let written = [
        ("linkage-milchglas.json", schema_for!(LinkageSchema)),
        ("linkage-clkhash.json", schema_for!(ClkhashSchema)),
        ("catalogue.json", schema_for!(Catalogue)),
        ("purpose.json", schema_for!(Purpose)),
        ("plan.json", schema_for!(ReleasePlan)),
        ("schedule.json", schema_for!(Schedule)),
        ("tests.json", schema_for!(TestFile)),
    ];
    written.into_iter().map(|(name, schema)| Ok((name, text(name, &schema.into())?))).collect()
}

fn text(name: &str, schema: &Value) -> Result<String, PolicyError> {
    let fault =
        |e: serde_json::Error| PolicyError::Form { path: name.into(), reason: e.to_string() };
    let mut text = serde_json::to_string_pretty(schema).map_err(fault)?;
    text.push('\n');
    Ok(text)
}
