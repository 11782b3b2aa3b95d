//! A county with two departments, a schedule, a plan and one unit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use access::{Identity, Registry, Role, TokenDigest};
use policy::{Digest, Name, PolicySet};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use statistics_unit::{
    Gate, Pace, PlanEvent, QueryRequest, RunReport, Setup, StatisticsUnit, UnitError,
};
use store::batches::{self, BatchKey, NewBatch};
use store::seal::{Sealing, UnitKey};
use store::{Db, Location, UnitKind};
use submission::{
    BatchId, BatchStatement, Clock, Half, Link, LinkMap, Manifest, Measures, MeasuresChunk, Mode,
    Period, PersonId, SealedLinkMap, SignedManifest, SigningKey, SnapshotId, SnapshotStatement,
    SubjectId, subjects_digest,
};
use tempfile::TempDir;

pub(crate) const PROJECT: &str = "county";

/// Long enough for a busy machine, short enough for many questions.
pub(crate) const SLOT: Duration = Duration::from_millis(1_500);

const FILES: [(&str, &str); 5] = [
    (
        "linkage/test.json",
        r#"{"name": "test", "version": 1, "family": "milchglas", "normaliser": "de-1",
            "bits": 1024, "measure": "hamming", "threshold": "0.66", "weight_window": [416, 608],
            "views": [{"name": "name", "diffusion": 6, "fields": [
                {"identifier": "surname", "tokens": "bigrams", "k": 8}]}]}"#,
    ),
    (
        "catalogue/county.toml",
        r#"name = "county"
version = 1
[dimensions.municipality]
label = "Gemeinde"
keys = [{ key = "01", label = "A" }, { key = "02", label = "B" }]
attribute_from = ["kita", "wohngeld"]
[dimensions.sex]
label = "Geschlecht"
keys = [{ key = "f", label = "weiblich" }, { key = "m", label = "männlich" }]
attribute_from = ["kita", "wohngeld"]
[datasets.kita]
label = "Kindertagesbetreuung"
legal_basis = "SGB VIII §§ 22-24"
retention_months = 36
max_rows = 12
dimensions = ["municipality", "sex"]
measures = [{ name = "hours", label = "Stunden", unit = "h", lower = 0, upper = 50, step = 1 }]
[datasets.wohngeld]
label = "Wohngeld"
legal_basis = "WoGG § 34"
retention_months = 36
max_rows = 12
dimensions = ["municipality", "sex"]
"#,
    ),
    (
        "purposes/early-help.toml",
        r#"id = "early-help"
version = 1
project = "county"
controller = "06"
purpose = "Früh sehen, wo Familien Hilfe brauchen."
legal_basis = ["§ 67c SGB X"]
recipients = ["Sozialplanung"]
expires = "2026-12-31"
approvals = ["dpo", "head"]
[territory]
dimension = "municipality"
prefix = "0"
label = "Kreis"
[budget]
lineage_cap_nano_rho = 500_000_000
purpose_cap_nano_rho = 2_000_000_000
analyst_cap_nano_rho = 200_000_000
delta_conv_femto = 1_000_000_000
[[indicator]]
id = "persons"
label = "Menschen mit Leistungen"
rho_nano = 50_000_000
groupings = [["municipality", "sex"], []]
[indicator.query]
compute = { kind = "persons", datasets = ["kita"] }
group_by = ["municipality"]
[[indicator]]
id = "hours"
label = "Mittlere Stunden"
rho_nano = 40_000_000
[indicator.query]
compute = { kind = "mean", dataset = "kita", measure = "hours", assumed_count = 200 }
[[indicator]]
id = "overlap"
label = "Überschneidung"
rho_nano = 30_000_000
[indicator.query]
compute = { kind = "overlap", datasets = ["kita", "wohngeld"] }
"#,
    ),
    (
        "purposes/plan-2026.toml",
        r#"id = "plan-2026"
version = 1
purpose = "early-help"
approvals = ["dpo", "head"]
[[run]]
period = "2025-q3"
event_year = 2025
rho_nano = 100_000_000
[[run]]
period = "2025-q4"
event_year = 2025
rho_nano = 300_000_000
not_before = "2026-02-01"
[[release]]
indicator = "persons"
share_per_mille = 400
[[release]]
indicator = "hours"
share_per_mille = 300
[[release]]
indicator = "overlap"
share_per_mille = 300
"#,
    ),
    (
        "schedules/county.toml",
        r#"version = 1
project = "county"
approvals = ["dpo", "head"]
expected = [{ department = "nursery", dataset = "kita" },
            { department = "housing", dataset = "wohngeld" }]
[[period]]
id = "2025-q3"
epoch = "2026"
last_month = "2025-09"
[[period]]
id = "2025-q4"
epoch = "2026"
last_month = "2025-12"
link_on = "2026-02-15"
"#,
    ),
];

