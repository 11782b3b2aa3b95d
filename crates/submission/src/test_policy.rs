//! A small agreement for the tests of this crate.

use policy::{Catalogue, LinkageSchema, Name};

pub(crate) fn schema() -> LinkageSchema {
    LinkageSchema::from_json(
        r#"{"name": "test", "version": 1, "family": "milchglas", "normaliser": "de-1",
            "bits": 1024, "measure": "hamming", "threshold": "0.66", "weight_window": [416, 608],
            "views": [
              {"name": "name", "diffusion": 6, "fields": [
                {"identifier": "surname", "tokens": "bigrams", "k": 8}]},
              {"name": "birth-name", "diffusion": 6, "fields": [
                {"identifier": "birth_name", "tokens": "bigrams", "k": 8}]}]}"#,
    )
    .unwrap()
}

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::from_toml(
        r#"
        name = "test"
        version = 1
        [dimensions.municipality]
        label = "Gemeinde"
        keys = [{ key = "06432001", label = "A" }, { key = "06432002", label = "B" }]
        attribute_from = ["sgb2"]
        [datasets.sgb2]
        label = "Grundsicherung"
        legal_basis = "SGB II § 51b"
        retention_months = 36
        unit = true
        max_rows = 24
        dimensions = ["municipality"]
        measures = [{ name = "kdu", label = "KdU", unit = "EUR", lower = 0, upper = 1500, step = 10 }]
        "#,
    )
    .unwrap()
}

pub(crate) fn sgb2() -> Name {
    Name::new("sgb2").unwrap()
}
