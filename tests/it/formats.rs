//! The vectors of `docs/formats`, read from the pages themselves.

use std::path::Path;

use policy::Digest;
use submission::{
    Link, LinkMap, PersonId, SignedManifest, SignedReceipt, SubjectId, VerifyingKey,
    subjects_digest,
};

/// Public half of the secret key whose bytes are `00` to `1f`.
const KEY: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

#[test]
fn the_signed_manifest_verifies_and_has_the_written_digest() {
    let page = page("manifest.md");
    assert!(page.contains(KEY));
    let signed: SignedManifest = serde_json::from_str(json(&page)).unwrap();
    let manifest = signed.verify(&key()).unwrap();
    assert!(page.contains(&format!("`{}`", manifest.digest().unwrap())));
}

#[test]
fn the_subjects_digest_is_the_written_one() {
    let ids = [3, 1].map(|byte| SubjectId::from_wire(&[byte; 16]).unwrap());
    let (count, digest) = subjects_digest(ids);
    assert_eq!(count, 2);
    assert!(page("manifest.md").contains(&format!("`{digest}`")), "{digest}");
}

#[test]
fn the_signed_receipt_is_for_the_manifest() {
    let manifest: SignedManifest = serde_json::from_str(json(&page("manifest.md"))).unwrap();
    let receipt: SignedReceipt = serde_json::from_str(json(&page("receipt.md"))).unwrap();
    let digest = manifest.manifest.digest().unwrap();
    assert!(receipt.verify(&key(), digest).is_ok());
    assert!(receipt.verify(&key(), Digest::of(b"another")).is_err());
}

#[test]
fn the_link_map_line_has_the_written_bytes_and_digest() {
    let link = Link {
        subject: SubjectId::from_wire(&[1; 16]).unwrap(),
        person: PersonId::from_wire(&[2; 16]).unwrap(),
        band: 7,
    };
    let bytes = LinkMap::new(vec![link]).unwrap().to_bytes();
    let written = format!("{} {} 07", "01".repeat(16), "02".repeat(16));
    let shown = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(shown, written.replace(' ', ""));
    let page = page("link-map.md");
    assert!(page.contains(&written));
    assert!(page.contains(&format!("`{}`", Digest::of(&bytes))), "{}", Digest::of(&bytes));
}

#[test]
fn the_requests_on_the_query_page_are_read() {
    let page = page("query.md");
    let examples: Vec<&str> =
        page.split("```json\n").skip(1).filter_map(|own| own.split("```").next()).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let request: statistics_unit::QueryRequest = serde_json::from_str(example).unwrap();
        assert_eq!(request.indicator.is_some(), request.query.is_none());
    }
}

fn key() -> VerifyingKey {
    VerifyingKey::try_from(KEY.to_owned()).unwrap()
}

fn page(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The one JSON block of a page.
fn json(page: &str) -> &str {
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (block, after) = rest.split_once("\n```").unwrap();
    assert!(!after.contains("```json"), "more than one block");
    block
}
