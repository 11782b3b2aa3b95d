use std::collections::BTreeMap;

use linkage::{
    BoxedError, Error, Filters, Limits, Measure, Pair, PairList, PairSink, Progress, Rule, Source,
    Threshold, compare,
};

use crate::county::{all, county, pairs_of, plain};

fn threshold(text: &str) -> Threshold {
    text.parse().unwrap()
}

#[test]
fn says_at_which_threshold_the_pairs_would_fit() {
    let sources = county(11, 2, 400, &[256]);
    let rule = Rule::between_all(2);
    let mut comparison = all(&sources, &rule, Measure::Dice, threshold("0.5"));
    let all = pairs_of(&comparison).unwrap();
    let limit = all.len() as u64 / 10;
    comparison.limits = Limits { pairs: limit };
    let mut kept = PairList::new();
    let Err(Error::TooManyPairs { found, complete, limit: named, fits: Some(fits) }) =
        compare(&comparison, &mut kept, &Progress::new())
    else {
        panic!("the limit was ignored")
    };
    assert_eq!((found, complete, named), (all.len() as u64, true, limit));
    assert!(kept.pairs().len() as u64 <= limit);
    let reach = |threshold: Threshold| {
        all.iter().filter(|pair| threshold.accepts(pair.similarity)).count() as u64
    };
    assert!(reach(fits) <= limit);
    assert!(reach(Threshold::from_per_million(fits.per_million() - 1_000).unwrap()) > limit);
    comparison.threshold = fits;
    assert_eq!(pairs_of(&comparison).unwrap().len() as u64, reach(fits));
}

#[test]
fn gives_up_counting_when_every_filter_is_the_same() {
    let mut filters = Filters::new(64).unwrap();
    for _ in 0..3_000 {
        filters.push(&[0x0f; 8]).unwrap();
    }
    let sources = [Source::new(vec![filters]).unwrap()];
    let rule = Rule::only(&[(0, 0)]);
    let mut comparison = all(&sources, &rule, Measure::Dice, threshold("1"));
    comparison.limits = Limits { pairs: 100 };
    let error = pairs_of(&comparison).err().unwrap();
    assert!(matches!(error, Error::TooManyPairs { complete: false, fits: None, .. }));
    assert!(error.to_string().contains("repeated encodings"), "{error}");
}

#[test]
fn refuses_what_does_not_fit_together() {
    let mut sources = county(1, 2, 5, &[128, 64]);
    let rule = Rule::between_all(3);
    let comparison = all(&sources, &rule, Measure::Dice, threshold("0.8"));
    assert!(matches!(pairs_of(&comparison), Err(Error::UnknownSource(2))));
    sources.push(county(1, 1, 5, &[128]).remove(0));
    let comparison = all(&sources, &rule, Measure::Dice, threshold("0.8"));
    assert!(matches!(pairs_of(&comparison), Err(Error::SourceShape(2))));
}

#[test]
fn refuses_a_threshold_finer_than_the_filters() {
    let sources = county(1, 2, 5, &[8_192]);
    let rule = Rule::between_all(2);
    let fine = |text, measure| pairs_of(&all(&sources, &rule, measure, threshold(text)));
    assert!(matches!(
        fine("0.812347", Measure::Dice),
        Err(Error::ThresholdTooFine { bits: 8_192, .. })
    ));
    assert!(fine("0.81234", Measure::Dice).is_ok());
}

/// Keeps the pairs of every tile, and fails at one of them if told to.
#[derive(Default)]
struct ByTile {
    tiles: BTreeMap<u64, Vec<Pair>>,
    full_at: Option<u64>,
}

impl PairSink for ByTile {
    fn accept(&mut self, tile: u64, pairs: &[Pair]) -> Result<(), BoxedError> {
        if self.full_at == Some(tile) {
            return Err("no space left".into());
        }
        assert!(self.tiles.insert(tile, pairs.to_vec()).is_none(), "tile {tile} came twice");
        Ok(())
    }
}

#[test]
fn continues_after_a_full_disk_with_the_same_pairs() {
    let sources = county(5, 2, 9_000, &[1_024]);
    let rule = Rule::between_all(2).and_within(1);
    let mut comparison = all(&sources, &rule, Measure::Dice, threshold("0.8"));
    let whole = pairs_of(&comparison).unwrap();

    let mut sink = ByTile { full_at: Some(3), ..ByTile::default() };
    let error = compare(&comparison, &mut sink, &Progress::new()).err().unwrap();
    assert!(matches!(&error, Error::Sink(_)) && error.to_string().contains("no space left"));
    assert_eq!(sink.tiles.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);

    sink.full_at = None;
    comparison.first_tile = 3;
    let summary = compare(&comparison, &mut sink, &Progress::new()).unwrap();
    assert_eq!(summary.tiles, sink.tiles.len() as u64);
    let pairs: Vec<Pair> = sink.tiles.into_values().flatten().collect();
    assert!(plain(&pairs) == plain(&whole));
}

#[test]
fn stops_when_cancelled_and_counts_what_it_compared() {
    let sources = county(5, 2, 300, &[128, 64]);
    let rule = Rule::between_all(2).and_within(0);
    let comparison = all(&sources, &rule, Measure::Dice, threshold("0.8"));
    let progress = Progress::new();
    let summary = compare(&comparison, &mut PairList::new(), &progress).unwrap();
    let (a, b) = (sources[0].rows() as u64, sources[1].rows() as u64);
    assert_eq!(summary.compared, 2 * (a * b + a * (a - 1) / 2));
    assert_eq!(progress.compared(), (summary.compared, summary.compared));
    progress.cancel();
    let result = compare(&comparison, &mut PairList::new(), &progress);
    assert!(matches!(result, Err(Error::Cancelled)));
}
