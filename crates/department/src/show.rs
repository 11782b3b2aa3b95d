//! What is in a chunk, exactly as it travels.

use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use policy::{Catalogue, LinkageSchema, PolicySet};
use serde_json::{Map, Value, json};
use submission::{Half, LinkableChunk, MeasuresChunk, SignedManifest, limits};

use crate::error::{Error, shown};

/// The first rows of a chunk; the manifest beside it says which half it belongs to.
///
/// # Errors
/// [`Error::Batch`] for a file that is not a chunk of a batch folder, [`Error::Submission`] where
/// it does not have the agreed form.
pub fn show(path: &Path, policies: &PolicySet, rows: usize) -> Result<Vec<Value>, Error> {
    let fail = |reason: &str| Error::Batch { path: shown(path), reason: reason.into() };
    let beside = path.parent().unwrap_or(Path::new("")).join("manifest.json");
    let manifest = fs::read(beside).map_err(|_| fail("no manifest.json beside it"))?;
    let signed: SignedManifest =
        serde_json::from_slice(&manifest).map_err(|_| fail("manifest.json is damaged"))?;
    let manifest = signed.manifest;
    let size = fs::metadata(path).map_err(|e| Error::read(path, &e))?.len();
    if size > limits::CHUNK_BYTES {
        return Err(fail("the chunk is too large"));
    }
    let bytes = fs::read(path).map_err(|e| Error::read(path, &e))?;
    match manifest.half {
        Half::Linkable => {
            let schema = policies
                .schemas
                .values()
                .find(|schema| schema.digest().ok() == manifest.schema)
                .ok_or_else(|| fail("its linkage schema is not in the policies folder"))?;
            Ok(linkable(&LinkableChunk::decode(&bytes, schema)?, schema, rows))
        }
        Half::Measures => {
            if policies.catalogue.digest().ok() != manifest.catalogue {
                return Err(fail("it was encoded with another catalogue"));
            }
            let catalogue = &policies.catalogue;
            let chunk =
                MeasuresChunk::decode(&bytes, catalogue, &manifest.dataset, &manifest.period)?;
            measures(&chunk, catalogue, &manifest.dataset, rows)
        }
    }
}

fn linkable(chunk: &LinkableChunk, schema: &LinkageSchema, rows: usize) -> Vec<Value> {
    let row = |linkable: submission::Linkable<'_>| {
        let views = schema.views.iter().zip(&linkable.views);
        let views: Map<String, Value> = views
            .map(|(view, bytes)| (format!("view:{}", view.name), json!(HEXLOWER.encode(bytes))))
            .collect();
        let mut row = Map::from_iter([("subject".into(), json!(linkable.subject.to_string()))]);
        row.extend(views);
        Value::Object(row)
    };
    chunk.iter().take(rows).map(row).collect()
}

fn measures(
    chunk: &MeasuresChunk,
    catalogue: &Catalogue,
    dataset: &policy::Name,
    rows: usize,
) -> Result<Vec<Value>, Error> {
    let dataset = catalogue.dataset(dataset)?;
    let mut shown = Vec::new();
    for row in chunk.iter().take(rows) {
        let mut value = Map::from_iter([
            ("subject".to_owned(), json!(row.subject.to_string())),
            ("row".to_owned(), json!(row.row)),
            ("year".to_owned(), json!(row.year)),
            ("first_month".to_owned(), json!(row.first_month)),
            ("last_month".to_owned(), json!(row.last_month)),
        ]);
        if dataset.unit {
            value.insert("unit".into(), json!(row.unit.map(|unit| unit.to_string())));
        }
        for (name, code) in dataset.dimensions.iter().zip(row.codes) {
            let keys = &catalogue.dimension(name)?.keys;
            let key = keys.get(usize::from(*code)).map(|key| key.key.as_str());
            value.insert(format!("dimension:{name}"), json!({ "code": code, "key": key }));
        }
        for (measure, amount) in dataset.measures.iter().zip(row.amounts) {
            value.insert(format!("measure:{}", measure.name), json!(amount));
        }
        shown.push(Value::Object(value));
    }
    Ok(shown)
}
