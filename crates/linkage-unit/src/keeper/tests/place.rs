//! A linkage unit with two projects, and deliveries straight into its database.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use access::{Identity, Registry};
use approval::Desk;
use policy::{Digest, LinkageSchema, Name, PolicySet, Schedule};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use store::batches::{self, BatchKey, NewBatch};
use store::seal::{Sealing, UnitKey};
use store::{Db, Location, UnitKind};
use submission::{
    BatchId, Clock, Encoding, Half, LinkableChunk, Manifest, Mode, Period, SignedManifest,
    SigningKey, SubjectId, subjects_digest,
};
use tempfile::TempDir;

use crate::{LinkageUnit, Setup};

pub(crate) const DAY: i64 = 86_400;
/// 1 October 2025, midnight UTC.
pub(crate) const AUTUMN: i64 = 1_759_276_800;

const PERIODS: &str = r#"
    [[period]]
    id = "q2"
    epoch = "2026"
    last_month = "2025-06"
    [[period]]
    id = "q3"
    epoch = "2026"
    last_month = "2025-09"
    link_on = "2025-11-15"
    [[period]]
    id = "q4"
    epoch = "2026"
    last_month = "2025-12"
    link_on = "2026-02-15"
"#;

pub(crate) struct Place {
    folder: TempDir,
    seconds: Arc<AtomicI64>,
    pub(crate) policies: Arc<PolicySet>,
    key: Arc<SigningKey>,
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn operator(project: &str) -> Identity {
    identity(json!({"name": format!("operator-{project}"), "role": "operator", "project": project}))
}

fn identity(mut own: Value) -> Identity {
    let digest = Digest::of(own["name"].as_str().unwrap().as_bytes());
    own["token_sha256"] = digest.to_string().into();
    serde_json::from_value(own).unwrap()
}

impl Place {
    pub(crate) fn new(seconds: i64) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
        let mut policies = PolicySet::load(&root).unwrap();
        policies.schedules.clear();
        for project in ["p", "q"] {
            let text = format!(
                "version = 1\nproject = \"{project}\"\napprovals = [\"dpo\", \"head\"]\n\
                 expected = [{{ department = \"a\", dataset = \"sgb2\" }}, \
                 {{ department = \"b\", dataset = \"kita\" }}]\n{PERIODS}"
            );
            let schedule = Schedule::from_toml(&text, &policies.catalogue).unwrap();
            policies.schedules.insert(name(project), schedule);
        }
        let pkcs8 = SigningKey::generate(&SystemRandom::new()).unwrap();
        Self {
            folder: tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap(),
            seconds: Arc::new(AtomicI64::new(seconds)),
            policies: Arc::new(policies),
            key: Arc::new(SigningKey::from_pkcs8(&pkcs8).unwrap()),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn sealing(&self) -> Sealing {
        let key_store = self.folder().join("linkage.keys");
        Sealing { key_store, unit_key: UnitKey::take(&mut [6; 32]) }
    }

    /// A unit on the one database; a second call is a restart, or a second process.
    pub(crate) async fn unit(&self) -> LinkageUnit {
        let location = Location::Sqlite(self.folder().join("linkage.sqlite"));
        let (installation, sealing) = ("test".parse().unwrap(), self.sealing());
        let db = Db::open(&location, UnitKind::Linkage, &installation, &sealing).await.unwrap();
        let schemas = [name("p"), name("q"), name("r")].map(|own| (own, name("county-2026")));
        let department = |own: &str, dataset: &str| {
            let key = String::from(self.key.public());
            identity(json!({"name": own, "role": "department", "project": "p", "public_key": key,
                            "datasets": [dataset]}))
        };
        let desk = Desk::open(approval::Setup {
            db: db.clone(),
            policies: Arc::clone(&self.policies),
            projects: [name("p"), name("q"), name("r")].into(),
            clock: Clock::Set(Arc::clone(&self.seconds)),
        })
        .await
        .unwrap();
        desk.agree([&name("dpo"), &name("head")]).await.unwrap();
        let unit = LinkageUnit::new(Setup {
            db,
            desk,
            policies: Arc::clone(&self.policies),
            schemas: schemas.into(),
            registry: Registry::new(vec![department("a", "sgb2"), department("b", "kita")])
                .unwrap(),
            key: Arc::clone(&self.key),
            statistics_unit: self.key.public(),
            clock: Clock::Set(Arc::clone(&self.seconds)),
            look_every: Duration::from_secs(3600),
            pair_floors: BTreeMap::new(),
        });
        for project in ["p", "q"] {
            let digest = *self.schema().digest().unwrap().as_bytes();
            match store::epochs::open(unit.db(), project, "2026", &digest, None, 1).await {
                Ok(_) | Err(store::Error::EpochClosed) => {}
                Err(error) => panic!("{error}"),
            }
        }
        unit
    }

    pub(crate) fn set(&self, seconds: i64) {
        self.seconds.store(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst)
    }

    fn schema(&self) -> &LinkageSchema {
        &self.policies.schemas[&name("county-2026")]
    }

    /// A full delivery that reaches `last_month`.
    pub(crate) async fn deliver(
        &self,
        unit: &LinkageUnit,
        project: &str,
        department: &str,
        dataset: &str,
        last_month: &str,
        rows: usize,
    ) {
        self.send(unit, project, (department, dataset), last_month, rows, Mode::Full).await;
    }

    pub(crate) async fn send(
        &self,
        unit: &LinkageUnit,
        project: &str,
        (department, dataset): (&str, &str),
        last_month: &str,
        rows: usize,
        mode: Mode,
    ) {
        let random = SystemRandom::new();
        let row = |_| (SubjectId::random(&random).unwrap(), [0x55; 128]);
        let rows: Vec<_> = (0..rows).map(row).collect();
        self.send_rows(unit, project, (department, dataset), last_month, (&rows, &[]), mode).await;
    }

    /// A delivery of these subjects with one filter in all views, that withdraws others.
    pub(crate) async fn send_rows(
        &self,
        unit: &LinkageUnit,
        project: &str,
        (department, dataset): (&str, &str),
        last_month: &str,
        (rows, withdrawn): (&[(SubjectId, [u8; 128])], &[SubjectId]),
        mode: Mode,
    ) {
        let random = SystemRandom::new();
        let mut chunk = LinkableChunk::new(self.schema());
        for (subject, filter) in rows {
            let filters = self.schema().views.iter().map(|_| Encoding::new(filter).unwrap());
            chunk.push(*subject, &filters.collect::<Vec<_>>()).unwrap();
        }
        let bytes = chunk.encode().unwrap();
        let subjects: Vec<SubjectId> = rows.iter().map(|(subject, _)| *subject).collect();
        let (count, subjects_digest) = subjects_digest(subjects);
        let rows = rows.len();
        let manifest = Manifest {
            format: Manifest::FORMAT.into(),
            half: Half::Linkable,
            project: name(project),
            epoch: name("2026"),
            department: name(department),
            dataset: name(dataset),
            batch: BatchId::random(&random).unwrap(),
            mode,
            period: Period { from: "2023-01".parse().unwrap(), to: last_month.parse().unwrap() },
            schema: Some(self.schema().digest().unwrap()),
            key_check_value: None,
            catalogue: None,
            rows: count,
            chunks: vec![Digest::of(&bytes)],
            subjects: count,
            subjects_digest,
            withdrawn: withdrawn.to_vec(),
        };
        let key = BatchKey {
            project: project.into(),
            department: department.into(),
            batch: manifest.batch.to_string(),
        };
        let new = NewBatch {
            key: key.clone(),
            epoch: "2026".into(),
            dataset: dataset.into(),
            period: format!("{}/{}", manifest.period.from, manifest.period.to),
            mode: match mode {
                Mode::Full => batches::Mode::Full,
                Mode::Amend => batches::Mode::Amend,
            },
            manifest: json!(SignedManifest { manifest, signature: self.signature() }).to_string(),
            manifest_digest: [1; 32],
            body_digest: [2; 32],
            rows: rows as u64,
            chunk_count: u64::from(rows > 0),
        };
        let now = self.now();
        batches::begin(unit.db(), &new, now).await.unwrap();
        if rows > 0 {
            batches::put_chunk(unit.db(), &key, 0, &[3; 32], &bytes).await.unwrap();
        }
        let withdrawn: Vec<_> = withdrawn.iter().map(|own| *own.as_bytes()).collect();
        batches::complete(unit.db(), &key, "{}", &withdrawn, now).await.unwrap();
    }

    fn signature(&self) -> submission::Signature {
        self.key.sign("test", &"nobody checks it here").unwrap()
    }
}