/// Who delivers what.
pub(crate) const NURSERY: (&str, &str) = ("nursery", "kita");
pub(crate) const HOUSING: (&str, &str) = ("housing", "wohngeld");

/// The whole place; the unit is opened anew from its database by [`County::restart`].
/// One fact, in the first half of a year.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) subject: SubjectId,
    pub(crate) row: u32,
    pub(crate) year: u16,
}

pub(crate) struct County {
    folder: TempDir,
    pub(crate) unit: StatisticsUnit,
    pub(crate) now: Arc<AtomicI64>,
    pace: Pace,
    keys: Keys,
    /// What counts, with its subjects.
    live: Vec<(BatchStatement, Vec<SubjectId>)>,
    epoch: &'static str,
}

struct Keys {
    statistics: Arc<SigningKey>,
    linkage: SigningKey,
    random: SystemRandom,
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Unix seconds of a day at noon.
fn noon(day: &str) -> i64 {
    let date: jiff::civil::Date = day.parse().unwrap();
    date.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second()
}

impl County {
    /// 10 January 2026, nothing delivered; `changes` are (file, from, to) in the policies.
    pub(crate) async fn open(changes: &[(&str, &str, &str)]) -> Self {
        Self::paced(changes, Pace::with_slot(SLOT)).await
    }

