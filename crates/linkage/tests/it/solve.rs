use linkage::{
    Clusters, Error, Options, Pair, PairList, PairSource, RecordRef, Rule, Similarity, Threshold,
    apart, greedy, groups, mutual_best, one_to_many, optimal,
};
use proptest::prelude::*;

type Record = (u32, u32);
type Link = (Record, Record, u32);

fn threshold() -> Threshold {
    "0.5".parse().unwrap()
}

fn record((source, row): Record) -> RecordRef {
    RecordRef { source, row }
}

/// Pairs with similarities in percent.
fn pairs(links: &[Link]) -> PairList {
    let pair = |&(a, b, percent): &Link| Pair {
        left: record(a.min(b)),
        right: record(a.max(b)),
        similarity: Similarity::from_bits((u64::from(percent) * u64::from(u32::MAX) / 100) as u32),
    };
    links.iter().map(pair).collect()
}

fn linked(clusters: &Clusters) -> Vec<Vec<Record>> {
    let plain = |record: &RecordRef| (record.source, record.row);
    let linked = clusters.iter().filter(|cluster| cluster.records.len() > 1);
    linked.map(|cluster| cluster.records.iter().map(plain).collect()).collect()
}

fn solve(links: &[Link], sizes: &[u32], options: &Options) -> Vec<Vec<Record>> {
    linked(&greedy(&mut pairs(links).reader(), sizes, options).unwrap())
}

const A0: Record = (0, 0);
const A1: Record = (0, 1);
const B0: Record = (1, 0);
const B1: Record = (1, 1);
const C0: Record = (2, 0);

#[test]
fn the_better_pair_wins_and_equals_go_by_row() {
    let options = Options::new(threshold());
    assert_eq!(solve(&[(A0, B0, 80), (A1, B0, 90)], &[2, 2], &options), [[A1, B0]]);
    let tie = [(A1, B0, 90), (A0, B1, 90), (A0, B0, 90)];
    assert_eq!(solve(&tie, &[2, 2], &options), [[A0, B0]]);
}

#[test]
fn every_record_is_in_one_cluster_with_the_band_of_its_weakest_link() {
    let list = pairs(&[(A0, B0, 99), (A0, C0, 76), (B0, C0, 70)]);
    let clusters = greedy(&mut list.reader(), &[2, 2, 1], &Options::new(threshold())).unwrap();
    let bands: Vec<_> = clusters.iter().map(|cluster| cluster.band.map(|b| b.number())).collect();
    let sizes: Vec<_> = clusters.iter().map(|cluster| cluster.records.len()).collect();
    assert_eq!((sizes, bands), (vec![3, 1, 1], vec![Some(3), None, None]));
}

#[test]
fn a_chain_is_no_cluster_unless_enough_of_its_pairs_were_seen() {
    let chain = [(A0, B0, 90), (B0, C0, 80)];
    let options = Options::new(threshold());
    assert_eq!(solve(&chain, &[1, 1, 1], &options), [[A0, B0]]);
    let half = "0.5".parse().unwrap();
    let clusters = groups(&mut pairs(&chain).reader(), &[1, 1, 1], half, &options).unwrap();
    assert_eq!(linked(&clusters), [[A0, B0, C0]]);
}

#[test]
fn duplicates_join_only_in_sources_that_may_have_them() {
    let links = [(A0, A1, 95), (A0, B0, 90), (A1, B0, 85)];
    assert_eq!(solve(&links, &[2, 1], &Options::new(threshold())), [[A0, B0]]);
    let options = Options::new(threshold()).duplicates_in(0);
    assert_eq!(solve(&links, &[2, 1], &options), [[A0, A1, B0]]);
    let options = Options::new(threshold()).duplicates_in(0).cluster_cap(2);
    assert_eq!(solve(&links, &[2, 1], &options), [[A0, A1]]);
}

#[test]
fn sources_beyond_the_sixty_fourth_are_told_apart() {
    let (far, row) = ((64, 0), (64, 1));
    let options = Options::new(threshold());
    assert_eq!(solve(&[(A0, far, 90)], &[2; 70], &options), [[A0, far]]);
    assert_eq!(
        solve(&[(A0, far, 90), (A0, row, 89), (far, row, 88)], &[2; 70], &options),
        [[A0, far]]
    );
}

