//! All attacks on one encoding.

use std::time::Instant;

use attack::{Guesses, PairModel, Rate, frequency, graph, known_pairs, parity};
use serde::Serialize;

use crate::leakage::people::{Attacked, Crowd, parameters};
use crate::leakage::profiles::Profile;

/// Most pairs for which the linear attack is run.
const MOST_LINEAR: usize = 2_000;

/// How much is attacked.
pub struct Extent {
    /// Records that are attacked.
    pub records: usize,
    /// Share of further people in the register, per mille of the attacked.
    pub strangers_per_mille: usize,
    /// Numbers of known pairs.
    pub pairs: Vec<usize>,
    /// Most pairs against encodings of which no view is salted: one model for everybody takes time
    /// by the square of the pairs.
    pub most_unsalted: usize,
    /// Seed of the people and of the attacker's dice.
    pub seed: u64,
    /// Whether the decoder over GF(2) is run too.
    pub parity: bool,
    /// Department, as its code, of which all known pairs are and no attacked record; by chance
    /// over all departments where none is named.
    pub insider: Option<String>,
}

impl Extent {
    pub(crate) fn strangers(&self) -> usize {
        self.records * self.strangers_per_mille / 1000
    }
}

/// Which attack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Similarity graph, without pairs.
    Graph,
    /// Known pairs, kriging.
    Pairs,
    /// Known pairs, ridge regression on tokens.
    Linear,
    /// Known pairs, decoding over GF(2).
    Parity,
    /// Frequent patterns, without pairs.
    Frequency,
    /// Records that share an encoding with another of their source.
    Equal,
    /// Birth year from the graph attack's scores.
    YearGraph,
    /// Birth year from known pairs.
    YearPairs,
    /// Birth year by guessing the most frequent one of the record's source.
    YearGuess,
}

/// One attack on one encoding.
#[derive(Clone, Serialize)]
pub struct Line {
    /// Name of the encoding.
    pub encoding: String,
    /// The attack.
    pub kind: Kind,
    /// Pairs that it had.
    pub pairs: usize,
    /// Entries of the attacker's register.
    pub register: usize,
    /// Right guesses.
    pub hits: u64,
    /// Attacked records.
    pub of: u64,
    /// Share of right guesses.
    pub share: f64,
    /// Lower end of its interval of 95 % (Clopper and Pearson).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Seconds that it took.
    pub seconds: f64,
}

impl Line {
    fn new(profile: &Profile, kind: Kind, own: &Attacked<'_>, hits: u64, started: Instant) -> Self {
        let rate = Rate { hits, of: own.truth.len() as u64 };
        let (low, high) = rate.interval();
        Self {
            encoding: profile.name.clone(),
            kind,
            pairs: own.known.len(),
            register: own.register.len(),
            hits,
            of: rate.of,
            share: rate.share(),
            low,
            high,
            seconds: started.elapsed().as_secs_f64(),
        }
    }
}

/// The people whom all encodings have in common.
pub(crate) struct Stage {
    families: Crowd,
    mixed: Option<Crowd>,
}

impl Stage {
    pub(crate) fn new(extent: &Extent) -> anyhow::Result<Self> {
        let around = extent.records + extent.strangers();
        let families = Crowd::generate(around, extent.seed)?;
        let mixed = match extent.pairs.iter().max() {
            Some(most) => {
                // An insider knows one department of eight; the crowd must hold so many.
                let times = if extent.insider.is_some() { 4 } else { 1 };
                let mut crowd = Crowd::generate(around + times * most, extent.seed + 1)?;
                crowd.shuffle(extent.seed);
                if let Some(insider) = &extent.insider {
                    crowd.set_apart(insider);
                    crowd.last_are(insider, *most)?;
                }
                Some(crowd)
            }
            None => None,
        };
        Ok(Self { families, mixed })
    }

