//! The JSON Schemas in `policies/schema/` are those of the types.

use std::path::Path;

use policy::json_schemas;

/// `UPDATE=1 cargo test -p policy --test it generated` writes them anew; read the difference.
#[test]
fn schemas_in_the_folder_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/schema");
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    for (name, expected) in json_schemas().unwrap() {
        let path = folder.join(name);
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{name} differs from the types: UPDATE=1 cargo test -p policy --test it generated"
        );
    }
}

#[test]
fn an_unknown_key_is_unknown_to_the_generated_schemas_too() {
    for (name, text) in json_schemas().unwrap() {
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
}