#[test]
fn pairs_below_the_threshold_and_repetitions_do_not_count() {
    let links = [(A0, B0, 90), (A0, B0, 90), (B0, C0, 80), (B0, C0, 80), (A0, C0, 49)];
    assert_eq!(solve(&links, &[1, 1, 1], &Options::new(threshold())), [[A0, B0]]);
}

#[test]
fn known_links_come_first_and_must_not_contradict() {
    let known = vec![(record(A0), record(B1))];
    let options = Options::new(threshold()).known_links(known);
    assert_eq!(solve(&[(A0, B0, 99)], &[1, 2], &options), [[A0, B1]]);
    let known = vec![(record(A0), record(B0)), (record(A0), record(B1))];
    let options = Options::new(threshold()).known_links(known);
    let result = greedy(&mut pairs(&[]).reader(), &[1, 2], &options);
    assert!(matches!(result, Err(Error::KnownLink(1))));
}

#[test]
fn mutual_best_leaves_ties_and_one_sided_favourites_alone() {
    let solve = |links: &[Link]| {
        let options = Options::new(threshold());
        linked(&mutual_best(&mut pairs(links).reader(), &[2, 2, 1], &options).unwrap())
    };
    assert_eq!(solve(&[(A0, B0, 90), (A1, B0, 80), (A1, B1, 70)]), [[A0, B0]]);
    assert!(solve(&[(A0, B0, 90), (A0, B1, 90)]).is_empty());
    assert_eq!(solve(&[(A0, B0, 90), (A0, C0, 60), (B0, C0, 60)]), [[A0, B0, C0]]);
}

#[test]
fn a_pair_of_a_record_that_is_not_there_is_refused() {
    for links in [[(A0, (3, 0), 90)], [(A0, (1, 5), 90)], [(A0, (1, u32::MAX), 90)]] {
        let result = greedy(&mut pairs(&links).reader(), &[1, 5], &Options::new(threshold()));
        assert!(matches!(result, Err(Error::UnknownRecord { .. })));
    }
    let result = greedy(&mut pairs(&[]).reader(), &[u32::MAX - 1, 1], &Options::new(threshold()));
    assert!(matches!(result, Err(Error::TooManyRecords)));
}

fn solve_optimally(links: &[Link], sizes: &[u32], options: &Options) -> Vec<Vec<Record>> {
    linked(&optimal(&mut pairs(links).reader(), sizes, options).unwrap())
}

#[test]
fn the_optimum_gives_up_the_best_pair_for_two_good_ones() {
    let options = Options::new(threshold());
    let links = [(A0, B0, 99), (A0, B1, 90), (A1, B0, 90)];
    assert_eq!(solve(&links, &[2, 2], &options), [[A0, B0]]);
    assert_eq!(solve_optimally(&links, &[2, 2], &options), [[A0, B1], [A1, B0]]);
    // The best pair weighs more than two bad ones.
    let options = Options::new("0.4".parse().unwrap());
    let links = [(A0, B0, 99), (A0, B1, 50), (A1, B0, 48)];
    assert_eq!(solve_optimally(&links, &[2, 2], &options), [[A0, B0]]);
}

#[test]
fn the_optimum_obeys_known_links_and_leaves_sources_with_duplicates_alone() {
    let links = [(A0, B0, 99), (A0, B1, 90), (A1, B0, 90)];
    let known = vec![(record(A0), record(B0))];
    let options = Options::new(threshold()).known_links(known);
    assert_eq!(solve_optimally(&links, &[2, 2], &options), [[A0, B0]]);
    let links = [(A0, A1, 95), (A0, B0, 99), (A1, B0, 90)];
    let options = Options::new(threshold()).duplicates_in(0);
    assert_eq!(solve_optimally(&links, &[2, 1], &options), [[A0, A1, B0]]);
}