    /// Every attack on one encoding; `told` is called with each line.
    pub(crate) fn attack(
        &self,
        profile: &Profile,
        extent: &Extent,
        mut told: impl FnMut(&Line),
    ) -> anyhow::Result<Vec<Line>> {
        let mut lines = Vec::new();
        let mut tell = |line: Line| {
            told(&line);
            lines.push(line);
        };
        let parameters = parameters(profile);
        {
            let encoded = self.families.encode(profile, extent.seed)?;
            let own = encoded.attacked(extent.records, extent.strangers(), 0, extent.seed);
            let started = Instant::now();
            let found = graph(&parameters, &own.register, &own.target(), extent.seed)?;
            tell(Line::new(profile, Kind::Graph, &own, own.named(&found), started));
            tell(Line::new(profile, Kind::YearGraph, &own, own.dated(&found), started));
            let started = Instant::now();
            let found = frequency(&parameters, &own.register, &own.target())?;
            tell(Line::new(profile, Kind::Frequency, &own, own.named(&found.guesses), started));
            tell(Line::new(profile, Kind::Equal, &own, found.equal, started));
        }
        let Some(mixed) = &self.mixed else { return Ok(lines) };
        let encoded = mixed.encode(profile, extent.seed)?;
        let salted = profile.schema.views.iter().any(|view| !view.salt.is_empty());
        for pairs in &extent.pairs {
            if !salted && *pairs > extent.most_unsalted {
                continue;
            }
            let own = encoded.attacked(extent.records, extent.strangers(), *pairs, extent.seed);
            for (model, kind) in
                [(PairModel::Kriging, Kind::Pairs), (PairModel::Linear, Kind::Linear)]
            {
                // With many pairs kriging has left ridge regression far behind.
                if kind == Kind::Linear && *pairs > MOST_LINEAR {
                    continue;
                }
                let started = Instant::now();
                let found =
                    known_pairs(&parameters, &own.register, &own.known, &own.target(), model)?;
                tell(Line::new(profile, kind, &own, own.named(&found), started));
                if kind == Kind::Pairs {
                    tell(Line::new(profile, Kind::YearPairs, &own, own.dated(&found), started));
                }
            }
            if extent.parity {
                let started = Instant::now();
                let found = parity(&parameters, &own.register, &own.known, &own.target())?;
                tell(Line::new(profile, Kind::Parity, &own, own.named(&found), started));
            }
            if Some(pairs) == extent.pairs.iter().min() {
                let hits = own.dated_blindly();
                tell(Line::new(profile, Kind::YearGuess, &own, hits, Instant::now()));
            }
        }
        Ok(lines)
    }
}

impl Stage {
    /// Share of set bits before diffusion, in thousandths.
    pub(crate) fn fill(&self, profile: &Profile, extent: &Extent) -> anyhow::Result<u64> {
        self.families.fill(profile, extent.seed)
    }

    /// Only the graph attack.
    pub(crate) fn graph(&self, profile: &Profile, extent: &Extent) -> anyhow::Result<Line> {
        let encoded = self.families.encode(profile, extent.seed)?;
        let own = encoded.attacked(extent.records, extent.strangers(), 0, extent.seed);
        let started = Instant::now();
        let found = graph(&parameters(profile), &own.register, &own.target(), extent.seed)?;
        Ok(Line::new(profile, Kind::Graph, &own, own.named(&found), started))
    }

    /// Only kriging, for each number of pairs.
    pub(crate) fn pairs(&self, profile: &Profile, extent: &Extent) -> anyhow::Result<Vec<f64>> {
        let Some(mixed) = &self.mixed else { return Ok(Vec::new()) };
        let encoded = mixed.encode(profile, extent.seed)?;
        let shares = extent.pairs.iter().map(|pairs| {
            let own = encoded.attacked(extent.records, extent.strangers(), *pairs, extent.seed);
            let (register, known) = (&own.register, &own.known);
            let model = PairModel::Kriging;
            let found = known_pairs(&parameters(profile), register, known, &own.target(), model)?;
            Ok(Line::new(profile, Kind::Pairs, &own, own.named(&found), Instant::now()).share)
        });
        shares.collect()
    }
}

impl Attacked<'_> {
    /// Records whose entry was named.
    pub(crate) fn named(&self, guesses: &Guesses) -> u64 {
        guesses.entries.iter().zip(&self.truth).filter(|(guess, truth)| guess == truth).count()
            as u64
    }

    /// Records whose year of birth was named.
    pub(crate) fn dated(&self, guesses: &Guesses) -> u64 {
        let years = guesses.years.iter().zip(&self.truth);
        years.filter(|(year, truth)| **year == self.year(**truth) && year.is_some()).count() as u64
    }

    fn year(&self, entry: u32) -> Option<u16> {
        self.register[entry as usize].birth_year()
    }

    /// As whoever looks at no encoding: the most frequent year of the known people of the source.
    fn dated_blindly(&self) -> u64 {
        let mut counts = vec![std::collections::BTreeMap::<u16, u32>::new(); 256];
        for own in &self.known {
            if let Some(year) = own.person.birth_year() {
                *counts[usize::from(own.source)].entry(year).or_default() += 1;
            }
        }
        let usual: Vec<Option<u16>> = counts
            .iter()
            .map(|own| own.iter().max_by_key(|(_, count)| **count).map(|(year, _)| *year))
            .collect();
        let target = self.target();
        let sources = target.sources.iter().zip(&self.truth);
        sources
            .filter(|(source, truth)| {
                let year = usual[usize::from(**source)];
                year.is_some() && year == self.year(**truth)
            })
            .count() as u64
    }
}
