//! Whatever is done to one entry of a chain, the first bad one is named.

use crate::vector::VECTOR;
use audit::{
    Broken, Chain, Checkpoint, Error, Head, LINE_LIMIT, PublicKey, Reason, UnitKind,
    checkpoint_line, entry_line, header_line, verify,
};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

const UNIT: UnitKind = UnitKind::Linkage;

#[derive(Debug)]
struct Log {
    header: String,
    entries: Vec<String>,
    checkpoint: String,
    heads: Vec<Head>,
    key: PublicKey,
}

impl Log {
    fn of(bodies: &[(u32, String)]) -> Self {
        let signing = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let installation = "test".parse().unwrap();
        let mut chain = Chain::genesis(UNIT, &installation);
        let mut heads = vec![chain.head()];
        let mut entries = Vec::new();
        for (number, text) in bodies {
            let body = json!({"number": number, "text": text});
            let entry = chain.append(i64::from(*number), "snapshot.frozen", body).unwrap();
            entries.push(entry_line(entry.canonical(), &entry.hash()));
            heads.push(chain.head());
        }
        let checkpoint = Checkpoint::sign(UNIT, chain.head(), 9, &signing).unwrap();
        let public = signing.public_key().as_ref().try_into().unwrap();
        Self {
            header: header_line(UNIT, &installation),
            entries,
            checkpoint: checkpoint_line(&checkpoint),
            heads,
            key: PublicKey::from_bytes(public),
        }
    }

    fn check(&self, entries: &[String]) -> Result<audit::Report, Broken> {
        let lines = std::iter::once(&self.header).chain(entries).chain([&self.checkpoint]);
        verify(lines, Some(self.key), Vec::new())
    }

    /// What `entries` break at when nothing but the lines themselves speaks for them.
    fn check_unsigned(&self, entries: &[String]) -> Result<audit::Report, Broken> {
        verify(std::iter::once(&self.header).chain(entries), None, Vec::new())
    }
}

fn logs() -> impl Strategy<Value = Log> {
    prop::collection::vec((any::<u32>(), ".{0,12}"), 2..12).prop_map(|bodies| Log::of(&bodies))
}

/// The entry with another body and its hash made right again, as one who knows the format forges.
fn forge(line: &str) -> String {
    let mut value: Value = serde_json::from_str(line).unwrap();
    value["entry"]["body"]["number"] = json!(4_294_967_296_u64);
    let canonical = serde_json_canonicalizer::to_string(&value["entry"]).unwrap();
    let mut hashed = b"milchglas/log/v1\0".to_vec();
    hashed.extend_from_slice(canonical.as_bytes());
    entry_line(&canonical, ring::digest::digest(&ring::digest::SHA256, &hashed).as_ref())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_untouched_chain_verifies(log in logs()) {
        let report = log.check(&log.entries).unwrap();
        prop_assert_eq!(report.head, *log.heads.last().unwrap());
        prop_assert_eq!(report.confirmed, report.head.sequence);
    }

    #[test]
    fn any_altered_byte_names_its_entry(log in logs(), byte in any::<prop::sample::Index>(), bit in 0..8_u8) {
        for i in 0..log.entries.len() {
            let mut bytes = log.entries[i].clone().into_bytes();
            let at = byte.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let mut lines: Vec<Vec<u8>> = vec![log.header.clone().into_bytes()];
            lines.extend(log.entries.iter().map(|line| line.clone().into_bytes()));
            lines[i + 1] = bytes;
            let broken = verify(&lines, None, Vec::new()).unwrap_err();
            // A changed number names the smaller of the two that contradict each other.
            if let Reason::Number { expected, found } = broken.reason {
                prop_assert_eq!(expected, i as u64 + 1);
                prop_assert_eq!(broken.sequence, expected.min(found));
            } else {
                prop_assert_eq!(broken.sequence, i as u64 + 1);
            }
            prop_assert_eq!(broken.line, i as u64 + 2);
        }
    }

    #[test]
    fn a_forged_entry_is_named(log in logs()) {
        for i in 0..log.entries.len() {
            let mut entries = log.entries.clone();
            entries[i] = forge(&entries[i]);
            let broken = log.check(&entries).unwrap_err();
            let last = i + 1 == entries.len();
            // Only the signature speaks against a forged last entry, and it speaks for none before.
            prop_assert_eq!(broken.sequence, if last { 1 } else { i as u64 + 1 });
            prop_assert_eq!(matches!(broken.reason, Reason::CheckpointHead { .. }), last);
        }
    }

    #[test]
    fn a_deleted_entry_is_named(log in logs()) {
        for i in 0..log.entries.len() {
            let mut entries = log.entries.clone();
            entries.remove(i);
            prop_assert_eq!(log.check(&entries).unwrap_err().sequence, i as u64 + 1);
        }
    }

    #[test]
    fn reordered_entries_name_the_earlier(log in logs()) {
        for i in 0..log.entries.len() {
            for j in i + 1..log.entries.len() {
                let mut entries = log.entries.clone();
                entries.swap(i, j);
                prop_assert_eq!(log.check_unsigned(&entries).unwrap_err().sequence, i as u64 + 1);
            }
        }
    }

    #[test]
    fn an_inserted_entry_is_named(log in logs(), from in any::<prop::sample::Index>()) {
        let from = from.index(log.entries.len());
        let number = from as u64 + 1;
        for i in 0..=log.entries.len() {
            for inserted in [log.entries[from].clone(), forge(&log.entries[from])] {
                let mut entries = log.entries.clone();
                entries.insert(i, inserted);
                let broken = log.check_unsigned(&entries).unwrap_err();
                // Either it stands where its number was not due, or the true one then follows it.
                prop_assert_eq!(broken.sequence, number.min(i as u64 + 1));
            }
        }
    }
}

