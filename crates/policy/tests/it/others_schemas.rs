//! Every schema that clkhash and anonlink publish is accepted or refused as its name says.
//! Skipped where the shared data is absent.

use std::path::{Path, PathBuf};

use policy::AnySchema;

/// What must happen to a file, and for a refusal a word of the reason.
const CASES: [(&str, Result<usize, &str>); 25] = [
    // Descriptions of formats, not schemas of a table.
    ("anonlink-blocking-schema.json", Err("JSON Schema")),
    ("anonlink-p-sig-config-schema.json", Err("JSON Schema")),
    ("clkhash-linkage-schema-v1.json", Err("JSON Schema")),
    ("clkhash-linkage-schema-v2.json", Err("JSON Schema")),
    ("clkhash-linkage-schema-v3.json", Err("JSON Schema")),
    // Blocking is another step.
    ("lambda-fold-schema-example.json", Err("blocking schema")),
    ("p-sig-schema-example.json", Err("blocking schema")),
    // `l` is missing; a feature that is neither ignored nor described; an unknown strategy.
    ("bad-schema-v1.json", Err("`l`")),
    ("bad-schema-v2.json", Err("feature 1 (INDEX)")),
    ("bad-schema-v3.json", Err("feature 1 (INDEX)")),
    // The rest is what people use, with its number of features.
    ("dirty-data-schema.json", Ok(14)),
    ("example_schema.json", Ok(13)),
    ("febrl_schema_v3_final.json", Ok(11)),
    ("febrl_schema_v3_overweight.json", Ok(11)),
    ("febrl_schema_v3_reduced.json", Ok(11)),
    ("good-schema-v1.json", Ok(12)),
    ("good-schema-v2.json", Ok(12)),
    ("good-schema-v3.json", Ok(12)),
    ("ignorant-schema-v3.json", Ok(3)),
    ("novt_schema.json", Ok(5)),
    ("randomnames-schema-num-bits-v2.json", Ok(4)),
    ("randomnames-schema-v1.json", Ok(4)),
    ("randomnames-schema-v2.json", Ok(4)),
    ("randomnames-schema-v3.json", Ok(4)),
    ("simple-schema.json", Ok(2)),
];

/// A folder of the data that lies beside the project or further up.
fn shared(path: &str) -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found =
        project.map(|above| above.join("shared/data").join(path)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: the shared data is not beside the project");
    }
    found
}

#[test]
fn every_published_schema_is_accepted_or_refused_as_its_name_says() {
    let Some(folder) = shared("clkhash/schemas") else { return };
    for (name, expected) in CASES {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        match (AnySchema::from_json(&text), expected) {
            (Ok(AnySchema::Clkhash(schema)), Ok(features)) => {
                assert_eq!(schema.features.len(), features, "{name}");
                let again = serde_json::to_string(&schema).unwrap();
                let again = AnySchema::from_json(&again).unwrap();
                assert!(again == AnySchema::Clkhash(schema), "{name} does not read back");
            }
            (Err(error), Err(word)) => {
                let text = error.to_string();
                assert!(text.contains(word), "{name}: {text}");
            }
            (found, _) => assert!(found.is_err() == expected.is_err(), "{name}: {found:?}"),
        }
    }
    let known: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(known.contains(&name.to_str().unwrap()), "{name:?} has no expectation");
    }
}
