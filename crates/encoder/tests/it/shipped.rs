//! The schemas that are shipped: the counties' and that of the example with five parties.

use encoder::Encoder;
use policy::{LinkageSchema, SchemaMeasure};

use crate::people::key;

#[test]
fn every_shipped_schema_can_be_used_and_is_diffused() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folders = ["policies/linkage", "docs/examples/multiparty/policies/linkage"];
    let mut read = 0;
    for entry in folders.iter().flat_map(|own| std::fs::read_dir(format!("{root}/{own}")).unwrap())
    {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let schema = LinkageSchema::from_json(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(path.file_stem().unwrap().to_str(), Some(schema.name.as_str()));
        assert!(schema.measure == SchemaMeasure::Hamming, "{}", schema.name);
        assert!(Encoder::new(&schema, &key()).is_ok(), "{}", schema.name);
        read += 1;
    }
    assert!(read >= 2);
}
