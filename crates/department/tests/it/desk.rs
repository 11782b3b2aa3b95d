//! A department's desk for tests: keys, agreement, folders.

use std::fs;
use std::path::{Path, PathBuf};

use department::keys::{self, KeyKind};
use department::{
    Change, Error, Keys, Language, Mapping, Objections, PrepareSettings, PreparedBatch, Register,
    Sender, prepare,
};
use policy::{Catalogue, LinkageSchema, Name};
use ring::rand::SystemRandom;
use submission::{LinkableChunk, MeasuresChunk, Month, Period, SubjectId, UnitId};
use tempfile::TempDir;

pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) keys: Keys,
    pub(crate) catalogue: Catalogue,
    pub(crate) schema: LinkageSchema,
    pub(crate) sender: Sender,
    pub(crate) period: Period,
}

/// A fact as it arrived at the statistics unit, codes as keys.
pub(crate) struct Fact {
    pub(crate) subject: SubjectId,
    pub(crate) row: u32,
    pub(crate) months: (u16, u8, u8),
    pub(crate) unit: Option<UnitId>,
    pub(crate) keys: Vec<String>,
    pub(crate) amounts: Vec<Option<i64>>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn extract(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/extracts").join(name)
}

pub(crate) fn mapping(name: &str) -> Mapping {
    Mapping::load(&root().join(format!("policies/mappings/{name}.toml"))).unwrap()
}

pub(crate) const SCHEMA: &str = r#"{"name": "test", "version": 1, "family": "milchglas",
    "normaliser": "de-1", "bits": 1024, "measure": "hamming", "threshold": "0.66",
    "weight_window": [300, 720], "views": [{"name": "name", "diffusion": 5, "fields": [
        {"identifier": "surname", "tokens": "bigrams", "k": 16},
        {"identifier": "given_names", "tokens": "bigrams", "k": 16},
        {"identifier": "date_of_birth", "tokens": "date_parts", "k": 16}]}]}"#;

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        let at = |name: &str| folder.path().join(name);
        for (kind, name) in [
            (KeyKind::Linkage, "linkage.key"),
            (KeyKind::Signing, "signing.key"),
            (KeyKind::Register, "register.key"),
        ] {
            keys::generate(kind, &at(name), &random).unwrap();
        }
        let keys = Keys {
            linkage: keys::read_linkage(&at("linkage.key")).unwrap(),
            signing: keys::read_signing(&at("signing.key")).unwrap(),
            register: keys::read_register(&at("register.key")).unwrap(),
        };
        let catalogue = fs::read_to_string(root().join("policies/catalogue/county.toml")).unwrap();
        let name = |text: &str| Name::new(text).unwrap();
        let month = |year, month| Month::new(year, month).unwrap();
        Self {
            keys,
            catalogue: Catalogue::from_toml(&catalogue).unwrap(),
            schema: LinkageSchema::from_json(SCHEMA).unwrap(),
            sender: Sender {
                project: name("county-06432"),
                epoch: name("2026"),
                department: name("amt-06432"),
            },
            period: Period { from: month(2022, 1), to: month(2025, 12) },
            folder,
        }
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn outbox(&self) -> PathBuf {
        self.folder.path().join("outbox")
    }

    pub(crate) fn prepare(
        &self,
        mapping: &Mapping,
        extract: Option<&Path>,
        objections: Option<&Objections>,
        change: Change<'_>,
        now: i64,
    ) -> Result<PreparedBatch, Error> {
        prepare(&PrepareSettings {
            sender: &self.sender,
            catalogue: &self.catalogue,
            named: None,
            schema: &self.schema,
            mapping,
            keys: &self.keys,
            extract,
            period: self.period,
            objections,
            change,
            outbox: &self.outbox(),
            language: Language::German,
            now,
            random: &SystemRandom::new(),
            progress: &|_| (),
        })
    }

    pub(crate) fn full(&self, name: &str, extract: &Path) -> Result<PreparedBatch, Error> {
        self.prepare(&mapping(name), Some(extract), None, Change::Full, 1)
    }

    pub(crate) fn register(&self, batch: &PreparedBatch) -> Register {
        Register::open(&batch.folder.join("register.sealed"), &self.keys.register).unwrap()
    }

    /// Every fact of a batch, decoded and checked as the statistics unit does it.
    pub(crate) fn facts(&self, batch: &PreparedBatch, dataset: &str) -> Vec<Fact> {
        let name = Name::new(dataset).unwrap();
        let dimensions = &self.catalogue.dataset(&name).unwrap().dimensions;
        let mut all = Vec::new();
        for bytes in chunks(&batch.folder.join("measures")) {
            let chunk =
                MeasuresChunk::decode(&bytes, &self.catalogue, &name, &self.period).unwrap();
            all.extend(chunk.iter().map(|row| {
                Fact {
                    subject: row.subject,
                    row: row.row,
                    months: (row.year, row.first_month, row.last_month),
                    unit: row.unit,
                    keys: dimensions
                        .iter()
                        .zip(row.codes)
                        .map(|(dimension, code)| {
                            let keys = &self.catalogue.dimension(dimension).unwrap().keys;
                            keys.get(usize::from(*code)).map_or("?", |key| &key.key).to_owned()
                        })
                        .collect(),
                    amounts: row.amounts.to_vec(),
                }
            }));
        }
        all
    }

    /// Every subject of the other half.
    pub(crate) fn linkable(&self, batch: &PreparedBatch) -> Vec<SubjectId> {
        let decode = |bytes: Vec<u8>| LinkableChunk::decode(&bytes, &self.schema).unwrap();
        let chunks = chunks(&batch.folder.join("linkable")).into_iter().map(decode);
        chunks.flat_map(|chunk| chunk.subjects().to_vec()).collect()
    }

    /// The facts of a case in the order of their numbers, as lines.
    pub(crate) fn lines_of(&self, batch: &PreparedBatch, dataset: &str, case: &str) -> Vec<String> {
        let register = self.register(batch);
        let subjects = register.subjects_of_case(case);
        let mut facts = self.facts(batch, dataset);
        facts.retain(|fact| subjects.contains(&fact.subject));
        facts.sort_by_key(|fact| (fact.subject, fact.row));
        let line = |fact: &Fact| {
            let (year, first, last) = fact.months;
            let amounts: Vec<String> = fact
                .amounts
                .iter()
                .map(|amount| amount.map_or("-".into(), |amount| amount.to_string()))
                .collect();
            let head = format!("{year}/{first}-{last} {}", fact.keys.join(" "));
            format!("{head} {}", amounts.join(" ")).trim_end().to_owned()
        };
        facts.iter().map(line).collect()
    }
}

pub(crate) fn chunks(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == "arrow"))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}
