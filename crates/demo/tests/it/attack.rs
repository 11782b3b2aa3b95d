//! The gates: what the shipped encodings give away, and that the attacks which say so work.

use demo::county::Settings;
use demo::{AttackSettings, Extent, Kind, Line, attack, links_beside_undiffused};

/// Attacked records; `milchglas-demo attack --records 10000` is the whole measurement.
const RECORDS: usize = 600;

fn attacked(encodings: &[&str], pairs: &[usize]) -> Vec<Line> {
    attack(&AttackSettings {
        encodings: encodings.iter().map(|own| (*own).to_owned()).collect(),
        extent: Extent {
            records: RECORDS,
            strangers_per_mille: 250,
            pairs: pairs.to_vec(),
            seed: 5,
            parity: false,
            insider: None,
            most_unsalted: 20_000,
        },
        json: false,
        page: None,
        command: String::new(),
    })
    .unwrap()
}

/// The strongest of the attacks of these kinds.
fn share(lines: &[Line], encoding: &str, kinds: &[Kind]) -> f64 {
    let own = lines.iter().filter(|own| own.encoding == encoding && kinds.contains(&own.kind));
    own.map(|own| own.share).max_by(f64::total_cmp).unwrap()
}

/// Without the positive controls a small share would only show a weak attack.
#[test]
fn what_opens_other_encodings_does_not_open_the_shipped_ones() {
    let lines = attacked(&["plain", "t2", "low-k", "default", "strict"], &[500]);
    let graph = |encoding| share(&lines, encoding, &[Kind::Graph, Kind::Frequency]);
    let pairs = |encoding| share(&lines, encoding, &[Kind::Pairs, Kind::Linear]);
    assert!(graph("plain") > 0.9, "control: {}", graph("plain"));
    assert!(graph("t2") > 0.9, "control: {}", graph("t2"));
    assert!(pairs("plain") > 0.9, "control: {}", pairs("plain"));
    assert!(pairs("low-k") > 0.2, "control: {}", pairs("low-k"));
    for shipped in ["default", "strict"] {
        assert!(graph(shipped) <= 0.01, "{shipped}: {}", graph(shipped));
        assert!(pairs(shipped) <= 0.01, "{shipped}: {}", pairs(shipped));
    }
}

#[test]
fn the_default_links_nearly_as_well_as_an_undiffused_filter() {
    let world = Settings { persons: 20_000, seed: 2, dirty_per_mille: 350, quarters: 1 };
    let found = links_beside_undiffused("county-2026", &world).unwrap();
    let (own, undiffused) = (found.own, found.undiffused);
    assert!(undiffused.f1 > 0.99, "{}", undiffused.f1);
    assert!(own.f1 >= undiffused.f1 - 0.01, "{} beside {}", own.f1, undiffused.f1);
    assert!(own.married >= 20, "{}", own.married);
    assert!(own.married_found * 10 >= own.married * 9, "{} of {}", own.married_found, own.married);
}