#[test]
fn one_record_may_have_many_and_each_of_them_only_its_best() {
    let solve = |links: &[Link], options: &Options| {
        linked(&one_to_many(&mut pairs(links).reader(), &[2, 2, 1], 0, options).unwrap())
    };
    let options = Options::new(threshold());
    let links = [(A0, B0, 90), (A0, B1, 80), (A1, B1, 79), (A1, C0, 70), (B0, C0, 99)];
    assert_eq!(solve(&links, &options), [vec![A0, B0, B1], vec![A1, C0]]);
    assert_eq!(solve(&[(A1, B0, 90), (A0, B0, 90)], &options), [[A0, B0]], "equals by row");
    let options = Options::new(threshold()).cluster_cap(2);
    assert_eq!(solve(&links, &options), [[A0, B0], [A1, C0]], "a full one takes no more");
    let known = vec![(record(A1), record(B0))];
    let options = Options::new(threshold()).known_links(known);
    assert_eq!(solve(&links, &options), [vec![A0, B1], vec![A1, B0, C0]]);
    let result = one_to_many(&mut pairs(&[]).reader(), &[1, 1], 2, &options);
    assert!(matches!(result, Err(Error::UnknownSource(2))));
}

#[test]
fn a_pair_that_the_rule_does_not_compare_is_neither_counted_nor_missed() {
    let links = [(A0, A1, 95), (A0, B0, 90), (A1, B0, 88), (A0, C0, 85), (A1, C0, 84)];
    let everything = Options::new(threshold()).duplicates_in(0);
    assert_eq!(solve(&links, &[2, 2, 1], &everything), [[A0, A1, B0]]);
    let rule = Rule::only(&[(0, 0), (0, 1), (0, 2)]);
    let options = Options::new(threshold()).rule(&rule);
    assert_eq!(solve(&links, &[2, 2, 1], &options), [[A0, A1, B0, C0]]);
    // B with C is not compared; a pair of them that comes all the same is passed over.
    assert!(solve(&[(B0, C0, 99)], &[2, 2, 1], &options).is_empty());
    // B has no duplicates.
    let links = [(A0, B0, 90), (A0, B1, 89), (B0, B1, 99)];
    assert_eq!(solve(&links, &[2, 2, 1], &options), [[A0, B0]]);
}

/// Pairs one at a time, said to be ranked.
struct Ranked(std::vec::IntoIter<Pair>);

impl PairSource for Ranked {
    fn is_ranked(&self) -> bool {
        true
    }

    fn read(&mut self, pairs: &mut Vec<Pair>) -> Result<bool, linkage::BoxedError> {
        let next = self.0.next();
        pairs.extend(next);
        Ok(next.is_some())
    }
}

#[test]
fn pairs_that_are_said_to_be_ranked_and_are_not_are_refused() {
    let links = [(A0, B0, 80), (A1, B1, 90)];
    let mut reader = Ranked(pairs(&links).pairs().to_vec().into_iter());
    let result = greedy(&mut reader, &[2, 2], &Options::new(threshold()));
    assert!(matches!(result, Err(Error::Unranked)));
}

#[test]
fn people_who_are_alike_and_kept_apart_are_counted() {
    let options = Options::new(threshold());
    let told = |links: &[Link], sizes: &[u32]| {
        let clusters = greedy(&mut pairs(links).reader(), sizes, &options).unwrap();
        apart(&mut pairs(links).reader(), &clusters, sizes).unwrap()
    };
    // Father and son at two departments, and a brother at one of them.
    let family = [(A0, B0, 99), (A1, B1, 98), (A0, B1, 80), (A1, B0, 79), (A0, (1, 2), 75)];
    let found = told(&family, &[2, 3]);
    assert_eq!((found.classes(), found.clusters, found.records), (1, 3, 5));
    assert_eq!(found.by_clusters, [(3, 1)].into());
    // One who has a single partner, and one whose group lacks a pair but no source twice.
    assert_eq!(told(&[(A0, B0, 99)], &[2, 2]).classes(), 0);
    assert_eq!(told(&[(A0, B0, 99), (B0, C0, 90)], &[1, 1, 1]).classes(), 0);
    assert_eq!(told(&[(A0, B0, 99), (A1, B1, 99)], &[2, 2]).classes(), 0);
}

type Solver = fn(&PairList, &Options) -> Clusters;

/// Every solver over four sources of six records.
const SOLVERS: [Solver; 5] = [
    |pairs, options| greedy(&mut pairs.reader(), &[6; 4], options).unwrap(),
    |pairs, options| groups(&mut pairs.reader(), &[6; 4], "0.4".parse().unwrap(), options).unwrap(),
    |pairs, options| mutual_best(&mut pairs.reader(), &[6; 4], options).unwrap(),
    |pairs, options| optimal(&mut pairs.reader(), &[6; 4], options).unwrap(),
    |pairs, options| one_to_many(&mut pairs.reader(), &[6; 4], 1, options).unwrap(),
];