fn sample() -> Log {
    Log::of(&[(1, "a".into()), (2, "b".into()), (3, "c".into())])
}

#[test]
fn a_rewritten_tail_is_refused_by_checkpoint_and_anchor() {
    let (log, other) = (sample(), Log::of(&[(1, "a".into()), (2, "x".into()), (3, "c".into())]));
    let broken = log.check(&other.entries).unwrap_err();
    assert_eq!(broken.reason, Reason::CheckpointHead { at: 3 });
    let lines = std::iter::once(&log.header).chain(&other.entries);
    let anchors = vec![log.heads[2], log.heads[1]];
    let broken = verify(lines, None, anchors).unwrap_err();
    assert_eq!((broken.sequence, broken.reason), (2, Reason::AnchorHead { at: 2 }));
}

#[test]
fn a_cut_tail_is_refused_by_an_anchor() {
    let log = sample();
    let lines = std::iter::once(&log.header).chain(&log.entries[..1]);
    let broken = verify(lines, None, vec![log.heads[3]]).unwrap_err();
    assert_eq!((broken.sequence, broken.reason), (2, Reason::Ends { at: 3 }));
}

#[test]
fn a_checkpoint_under_another_key_is_refused() {
    let log = sample();
    let lines: Vec<&String> =
        std::iter::once(&log.header).chain(&log.entries).chain([&log.checkpoint]).collect();
    let other = PublicKey::from_bytes([9; 32]);
    assert_eq!(verify(&lines, Some(other), vec![]).unwrap_err().reason, Reason::Signature);
    let report = verify(&lines, None, vec![]).unwrap();
    assert_eq!((report.checkpoints, report.confirmed), (1, 0));
}

#[test]
fn another_installation_or_unit_is_refused() {
    let log = sample();
    for header in [
        header_line(UNIT, &"other".parse().unwrap()),
        header_line(UnitKind::Statistics, &"test".parse().unwrap()),
    ] {
        let lines = std::iter::once(&header).chain(&log.entries);
        let broken = verify(lines, None, vec![]).unwrap_err();
        assert_eq!((broken.sequence, broken.reason), (1, Reason::Genesis));
    }
}

#[test]
fn every_line_has_one_spelling() {
    let lines: Vec<&str> = VECTOR.lines().collect();
    let spaced = lines[1].replacen(':', ": ", 1);
    let twice = lines[1].replacen("\"rows\":120", "\"rows\":1,\"rows\":120", 1);
    let long = "x".repeat(LINE_LIMIT + 1);
    let empty = String::new();
    for (line, reason) in [
        (&spaced, Reason::Spelling),
        (&twice, Reason::Spelling),
        (&empty, Reason::Spelling),
        (&long, Reason::TooLong),
    ] {
        let broken = verify([lines[0], line], None, vec![]).unwrap_err();
        assert_eq!((broken.sequence, broken.line, broken.reason), (1, 2, reason));
    }
    let broken = verify([lines[1]], None, vec![]).unwrap_err();
    assert_eq!((broken.sequence, broken.reason), (0, Reason::NotALog));
}

#[test]
fn what_cannot_be_logged_is_refused_and_leaves_the_head() {
    let mut chain = Chain::genesis(UNIT, &"test".parse().unwrap());
    let head = chain.head();
    let long = "x".repeat(LINE_LIMIT);
    for (kind, body, error) in [
        ("Batch", json!({}), Error::Kind),
        ("batch..received", json!({}), Error::Kind),
        ("", json!({}), Error::Kind),
        ("batch.received", json!([]), Error::BodyShape),
        ("batch.received", json!({"n": 0.5}), Error::Number),
        ("batch.received", json!({"n": [1_u64 << 53]}), Error::Number),
        ("batch.received", json!({"n": i64::MIN}), Error::Number),
        ("batch.received", json!({"t": long}), Error::TooLong),
    ] {
        assert_eq!(chain.append(0, kind, body).err(), Some(error), "{kind}");
    }
    assert_eq!(chain.head(), head);
    let full = Head { sequence: (1 << 53) - 1, hash: [0; 32] };
    assert_eq!(Chain::after(full).append(0, "refusal", json!({})).err(), Some(Error::Exhausted));
}