    /// The same, with a pace of its own.
    pub(crate) async fn paced(changes: &[(&str, &str, &str)], pace: Pace) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        for (path, text) in FILES {
            let path = folder.path().join("policies").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        change(&folder.path().join("policies"), changes);
        let random = SystemRandom::new();
        let key = || SigningKey::from_pkcs8(&SigningKey::generate(&random).unwrap()).unwrap();
        let keys = Keys { statistics: Arc::new(key()), linkage: key(), random: random.clone() };
        let now = Arc::new(AtomicI64::new(noon("2026-01-10")));
        let unit = unit(&folder, &keys, &now, "unit.sqlite", pace).await;
        Self { folder, unit, now, pace, keys, live: Vec::new(), epoch: "2026" }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn today_is(&self, day: &str) {
        self.now.store(noon(day), Ordering::SeqCst);
    }

    /// Ends the unit and starts it again on the same database with changed policies.
    pub(crate) async fn restart(&mut self, changes: &[(&str, &str, &str)]) {
        self.unit.db().clone().close().await;
        change(&self.folder.path().join("policies"), changes);
        self.unit = unit(&self.folder, &self.keys, &self.now, "unit.sqlite", self.pace).await;
    }

    /// A second unit on a copy of the database as it is now.
    pub(crate) async fn copied(&mut self, to: &str) -> StatisticsUnit {
        self.unit.db().clone().close().await;
        let path = |name: &str| self.folder.path().join(name);
        fs::copy(path("unit.sqlite"), path(to)).unwrap();
        fs::copy(path("unit.keys"), path(to).with_extension("keys")).unwrap();
        self.unit = unit(&self.folder, &self.keys, &self.now, "unit.sqlite", self.pace).await;
        self.on(to).await
    }

    /// Another unit on the same database.
    pub(crate) async fn twin(&self) -> StatisticsUnit {
        self.on("unit.sqlite").await
    }

    /// Another unit on a database of that name, under the policies as they are now.
    pub(crate) async fn on(&self, database: &str) -> StatisticsUnit {
        unit(&self.folder, &self.keys, &self.now, database, self.pace).await
    }

    /// A full delivery that reaches `to`, of `persons` people in both municipalities.
    pub(crate) async fn deliver(&mut self, place: (&str, &str), to: &str, persons: u32) {
        let row = |_| Row { subject: self.subject(), row: 0, year: 2025 };
        let rows: Vec<Row> = (0..persons).map(row).collect();
        self.deliver_rows(place, to, &rows).await;
    }

    pub(crate) fn subject(&self) -> SubjectId {
        SubjectId::random(&self.keys.random).unwrap()
    }

    /// A full delivery of these rows, four thousand to a chunk.
    pub(crate) async fn deliver_rows(&mut self, place: (&str, &str), to: &str, rows: &[Row]) {
        let dataset = self.unit.policies().catalogue.dataset(&name(place.1)).unwrap().clone();
        let amounts = vec![Some(30); dataset.measures.len()];
        let mut chunks = Vec::new();
        for (place, piece) in rows.chunks(4_000).enumerate() {
            let mut chunk = MeasuresChunk::new(&dataset);
            for (number, own) in piece.iter().enumerate() {
                let codes = [u16::from((place + number) % 3 == 0), u16::from(number % 2 == 0)];
                chunk
                    .push(&Measures {
                        subject: own.subject,
                        row: own.row,
                        year: own.year,
                        first_month: 1,
                        last_month: 6,
                        unit: None,
                        codes: &codes,
                        amounts: &amounts,
                    })
                    .unwrap();
            }
            chunks.push(chunk.encode().unwrap());
        }
        let ids: BTreeSet<SubjectId> = rows.iter().map(|own| own.subject).collect();
        let manifest =
            Manifest { rows: rows.len() as u64, ..self.manifest(place, to, ids.iter().copied()) };
        let chunks_digests = chunks.iter().map(|bytes| Digest::of(bytes)).collect();
        let manifest = Manifest { chunks: chunks_digests, ..manifest };
        self.receive(&manifest, &chunks).await;
        self.live.retain(|(own, _)| own.department.as_str() != place.0);
        self.live.push((statement(&manifest), ids.into_iter().collect()));
    }

    /// An amendment that only withdraws.
    pub(crate) async fn withdraw(&mut self, place: (&str, &str), to: &str, gone: &[SubjectId]) {
        let manifest = Manifest {
            mode: Mode::Amend,
            withdrawn: gone.to_vec(),
            ..self.manifest(place, to, std::iter::empty())
        };
        self.receive(&manifest, &[]).await;
        for (own, subjects) in &mut self.live {
            if own.department.as_str() == place.0 {
                subjects.retain(|subject| !gone.contains(subject));
            }
        }
        self.live.push((statement(&manifest), Vec::new()));
    }

    fn manifest(
        &self,
        (who, what): (&str, &str),
        to: &str,
        subjects: impl Iterator<Item = SubjectId>,
    ) -> Manifest {
        let (count, digest) = subjects_digest(subjects);
        Manifest {
            format: Manifest::FORMAT.into(),
            half: Half::Measures,
            project: name(PROJECT),
            epoch: name(self.epoch),
            department: name(who),
            dataset: name(what),
            batch: BatchId::random(&self.keys.random).unwrap(),
            mode: Mode::Full,
            period: Period { from: "2023-01".parse().unwrap(), to: to.parse().unwrap() },
            schema: None,
            key_check_value: None,
            catalogue: Some(self.unit.policies().catalogue.digest().unwrap()),
            rows: 0,
            chunks: Vec::new(),
            subjects: count,
            subjects_digest: digest,
            withdrawn: Vec::new(),
        }
    }

    /// From now on everything is delivered and linked under a new key.
    pub(crate) fn rotate(&mut self, epoch: &'static str) {
        self.epoch = epoch;
        self.live.clear();
    }

    async fn receive(&self, manifest: &Manifest, chunks: &[Vec<u8>]) {
        let signed = SignedManifest::sign(manifest.clone(), &self.keys.statistics).unwrap();
        let key = BatchKey {
            project: PROJECT.into(),
            department: manifest.department.to_string(),
            batch: manifest.batch.to_string(),
        };
        let new = NewBatch {
            key: key.clone(),
            epoch: manifest.epoch.to_string(),
            dataset: manifest.dataset.to_string(),
            period: format!("{}/{}", manifest.period.from, manifest.period.to),
            mode: match manifest.mode {
                Mode::Full => batches::Mode::Full,
                Mode::Amend => batches::Mode::Amend,
            },
            manifest: serde_json::to_string(&signed).unwrap(),
            manifest_digest: [0; 32],
            body_digest: [0; 32],
            rows: manifest.rows,
            chunk_count: chunks.len() as u64,
        };
        let db = self.unit.db();
        batches::begin(db, &new, 0).await.unwrap();
        for (index, bytes) in chunks.iter().enumerate() {
            let digest = Digest::of(bytes);
            let digest = digest.as_bytes();
            batches::put_chunk(db, &key, index as u64, digest, bytes).await.unwrap();
        }
        let withdrawn: Vec<_> = manifest.withdrawn.iter().map(|own| *own.as_bytes()).collect();
        batches::complete(db, &key, "receipt", &withdrawn, 0).await.unwrap();
    }

    /// What the linkage unit would state about the present deliveries; each subject is a person.
    pub(crate) fn linked(&self, period: Option<&str>) -> (SnapshotStatement, Vec<u8>) {
        let subjects = self.live.iter().flat_map(|(_, subjects)| subjects);
        let link = |subject: &SubjectId| Link {
            subject: *subject,
            person: PersonId::random(&self.keys.random).unwrap(),
            band: 7,
        };
        let map = LinkMap::new(subjects.map(link).collect()).unwrap();
        let (subjects, bytes) = (map.links().len() as u64, map.to_bytes());
        let statement = SnapshotStatement {
            format: SnapshotStatement::FORMAT.into(),
            snapshot: SnapshotId::random(&self.keys.random).unwrap(),
            project: name(PROJECT),
            epoch: name(self.epoch),
            schema: Digest::of(b"schema"),
            batches: self.live.iter().map(|(own, _)| own.clone()).collect(),
            link_map: Digest::of(&bytes),
            subjects,
            period: period.map(name),
        };
        (statement, bytes)
    }

    /// Links what is there and hands the sealed map over.
    pub(crate) async fn accept(&self, period: Option<&str>) -> SnapshotId {
        self.hand_over(self.linked(period)).await.unwrap()
    }

    /// Hands a sealed map over.
    pub(crate) async fn hand_over(
        &self,
        (statement, map): (SnapshotStatement, Vec<u8>),
    ) -> Result<SnapshotId, UnitError> {
        let snapshot = statement.snapshot;
        let operator = Identity {
            name: name("operator"),
            role: Role::Operator,
            project: name(PROJECT),
            token_sha256: TokenDigest::of("operator"),
            password_argon2id: None,
            valid_until: None,
            public_key: None,
            datasets: [].into(),
        };
        let asked = self.unit.request_map(&operator, snapshot).await?;
        let statistics = self.keys.statistics.public();
        let sealed = SealedLinkMap::seal(
            statement,
            &map,
            &asked,
            &statistics,
            &self.keys.linkage,
            &self.keys.random,
        );
        self.unit.accept_map(&operator, &sealed.unwrap()).await?;
        Ok(snapshot)
    }

    /// Everything that `period` waits for, linked and accepted.
    pub(crate) async fn complete(&mut self, period: &str, to: &str) -> SnapshotId {
        self.deliver(NURSERY, to, 60).await;
        self.deliver(HOUSING, to, 40).await;
        self.accept(Some(period)).await
    }

    pub(crate) async fn budget(&self) -> [u64; 2] {
        let report = self.unit.budget(&name(PROJECT)).await.unwrap();
        report
            .lineages
            .iter()
            .find(|own| own.year == 2025)
            .map_or([0; 2], |own| [own.spent, own.reserved])
    }

    pub(crate) async fn documents(&self) -> Vec<Value> {
        documents(&self.unit).await
    }

    /// The run of a period as the unit reports it.
    pub(crate) async fn run(&self, period: &str) -> RunReport {
        run(&self.unit, period).await
    }
}

fn statement(manifest: &Manifest) -> BatchStatement {
    BatchStatement {
        batch: manifest.batch,
        department: manifest.department.clone(),
        dataset: manifest.dataset.clone(),
        subjects_digest: manifest.subjects_digest,
    }
}

pub(crate) async fn run(unit: &StatisticsUnit, period: &str) -> RunReport {
    let [plan] = <[_; 1]>::try_from(unit.plans(&name(PROJECT)).await.unwrap()).ok().unwrap();
    plan.runs.into_iter().find(|run| run.period.as_str() == period).unwrap()
}

pub(crate) async fn documents(unit: &StatisticsUnit) -> Vec<Value> {
    let lines = unit.releases(&name(PROJECT)).await.unwrap();
    lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// What became of the runs that were due, in words.
pub(crate) async fn run_plans(unit: &StatisticsUnit) -> Vec<String> {
    let word = |event: PlanEvent| match event {
        PlanEvent::Released { run, tables, .. } => format!("{run}: {tables} tables"),
        PlanEvent::Failed { run, .. } => format!("{run}: failed"),
        PlanEvent::Refused { run, because } => format!("{run}: {because}"),
        PlanEvent::Fault { run, error } => panic!("{run}: {error}"),
    };
    unit.run_plans().await.into_iter().map(word).collect()
}

pub(crate) fn question(indicator: &str) -> QueryRequest {
    let question = json!({"purpose": "early-help", "indicator": indicator, "year": 2025});
    serde_json::from_value(question).unwrap()
}

fn change(policies: &Path, changes: &[(&str, &str, &str)]) {
    for (file, from, to) in changes {
        let path = policies.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

/// The key store beside a database.
pub(crate) fn sealing(database: &Path) -> Sealing {
    let unit_key = UnitKey::take(&mut [6; 32]);
    Sealing { key_store: database.with_extension("keys"), unit_key }
}

async fn unit(
    folder: &TempDir,
    keys: &Keys,
    now: &Arc<AtomicI64>,
    db: &str,
    pace: Pace,
) -> StatisticsUnit {
    let location = Location::Sqlite(folder.path().join(db));
    let installation = "test".parse().unwrap();
    let sealing = sealing(&folder.path().join(db));
    let db = Db::open(&location, UnitKind::Statistics, &installation, &sealing).await.unwrap();
    let policies = Arc::new(PolicySet::load(&folder.path().join("policies")).unwrap());
    let desk = approval::Desk::open(approval::Setup {
        db: db.clone(),
        policies: Arc::clone(&policies),
        projects: [name(PROJECT)].into(),
        clock: Clock::Set(Arc::clone(now)),
    })
    .await
    .unwrap();
    desk.agree([&name("dpo"), &name("head")]).await.unwrap();
    StatisticsUnit::new(Setup {
        db,
        desk,
        policies,
        schemas: BTreeMap::from([(name(PROJECT), name("test"))]),
        registry: Registry::default(),
        key: Arc::clone(&keys.statistics),
        linkage_unit: keys.linkage.public(),
        rank_secret: [7; 32],
        separation: "test".into(),
        clock: Clock::Set(Arc::clone(now)),
        plan_interval: Duration::from_millis(20),
        pace,
        gate: Gate::without_witness(),
    })
}
