//! Against what anonlink 0.15.3 returned for the same filters (computed by running
//! it; see `generator` in each file). Skipped where the shared data is absent.

use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use linkage::{
    Comparison, Filters, Kernel, Limits, Measure, Options, PairList, Progress, Rule, Source,
    compare, greedy, groups,
};
use serde_json::Value;

type Group = Vec<(u64, u64)>;

pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    let found = path.exists().then_some(path);
    if found.is_none() {
        println!("SKIPPED: the shared data is not beside the project");
    }
    found
}

pub(crate) fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn source(clks: &Value) -> Source {
    let clks = clks.as_array().unwrap();
    let mut filters = Filters::with_capacity(1_024, clks.len()).unwrap();
    for clk in clks {
        filters.push(&BASE64.decode(clk.as_str().unwrap().as_bytes()).unwrap()).unwrap();
    }
    Source::new(vec![filters]).unwrap()
}

fn pairs(sources: &[Source], threshold: &str) -> PairList {
    let mut pairs = PairList::new();
    let comparison = Comparison {
        sources,
        rule: &Rule::between_all(sources.len() as u32),
        measure: Measure::Dice,
        threshold: threshold.parse().unwrap(),
        limits: Limits { pairs: 1_000_000 },
        first_tile: 0,
        kernel: Kernel::detect(),
    };
    compare(&comparison, &mut pairs, &Progress::new()).unwrap();
    pairs
}

fn sizes(sources: &[Source]) -> Vec<u32> {
    sources.iter().map(|source| source.rows() as u32).collect()
}

fn linked(clusters: &linkage::Clusters) -> Vec<Group> {
    let record = |record: &linkage::RecordRef| (record.source.into(), record.row.into());
    let linked = clusters.iter().filter(|cluster| cluster.records.len() > 1);
    linked.map(|cluster| cluster.records.iter().map(record).collect()).collect()
}

fn expected(groups: &Value) -> Vec<Group> {
    let record = |record: &Value| (record[0].as_u64().unwrap(), record[1].as_u64().unwrap());
    let group = |group: &Value| group.as_array().unwrap().iter().map(record).collect();
    groups.as_array().unwrap().iter().map(group).collect()
}

#[test]
fn febrl4_pairs_and_groups_are_anonlinks() {
    let Some(clks) = shared("clkhash/febrl4_clks.json") else { return };
    let clks = read(&clks);
    let sources = [source(&clks["clks_a"]), source(&clks["clks_b"])];
    let results = read(&shared("clkhash/febrl4_anonlink_expected.json").unwrap());
    for (threshold, result) in results["results"].as_object().unwrap() {
        let pairs = pairs(&sources, threshold);
        assert_eq!(pairs.pairs().len() as u64, result["num_candidates"], "at {threshold}");
        let options = Options::new(threshold.parse().unwrap());
        let clusters = greedy(&mut pairs.reader(), &sizes(&sources), &options).unwrap();
        assert_eq!(linked(&clusters), expected(&result["greedy_groups"]), "at {threshold}");
    }
}

#[test]
fn five_parties_groups_are_anonlinks() {
    let Some(first) = shared("multiparty/clks-1.json") else { return };
    let party = |n| read(&first.with_file_name(format!("clks-{n}.json")));
    let sources: Vec<_> = (1..=5).map(|n| source(&party(n)["clks"])).collect();
    let results = read(&shared("multiparty/multiparty5_anonlink_expected.json").unwrap());
    for (name, result) in results["results"].as_object().unwrap() {
        let (solver, threshold) = name.split_once('@').unwrap();
        let pairs = pairs(&sources, threshold);
        assert_eq!(pairs.pairs().len() as u64, result["num_candidates"], "{name}");
        let options = Options::new(threshold.parse().unwrap());
        let (mut reader, sizes) = (pairs.reader(), sizes(&sources));
        let clusters = match solver.strip_prefix("probabilistic_mt") {
            Some(agreement) => {
                groups(&mut reader, &sizes, agreement.parse().unwrap(), &options).unwrap()
            }
            None => greedy(&mut reader, &sizes, &options).unwrap(),
        };
        assert_eq!(linked(&clusters), expected(&result["groups"]), "{name}");
    }
}
