//! A unit with a small county, made once and copied for each round of the trial.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::{Identity, Registry, Role, TokenDigest};
use anyhow::Context;
use policy::{Digest, Name, PolicySet};
use ring::rand::SystemRandom;
use statistics_unit::{Gate, Pace, QueryRequest, Setup, StatisticsUnit};
use store::batches::{self, BatchKey, NewBatch};
use store::seal::{Sealing, UnitKey};
use store::{Db, Location, UnitKind};
use submission::{
    BatchId, BatchStatement, Clock, Half, Link, LinkMap, Manifest, Measures, MeasuresChunk, Mode,
    Period, PersonId, SealedLinkMap, SignedManifest, SigningKey, SnapshotId, SnapshotStatement,
    SubjectId, subjects_digest,
};

pub(super) const PROJECT: &str = "county";
/// Who asks.
pub(super) const ANALYST: &str = "analyst";
/// Cap of each event year, in nano-rho: two thirds of what there is to ask.
pub(super) const CAP: u64 = 50_000_000;
pub(super) const YEARS: [u16; 3] = [2023, 2024, 2025];
/// Questions per event year, each with a price of its own and so an answer of its own.
const QUESTIONS: u16 = 60;
const PEOPLE: u16 = 300;
const CATALOGUE: &str = r#"name = "county"
version = 1
[dimensions.municipality]
label = "Gemeinde"
keys = [{ key = "01", label = "A" }, { key = "02", label = "B" }]
attribute_from = ["kita"]
[datasets.kita]
label = "Kindertagesbetreuung"
legal_basis = "synthetisch"
retention_months = 36
max_rows = 12
dimensions = ["municipality"]
"#;
const SCHEMA: &str = r#"{"name": "test", "version": 1, "family": "milchglas",
    "normaliser": "de-1", "bits": 1024, "measure": "hamming", "threshold": "0.66",
    "weight_window": [416, 608], "views": [{"name": "name", "diffusion": 6, "fields": [
        {"identifier": "surname", "tokens": "bigrams", "k": 8}]}]}"#;

/// How the unit in the trial paces itself: each state lasts long enough to be hit.
pub(super) const PACE: Pace = Pace {
    slot: Duration::from_millis(300),
    per_thousand_cells: Duration::ZERO,
    between_steps: Duration::from_millis(40),
};

pub(super) fn name(text: &str) -> anyhow::Result<Name> {
    Ok(Name::new(text)?)
}

fn purpose() -> String {
    let mut text = format!(
        "id = \"trial\"\nversion = 1\nproject = \"{PROJECT}\"\ncontroller = \"06\"\n\
         purpose = \"Probe\"\nlegal_basis = [\"synthetisch\"]\nrecipients = [\"niemand\"]\n\
         expires = \"2199-12-31\"\napprovals = [\"one\", \"other\"]\n\
         [territory]\ndimension = \"municipality\"\nprefix = \"0\"\nlabel = \"Kreis\"\n\
         [budget]\nlineage_cap_nano_rho = {CAP}\npurpose_cap_nano_rho = 1_000_000_000\n\
         analyst_cap_nano_rho = 1_000_000_000\ndelta_conv_femto = 1_000_000_000\n"
    );
    for number in 0..QUESTIONS {
        let rho = 1_000_000 + u32::from(number) * 20_000;
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "[[indicator]]\nid = \"q{number}\"\nlabel = \"Frage {number}\"\nrho_nano = {rho}\n\
             [indicator.query]\ncompute = {{ kind = \"persons\", datasets = [\"kita\"] }}\n\
             group_by = [\"municipality\"]\n"
        );
    }
    text
}

/// Everything there is to ask, with the key of each.
pub(super) fn questions() -> anyhow::Result<Vec<(String, QueryRequest)>> {
    let mut all = Vec::new();
    for number in 0..QUESTIONS {
        for year in YEARS {
            let usual = QueryRequest::of(name("trial")?, name(&format!("q{number}"))?, year);
            // A dearer answer to the same question shall not stand in.
            let request = QueryRequest { fresh: true, ..usual };
            all.push((format!("k-{number}-{year}"), request));
        }
    }
    Ok(all)
}

pub(super) async fn open(database: &Path) -> anyhow::Result<Db> {
    let location = Location::Sqlite(database.to_owned());
    // One beside all copies of the database: no round makes or destroys a key.
    let key_store = database.with_file_name("trial.keys");
    let sealing = Sealing { key_store, unit_key: UnitKey::take(&mut [6; 32]) };
    Ok(Db::open(&location, UnitKind::Statistics, &"trial".parse()?, &sealing).await?)
}

/// The unit on a database, as it would be served.
pub(super) async fn unit(folder: &Path, database: &Path) -> anyhow::Result<StatisticsUnit> {
    let key = |file: &str| -> anyhow::Result<SigningKey> {
        Ok(SigningKey::from_pkcs8(&fs::read(folder.join(file))?)?)
    };
    let db = open(database).await?;
    let policies = Arc::new(PolicySet::load(&folder.join("policies"))?);
    let desk = approval::Desk::open(approval::Setup {
        db: db.clone(),
        policies: Arc::clone(&policies),
        projects: [name(PROJECT)?].into(),
        clock: Clock::System,
    })
    .await?;
    desk.agree([&name("dpo")?, &name("head")?]).await?;
    Ok(StatisticsUnit::new(Setup {
        db,
        desk,
        policies,
        schemas: BTreeMap::from([(name(PROJECT)?, name("test")?)]),
        registry: Registry::default(),
        key: Arc::new(key("statistics.key")?),
        linkage_unit: key("linkage.key")?.public(),
        rank_secret: [7; 32],
        separation: "a trial".into(),
        clock: Clock::System,
        plan_interval: Duration::from_secs(60),
        pace: PACE,
        gate: Gate::without_witness(),
    }))
}