proptest! {
    #[test]
    fn no_solver_depends_on_the_order_of_pairs_or_the_number_of_threads(
        links in prop::collection::btree_map(
            ((0_u32..4, 0_u32..6), (0_u32..4, 0_u32..6)), 90_u32..=93, 0..150,
        ).prop_map(|links| {
            let different = links.into_iter().filter(|((a, b), _)| a < b);
            different.map(|((a, b), percent)| (a, b, percent)).collect::<Vec<Link>>()
        }),
        shuffled in any::<prop::sample::Index>(),
        duplicates in any::<bool>(),
    ) {
        let mut options = Options::new(threshold()).cluster_cap(5);
        if duplicates {
            options = options.rule(&Rule::between_all(4).and_within(2));
        }
        let mut other = links.clone();
        other.reverse();
        if !other.is_empty() {
            let middle = shuffled.index(other.len());
            other.rotate_left(middle);
        }
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (one, three) = (pool(1), pool(3));
        for solver in SOLVERS {
            let first = one.install(|| linked(&solver(&pairs(&links), &options)));
            let second = three.install(|| linked(&solver(&pairs(&other), &options)));
            prop_assert_eq!(&first, &second);
            prop_assert!(first.iter().all(|cluster| cluster.len() <= 5));
        }
    }

    #[test]
    fn the_optimum_weighs_at_least_what_greedy_finds(
        links in prop::collection::btree_map((0_u32..8, 0_u32..8), 60_u32..=100, 0..40)
            .prop_map(|links| {
                let pair = |((a, b), percent)| ((0, a), (1, b), percent);
                links.into_iter().map(pair).collect::<Vec<Link>>()
            }),
    ) {
        let options = Options::new(threshold());
        let weight = |clusters: Vec<Vec<Record>>| -> u32 {
            let of = |two: &Vec<Record>| links.iter().find(|l| (l.0, l.1) == (two[0], two[1]));
            clusters.iter().map(|two| of(two).unwrap().2).sum()
        };
        let best = weight(solve_optimally(&links, &[8, 8], &options));
        prop_assert!(best >= weight(solve(&links, &[8, 8], &options)));
    }

    #[test]
    fn clusters_partition_the_records_and_do_not_depend_on_the_order_of_the_pairs(
        links in prop::collection::vec(
            ((0_u32..4, 0_u32..6), (0_u32..4, 0_u32..6), 40_u32..=100), 0..120,
        ),
        agreement in 1_u32..=10, cap in 1_u32..6,
    ) {
        let mut links: Vec<Link> = links.into_iter().filter(|(a, b, _)| a.0 != b.0).collect();
        links.sort_by_key(|&(a, b, _)| (a.min(b), a.max(b)));
        links.dedup_by_key(|&mut (a, b, _)| (a.min(b), a.max(b)));
        let agreement = Threshold::from_per_million(agreement * 100_000).unwrap();
        let options = Options::new(threshold()).cluster_cap(cap);
        let solve = |links: &[Link]| {
            groups(&mut pairs(links).reader(), &[6; 4], agreement, &options).unwrap()
        };
        let clusters = solve(&links);
        let mut all: Vec<Record> = Vec::new();
        for cluster in clusters.iter() {
            prop_assert!(cluster.records.len() as u32 <= cap);
            prop_assert!(cluster.records.windows(2).all(|w| w[0].source < w[1].source));
            prop_assert_eq!(cluster.band.is_some(), cluster.records.len() > 1);
            all.extend(cluster.records.iter().map(|record| (record.source, record.row)));
        }
        let mut ranked = pairs(&links).pairs().to_vec();
        ranked.sort_by_key(Pair::rank);
        // Some come twice.
        let ranked = ranked.into_iter().flat_map(|pair| vec![pair; 1 + pair.left.row as usize % 2]);
        let mut ranked = Ranked(ranked.collect::<Vec<_>>().into_iter());
        let streamed = groups(&mut ranked, &[6; 4], agreement, &options).unwrap();
        prop_assert_eq!(linked(&streamed), linked(&clusters));
        all.sort_unstable();
        prop_assert_eq!(all, (0..24).map(|n| (n / 6, n % 6)).collect::<Vec<_>>());
        links.reverse();
        prop_assert_eq!(linked(&solve(&links)), linked(&clusters));
    }
}
