//! What must hold for any bytes that claim to be a linkage schema or an extract.
//!
//! The fuzz targets call these, and so does `crates/department/tests/it/fuzzed.rs` on the stable
//! compiler, with changed schemas and extracts instead of a guided search.

use std::io::Write;

use department::{Limits, Source, SourceSettings};
use encoder::{Encoder, Identifiers, LinkageKey, normalise};
use policy::{Identifier, LinkageSchema};

const KEY: &str = "milchglas-linkage-key-1 \
                   000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A schema is refused, or within its ranges, has one digest and can be encoded by.
pub(crate) fn schema(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(schema) = LinkageSchema::from_json(text) else { return };
    assert!(schema.bits.is_power_of_two() && (256..=8192).contains(&schema.bits));
    let [low, high] = schema.weight_window;
    assert!(1 <= low && low <= high && high <= schema.bits);
    assert!((1..=1_000_000).contains(&schema.threshold.millionths()));
    assert!((1..=LinkageSchema::MAX_VIEWS).contains(&schema.views.len()));
    for view in &schema.views {
        assert!((1..=32).contains(&view.diffusion));
        assert!((1..=LinkageSchema::MAX_FIELDS).contains(&view.fields.len()));
        assert!(view.fields.iter().all(|field| (1..=64).contains(&field.k)));
    }
    assert!(schema.digest().is_ok());
    let Ok(key) = LinkageKey::from_file_text(KEY) else { return };
    let Ok(encoder) = Encoder::new(&schema, &key) else { return };
    let mut person = Identifiers::new();
    for (identifier, cell) in [
        (Identifier::Surname, "Müller"),
        (Identifier::GivenNames, "Ute"),
        (Identifier::Street, "Ring 1"),
    ] {
        assert!(person.set(identifier, cell).is_ok());
    }
    if let Ok(encodings) = encoder.encode(&person) {
        assert_eq!(encodings.len(), schema.views.len());
        assert!(encodings.iter().all(|one| one.as_bytes().len() == schema.filter_bytes()));
    }
}

/// An extract is refused, or read to its end or first fault within its limits, and every cell has
/// normal forms.
pub(crate) fn extract(bytes: &[u8]) {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if file.write_all(bytes).and_then(|()| file.flush()).is_err() {
        return;
    }
    let settings = SourceSettings::detect();
    let Ok(mut source) = Source::open(file.path(), &settings) else { return };
    assert!(!source.header().is_empty());
    let (mut next, mut line) = (0, 1);
    while let Ok(Some(record)) = source.next_record() {
        assert_eq!(record.number, next);
        assert!(record.line >= line, "lines go on");
        (next, line) = (next + 1, record.line);
        for cell in record.cells() {
            assert!(cell.len() <= Limits::USUAL.cell);
            assert_eq!(cell, cell.trim(), "no spaces around");
            person(cell);
        }
    }
}

fn person(cell: &str) {
    let _ = normalise::date(cell);
    let mut person = Identifiers::new();
    for identifier in Identifier::ALL {
        let set = person.set(identifier, cell);
        assert_eq!(set.is_ok(), cell.len() <= Identifiers::MAX_BYTES);
        let normal = normalise::text(identifier, cell);
        if normalise::is_other_script(identifier, cell) && set.is_ok() {
            assert!(person.in_other_script().is_some());
        }
        assert!(!normal.contains('\0'));
    }
}