/// Policies, keys, and a database with one delivery and its accepted link map.
pub(super) async fn make(folder: &Path, database: &Path) -> anyhow::Result<()> {
    let files = [
        ("linkage/test.json", SCHEMA.to_owned()),
        ("catalogue/county.toml", CATALOGUE.to_owned()),
        ("purposes/trial.toml", purpose()),
    ];
    for (path, text) in files {
        let path = folder.join("policies").join(path);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(path, text)?;
    }
    let random = SystemRandom::new();
    for file in ["statistics.key", "linkage.key"] {
        fs::write(folder.join(file), &*SigningKey::generate(&random)?)?;
    }
    let linkage = SigningKey::from_pkcs8(&fs::read(folder.join("linkage.key"))?)?;
    let unit = unit(folder, database).await?;
    let (statement, subjects) = deliver(&unit, &random).await?;
    accept(&unit, &linkage, &random, statement, &subjects).await?;
    unit.db().clone().close().await;
    Ok(())
}

async fn deliver(
    unit: &StatisticsUnit,
    random: &SystemRandom,
) -> anyhow::Result<(BatchStatement, Vec<SubjectId>)> {
    let policies = unit.policies();
    let (department, dataset) = (name("nursery")?, name("kita")?);
    let columns = policies.catalogue.dataset(&dataset)?;
    let mut chunk = MeasuresChunk::new(columns);
    let mut subjects = Vec::new();
    for person in 0..PEOPLE {
        let subject = SubjectId::random(random)?;
        for (row, year) in (0..).zip(YEARS) {
            chunk.push(&Measures {
                subject,
                row,
                year,
                first_month: 1,
                last_month: 6,
                unit: None,
                codes: &[person % 2],
                amounts: &[],
            })?;
        }
        subjects.push(subject);
    }
    let body = chunk.encode()?;
    let (count, digest) = subjects_digest(subjects.iter().copied());
    let batch = BatchId::random(random)?;
    let rows = u64::from(PEOPLE) * YEARS.len() as u64;
    let manifest = Manifest {
        format: Manifest::FORMAT.into(),
        half: Half::Measures,
        project: name(PROJECT)?,
        epoch: name("2026")?,
        department: department.clone(),
        dataset: dataset.clone(),
        batch,
        mode: Mode::Full,
        period: Period { from: "2023-01".parse()?, to: "2025-12".parse()? },
        schema: None,
        key_check_value: None,
        catalogue: Some(policies.catalogue.digest()?),
        rows,
        chunks: vec![Digest::of(&body)],
        subjects: count,
        subjects_digest: digest,
        withdrawn: Vec::new(),
    };
    let key = BatchKey {
        project: PROJECT.into(),
        department: department.to_string(),
        batch: batch.to_string(),
    };
    let new = NewBatch {
        key: key.clone(),
        epoch: "2026".into(),
        dataset: dataset.to_string(),
        period: String::new(),
        mode: batches::Mode::Full,
        manifest: serde_json::to_string(&SignedManifest::sign(manifest, unit.key())?)?,
        manifest_digest: [0; 32],
        body_digest: [0; 32],
        rows,
        chunk_count: 1,
    };
    let now = unit.now();
    batches::begin(unit.db(), &new, now).await?;
    batches::put_chunk(unit.db(), &key, 0, Digest::of(&body).as_bytes(), &body).await?;
    batches::complete(unit.db(), &key, "receipt", &[], now).await?;
    Ok((BatchStatement { batch, department, dataset, subjects_digest: digest }, subjects))
}

/// Each subject is a person.
async fn accept(
    unit: &StatisticsUnit,
    linkage: &SigningKey,
    random: &SystemRandom,
    batch: BatchStatement,
    subjects: &[SubjectId],
) -> anyhow::Result<()> {
    let mut links = Vec::new();
    for subject in subjects {
        links.push(Link { subject: *subject, person: PersonId::random(random)?, band: 7 });
    }
    let map = LinkMap::new(links)?;
    let bytes = map.to_bytes();
    let statement = SnapshotStatement {
        format: SnapshotStatement::FORMAT.into(),
        snapshot: SnapshotId::random(random)?,
        project: name(PROJECT)?,
        epoch: name("2026")?,
        schema: Digest::of(b"schema"),
        batches: vec![batch],
        link_map: Digest::of(&bytes),
        subjects: subjects.len() as u64,
        period: None,
    };
    let operator = Identity {
        name: name("operator")?,
        role: Role::Operator,
        project: name(PROJECT)?,
        token_sha256: TokenDigest::of("operator"),
        password_argon2id: None,
        valid_until: None,
        public_key: None,
        datasets: [].into(),
    };
    let asked = unit.request_map(&operator, statement.snapshot).await?;
    let public = unit.key().public();
    let sealed = SealedLinkMap::seal(statement, &bytes, &asked, &public, linkage, random)?;
    unit.accept_map(&operator, &sealed).await?;
    Ok(())
}
