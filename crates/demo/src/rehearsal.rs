//! One county's records, encoded and linked by the departments' and the unit's own code, but
//! without stations, units and network: only to measure how good links are.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use department::{
    Batch, Change, Keys, Language, Mapping, PrepareSettings, Register, Sender, keys, keys::KeyKind,
    prepare,
};
use linkage_unit::{RehearsalSource, rehearse};
use policy::{LinkageSchema, Name, PolicySet};
use ring::rand::SystemRandom;
use submission::{Half, LinkMap, LinkableChunk, MeasuresChunk, Period, SubjectId};

use crate::county::{County, Dataset, Extract, PersonNumber};
use crate::office::people;

/// A county after one full delivery of everybody.
pub(crate) struct Rehearsal {
    pub(crate) map: LinkMap,
    /// Whom each subject is, and which dataset knows it by it.
    pub(crate) subjects: HashMap<SubjectId, (PersonNumber, Dataset)>,
    /// Who has a fact of the year that was asked for; empty where none was.
    pub(crate) present: HashSet<SubjectId>,
}

/// Where the encoding of a county takes place.
pub(crate) struct Workplace<'a> {
    pub(crate) policies: &'a PolicySet,
    /// The folder `policies/` itself, for the mappings.
    pub(crate) folder: &'a Path,
    pub(crate) schema: &'a LinkageSchema,
    pub(crate) random: &'a SystemRandom,
    pub(crate) period: Period,
    /// The event year whose facts are looked at; none where only links matter.
    pub(crate) year: Option<u16>,
}

/// One dataset of a county, encoded.
pub(crate) struct Encoded {
    pub(crate) source: RehearsalSource,
    pub(crate) people: HashMap<SubjectId, PersonNumber>,
    present: HashSet<SubjectId>,
}

impl Workplace<'_> {
    /// Encodes and links one county; `tick` is called after each dataset.
    pub(crate) fn rehearse(&self, county: &County, tick: impl Fn()) -> anyhow::Result<Rehearsal> {
        let (mut subjects, mut present) = (HashMap::new(), HashSet::new());
        let mut sources = Vec::new();
        for (dataset, own) in self.encode_all(county, tick)? {
            sources.push(own.source);
            present.extend(own.present);
            let people = own.people.into_iter();
            subjects.extend(people.map(|(subject, person)| (subject, (person, dataset))));
        }
        Ok(Rehearsal { map: rehearse(sources, self.schema, self.random)?, subjects, present })
    }

    /// Encodes one county under fresh keys; `tick` is called after each dataset.
    pub(crate) fn encode_all(
        &self,
        county: &County,
        tick: impl Fn(),
    ) -> anyhow::Result<Vec<(Dataset, Encoded)>> {
        let place = tempfile::Builder::new().prefix("milchglas-calibrate-").tempdir()?;
        for (kind, file) in [
            (KeyKind::Linkage, "linkage.key"),
            (KeyKind::Signing, "signing.key"),
            (KeyKind::Register, "register.key"),
        ] {
            keys::generate(kind, &place.path().join(file), self.random)?;
        }
        let mut all = Vec::new();
        for dataset in county.datasets() {
            let extract = county.extract(dataset, 1)?;
            all.push((dataset, self.encode(&extract, place.path())?));
            tick();
        }
        Ok(all)
    }

    fn encode(&self, extract: &Extract, place: &Path) -> anyhow::Result<Encoded> {
        let code = extract.dataset.code();
        let file = place.join(&extract.file_name);
        std::fs::write(&file, &extract.bytes)?;
        let mapping = self.folder.join("mappings").join(format!("{code}.toml"));
        let register = || keys::read_register(&place.join("register.key"));
        let done = prepare(&PrepareSettings {
            sender: &Sender {
                project: Name::new("calibration")?,
                epoch: Name::new("calibration")?,
                department: Name::new(code)?,
            },
            catalogue: &self.policies.catalogue,
            named: None,
            schema: self.schema,
            mapping: &Mapping::load(&mapping)?,
            keys: &Keys {
                linkage: keys::read_linkage(&place.join("linkage.key"))?,
                signing: keys::read_signing(&place.join("signing.key"))?,
                register: register()?,
            },
            extract: Some(&file),
            period: self.period,
            objections: None,
            change: Change::Full,
            outbox: &place.join("outbox"),
            language: Language::German,
            now: 0,
            random: self.random,
            progress: &|_| (),
        })?;
        let batch = Batch::open(&done.folder)?;
        let chunks = 0..batch.signed(Half::Linkable).manifest.chunks.len() as u64;
        let chunk = |index| {
            let bytes = batch.chunk(Half::Linkable, index)?;
            Ok(LinkableChunk::decode(&bytes, self.schema)?)
        };
        let chunks: anyhow::Result<Vec<LinkableChunk>> = chunks.map(chunk).collect();
        let source =
            RehearsalSource { department: code.into(), dataset: code.into(), chunks: chunks? };
        let register = Register::open(&done.folder.join("register.sealed"), &register()?)?;
        let (people, present) = (people(&register, &extract.truth), self.present(&batch)?);
        std::fs::remove_dir_all(&done.folder)?;
        std::fs::remove_file(&file)?;
        Ok(Encoded { source, people, present })
    }

    fn present(&self, batch: &Batch) -> anyhow::Result<HashSet<SubjectId>> {
        let mut present = HashSet::new();
        let Some(year) = self.year else { return Ok(present) };
        let manifest = &batch.signed(Half::Measures).manifest;
        for index in 0..manifest.chunks.len() as u64 {
            let bytes = batch.chunk(Half::Measures, index)?;
            let (catalogue, dataset) = (&self.policies.catalogue, &manifest.dataset);
            let chunk = MeasuresChunk::decode(&bytes, catalogue, dataset, &manifest.period)?;
            present.extend(chunk.iter().filter(|row| row.year == year).map(|row| row.subject));
        }
        Ok(present)
    }
}
