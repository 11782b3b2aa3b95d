//! The vector of `docs/formats/log-entry.md`.
//!
//! Provenance: made with CPython 3 `hashlib` and `json.dumps(sort_keys=True,
//! separators=(",", ":"), ensure_ascii=False)`, the signature with pyca/cryptography over OpenSSL,
//! the secret key being the bytes 00 to 1f.

use audit::{Chain, Checkpoint, PublicKey, UnitKind, checkpoint_line, entry_line, header_line};
use ring::signature::Ed25519KeyPair;
use serde_json::json;

pub(crate) const VECTOR: &str = include_str!("../vectors/log.jsonl");
pub(crate) const PUBLIC_KEY: &str =
    "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
const PAGE: &str = include_str!("../../../../docs/formats/log-entry.md");

#[test]
fn this_code_writes_the_vector() {
    let seed: Vec<u8> = (0..32).collect();
    let key = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let installation = "kreis-06432-statistik".parse().unwrap();
    let mut chain = Chain::genesis(UnitKind::Statistics, &installation);
    let mut lines = vec![header_line(UnitKind::Statistics, &installation)];
    let charge = json!({
        "purpose": "überblick",
        "charge": "c-1",
        "lineages": [{"year": 2025, "project": "early-help", "rho": 50_000_000, "spent": 50_000_000}],
        "delta": 0,
    });
    for (at, kind, body) in [
        (1_767_225_600, "batch.received", json!({"rows": 120, "batch": "b-1"})),
        (1_767_225_660, "charge.committed", charge),
    ] {
        let entry = chain.append(at, kind, body).unwrap();
        lines.push(entry_line(entry.canonical(), &entry.hash()));
    }
    let checkpoint =
        Checkpoint::sign(UnitKind::Statistics, chain.head(), 1_767_225_700, &key).unwrap();
    lines.push(checkpoint_line(&checkpoint));
    assert_eq!(lines, VECTOR.lines().collect::<Vec<_>>());
}

#[test]
fn the_vector_verifies() {
    let key: PublicKey = PUBLIC_KEY.parse().unwrap();
    let report = audit::verify(VECTOR.lines(), Some(key), Vec::new()).unwrap();
    assert_eq!((report.head.sequence, report.checkpoints, report.confirmed), (2, 1, 2));
    assert_eq!(report.span, Some((1_767_225_600, 1_767_225_660)));
}

#[test]
fn the_page_quotes_the_vector() {
    for line in VECTOR.lines() {
        assert!(PAGE.contains(line), "docs/formats/log-entry.md lacks {line}");
    }
    assert!(PAGE.contains(PUBLIC_KEY));
}
