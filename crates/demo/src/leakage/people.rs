//! Who is attacked, who is known, and what the attacker has of both.

use std::collections::HashSet;

use attack::{Known, Parameters, Person, Target, fold};
use encoder::{Encoder, LinkageKey};
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use submission::Encoding;

use crate::county::{Settings, World};
use crate::leakage::profiles::Profile;
use crate::leakage::records::{Known as Record, records};

/// Residents of both counties together per person whom a department of the first county knows.
const RESIDENTS_PER_PERSON: usize = 8;

/// One record per person of one county, families side by side.
pub(crate) struct Crowd {
    pub(crate) people: Vec<Record>,
}

impl Crowd {
    /// At least `persons` people.
    pub(crate) fn generate(persons: usize, seed: u64) -> anyhow::Result<Self> {
        let residents = (persons * RESIDENTS_PER_PERSON).clamp(2_000, 2_000_000);
        let world = World::generate(&Settings {
            persons: u32::try_from(residents)?,
            seed,
            dirty_per_mille: 350,
            quarters: 1,
        })?;
        let mut people = records(&world.counties()[0])?;
        people.retain(|own| own.clear.identifiers().is_ok_and(|own| own.is_usable()));
        // By turns of the department, so that each gives some.
        let mut seen = HashSet::new();
        people.sort_by_key(|own| (own.person, (own.person.0 as usize + own.dataset as usize) % 8));
        people.retain(|own| seen.insert(own.person));
        anyhow::ensure!(
            people.len() >= persons,
            "{} people are too few for {persons}",
            people.len()
        );
        Ok(Self { people })
    }

    /// In an order by chance: families are torn apart, so that relatives of known people are
    /// attacked.
    pub(crate) fn shuffle(&mut self, seed: u64) {
        self.people.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    }

    /// Puts one department's people last, where the known pairs are taken from: an insider there
    /// attacks the others' people.
    pub(crate) fn set_apart(&mut self, insider: &str) {
        self.people.sort_by_key(|own| own.dataset.code() == insider);
    }

    /// Refuses where fewer than `pairs` people are of this department.
    pub(crate) fn last_are(&self, insider: &str, pairs: usize) -> anyhow::Result<()> {
        let own = self.people.iter().filter(|own| own.dataset.code() == insider).count();
        anyhow::ensure!(own >= pairs, "--insider {insider}: it knows {own} people, not {pairs}");
        Ok(())
    }

    /// Share of set bits before diffusion, in thousandths, mean over views.
    pub(crate) fn fill(&self, profile: &Profile, seed: u64) -> anyhow::Result<u64> {
        let encoder = Encoder::new(&profile.schema, &key(seed)?)?;
        let people: Result<Vec<_>, _> =
            self.people.iter().map(|own| own.clear.identifiers()).collect();
        let fills = encoder.fill(&people?);
        let sum: u64 = fills.iter().map(encoder::Fill::per_mille).sum();
        Ok(sum / fills.len().max(1) as u64)
    }

    /// Encodes everybody under a key that the attacker does not have.
    pub(crate) fn encode(&self, profile: &Profile, seed: u64) -> anyhow::Result<Encoded<'_>> {
        let encoder = Encoder::new(&profile.schema, &key(seed)?)?;
        let people: Result<Vec<_>, _> =
            self.people.iter().map(|own| own.clear.identifiers()).collect();
        let mut encodings = Vec::new();
        for views in encoder.encode_all(&people?) {
            let views: Result<Vec<Encoding>, _> =
                views?.iter().map(|view| fold(view, profile.folds)).collect();
            encodings.push(views?);
        }
        Ok(Encoded { crowd: self, encodings })
    }
}

/// A crowd and its encodings.
pub(crate) struct Encoded<'a> {
    crowd: &'a Crowd,
    encodings: Vec<Vec<Encoding>>,
}

/// What an attack is given, and the truth.
pub(crate) struct Attacked<'a> {
    pub(crate) register: Vec<&'a Person>,
    encodings: Vec<&'a [Encoding]>,
    sources: Vec<u8>,
    pub(crate) known: Vec<Known<'a>>,
    /// Place in the register of each attacked record.
    pub(crate) truth: Vec<u32>,
}

impl Attacked<'_> {
    pub(crate) fn target(&self) -> Target<'_> {
        Target { encodings: &self.encodings, sources: &self.sources }
    }
}

impl Encoded<'_> {
    /// Attacks the first `records`; the register has these and `strangers` more people, the pairs
    /// are of the last `pairs`, who are in no register: the attacker knows that they are settled.
    pub(crate) fn attacked(
        &self,
        records: usize,
        strangers: usize,
        pairs: usize,
        seed: u64,
    ) -> Attacked<'_> {
        let people = &self.crowd.people;
        let mut places: Vec<usize> = (0..records + strangers).collect();
        places.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
        let mut truth = vec![0; records];
        for (entry, place) in (0_u32..).zip(&places) {
            if let Some(own) = truth.get_mut(*place) {
                *own = entry;
            }
        }
        let known = (people.len() - pairs..people.len()).map(|at| Known {
            person: &people[at].clear,
            encodings: &self.encodings[at],
            source: people[at].dataset as u8,
        });
        Attacked {
            register: places.iter().map(|at| &people[*at].clear).collect(),
            encodings: self.encodings[..records].iter().map(Vec::as_slice).collect(),
            sources: people[..records].iter().map(|own| own.dataset as u8).collect(),
            known: known.collect(),
            truth,
        }
    }
}

/// A key of made-up departments: the same seed gives the same figures.
pub(crate) fn key(seed: u64) -> anyhow::Result<LinkageKey> {
    let bytes: [u8; 32] = ChaCha12Rng::seed_from_u64(seed ^ 0x006b_6579).random();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(LinkageKey::from_file_text(&format!("milchglas-linkage-key-1 {digits}"))?)
}

pub(crate) fn parameters(profile: &Profile) -> Parameters<'_> {
    Parameters { schema: &profile.schema, folds: profile.folds }
}
