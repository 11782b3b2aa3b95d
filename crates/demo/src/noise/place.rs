//! A statistics unit of its own on loopback, and everybody who speaks to it.
//!
//! The unit is the real one behind its real surface: batches, a sealed link map and questions come
//! in over HTTP, charges go to SQLite on the disk, and what the audit sees of an answer is the
//! document that an analyst receives. The linkage unit is played by its key, because the links are
//! chosen here.

use std::fs;
use std::time::{Duration, Instant};

use access::TokenDigest;
use anyhow::{Context, bail};
use department::keys::{self, KeyKind};
use milchglas::{Served, UnitConfig, serve};
use policy::{Digest, Name, PolicySet};
use ring::rand::SystemRandom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use submission::{
    BatchId, BatchStatement, Clock, Half, Link, LinkMap, Manifest, Measures, MeasuresChunk, Mode,
    Period, PersonId, SealedLinkMap, SignedManifest, SignedMapRequest, SigningKey, SnapshotId,
    SnapshotStatement, SubjectId, UnitId, limits, subjects_digest,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::policies::{Agreement, DATASETS, EPOCH, PROJECT, PURPOSE, SCHEMA, WINDOW};
use super::reading::Document;

/// Who speaks to the unit, with the role of each.
const PEOPLE: [(&str, &str); 6] = [
    ("wohngeld", "department"),
    ("kita", "department"),
    ("operator", "operator"),
    ("analyst", "analyst"),
    ("dpo", "dpo"),
    ("approver", "approver"),
];

/// A fact of a person of the audit's county; each is a subject of its own.
#[derive(Clone)]
pub(crate) struct Row {
    /// Place among [`DATASETS`].
    pub(crate) dataset: usize,
    /// The person to whom it is linked.
    pub(crate) person: usize,
    /// Event year.
    pub(crate) year: u16,
    /// First and last month.
    pub(crate) months: (u8, u8),
    /// Number of the household.
    pub(crate) unit: Option<usize>,
    /// Codes of tract, block, cell and ask.
    pub(crate) codes: [u16; 4],
    /// The amount.
    pub(crate) amount: Option<i64>,
}

/// The unit, as long as it serves.
pub(crate) struct Place {
    // Dropped first: the server ends before its folder goes.
    served: Option<Served>,
    runtime: Runtime,
    _folder: TempDir,
    policies: PolicySet,
    random: SystemRandom,
    tokens: Vec<String>,
    statistics: SigningKey,
    linkage: SigningKey,
    agent: ureq::Agent,
    linked: Option<(Vec<BatchStatement>, Vec<u8>)>,
    asked: u64,
}

/// An answer as it came out of the socket.
pub(crate) struct Answer {
    /// The document.
    pub(crate) document: Document,
    /// From the first byte sent to the last one read.
    pub(crate) time: Duration,
}

impl Place {
    /// Starts a unit under an agreement.
    pub(crate) fn start(agreement: &Agreement) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("milchglas-noise-").tempdir()?;
        let root = folder.path();
        agreement.write(&root.join("policies"))?;
        let random = SystemRandom::new();
        let key = |name: &str| -> anyhow::Result<SigningKey> {
            let path = root.join(name);
            keys::generate(KeyKind::Signing, &path, &random)?;
            Ok(keys::read_signing(&path)?)
        };
        let (statistics, linkage) = (key("statistics.key")?, key("linkage.key")?);
        let mut secret = [0; 32];
        ring::rand::SecureRandom::fill(&random, &mut secret)
            .ok()
            .context("no randomness from the system")?;
        milchglas::keys::write_rank_key(&root.join("rank.key"), &secret)?;
        // Nothing is secret about made-up people; a key of its own for each purpose all the same.
        ring::rand::SecureRandom::fill(&random, &mut secret)
            .ok()
            .context("no randomness from the system")?;
        milchglas::keys::write_data_key(&root.join("data.key"), &secret)?;
        let tokens: Vec<String> =
            PEOPLE.iter().map(|_| access::new_token(&random)).collect::<Result<_, _>>()?;
        let config = root.join("unit.toml");
        fs::write(&config, configuration(&linkage, &tokens, agreement.slot_millis))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let served = runtime.block_on(serve(UnitConfig::read(&config)?, Clock::System))?;
        let url = format!("http://{}", served.address);
        let [.., dpo, approver] = tokens.as_slice() else { bail!("two people approve") };
        let client = |own: &String| milchglas::Client::new(&url, own.clone().into());
        milchglas::agree(&client(dpo)?, &client(approver)?)?;
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(600)))
            .build();
        Ok(Self {
            policies: PolicySet::load(&root.join("policies"))?,
            served: Some(served),
            runtime,
            _folder: folder,
            random,
            tokens,
            statistics,
            linkage,
            agent: agent.into(),
            linked: None,
            asked: 0,
        })
    }

    /// Delivers rows of both departments and links them as they say.
    pub(crate) fn deliver(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        let most = rows.iter().map(|row| row.person + 1).max().unwrap_or(0);
        let persons: Vec<PersonId> =
            (0..most).map(|_| PersonId::random(&self.random)).collect::<Result<_, _>>()?;
        let most = rows.iter().filter_map(|row| row.unit).map(|unit| unit + 1).max().unwrap_or(0);
        let units: Vec<UnitId> =
            (0..most).map(|_| UnitId::random(&self.random)).collect::<Result<_, _>>()?;
        let (mut links, mut batches) = (Vec::new(), Vec::new());
        for dataset in 0..DATASETS.len() {
            let own: Vec<&Row> = rows.iter().filter(|row| row.dataset == dataset).collect();
            let subjects: Vec<SubjectId> =
                own.iter().map(|_| SubjectId::random(&self.random)).collect::<Result<_, _>>()?;
            batches.push(self.submit(dataset, &own, &subjects, &units)?);
            links.extend(own.iter().zip(&subjects).map(|(row, subject)| Link {
                subject: *subject,
                person: persons[row.person],
                band: 7,
            }));
        }
        self.linked = Some((batches, LinkMap::new(links)?.to_bytes()));
        Ok(())
    }

    fn submit(
        &self,
        dataset: usize,
        rows: &[&Row],
        subjects: &[SubjectId],
        units: &[UnitId],
    ) -> anyhow::Result<BatchStatement> {
        let name = Name::new(DATASETS[dataset])?;
        let declared = self.policies.catalogue.dataset(&name)?;
        let mut chunks = Vec::new();
        let pairs: Vec<_> = rows.iter().zip(subjects).collect();
        for piece in pairs.chunks(limits::CHUNK_ROWS) {
            let mut chunk = MeasuresChunk::new(declared);
            for (row, subject) in piece {
                chunk.push(&Measures {
                    subject: **subject,
                    row: 0,
                    year: row.year,
                    first_month: row.months.0,
                    last_month: row.months.1,
                    unit: row.unit.map(|unit| units[unit]).filter(|_| declared.unit),
                    codes: &row.codes,
                    amounts: &vec![row.amount; declared.measures.len()],
                })?;
            }
            chunks.push(chunk.encode()?);
        }
        let (count, digest) = subjects_digest(subjects.iter().copied());
        let batch = BatchId::random(&self.random)?;
        let manifest = Manifest {
            format: Manifest::FORMAT.into(),
            half: Half::Measures,
            project: Name::new(PROJECT)?,
            epoch: Name::new(EPOCH)?,
            department: name.clone(),
            dataset: name.clone(),
            batch,
            mode: Mode::Full,
            period: Period { from: WINDOW.0.parse()?, to: WINDOW.1.parse()? },
            schema: None,
            key_check_value: None,
            catalogue: Some(self.policies.catalogue.digest()?),
            rows: rows.len() as u64,
            chunks: chunks.iter().map(|bytes| Digest::of(bytes)).collect(),
            subjects: count,
            subjects_digest: digest,
            withdrawn: Vec::new(),
        };
        // Departments sign with the linkage unit's key here: there is one stranger in this play.
        let signed = SignedManifest::sign(manifest, &self.linkage)?;
        self.call(dataset, "POST", "/v1/batches", &serde_json::to_vec(&signed)?)?;
        for (index, chunk) in chunks.iter().enumerate() {
            self.call(dataset, "PUT", &format!("/v1/batches/{batch}/chunks/{index}"), chunk)?;
        }
        self.call(dataset, "POST", &format!("/v1/batches/{batch}/complete"), b"")?;
        Ok(BatchStatement {
            batch,
            department: name.clone(),
            dataset: name,
            subjects_digest: digest,
        })
    }

    /// Hands over the link map as a new snapshot, about which everything can be asked again.
    pub(crate) fn accept(&self) -> anyhow::Result<SnapshotId> {
        let (batches, map) = self.linked.as_ref().context("nothing was delivered")?;
        let snapshot = SnapshotId::random(&self.random)?;
        let statement = SnapshotStatement {
            format: SnapshotStatement::FORMAT.into(),
            snapshot,
            project: Name::new(PROJECT)?,
            epoch: Name::new(EPOCH)?,
            schema: self.policies.schemas[SCHEMA].digest()?,
            batches: batches.clone(),
            link_map: Digest::of(map),
            subjects: LinkMap::from_bytes(map)?.links().len() as u64,
            period: None,
        };
        let asked: SignedMapRequest =
            self.post("operator", &format!("/v1/link-maps/{snapshot}/request"), &json!({}))?;
        let statistics = self.statistics.public();
        let sealed =
            SealedLinkMap::seal(statement, map, &asked, &statistics, &self.linkage, &self.random)?;
        let _: serde_json::Value = self.post("operator", "/v1/link-maps", &sealed)?;
        Ok(snapshot)
    }

    /// Asks as an analyst and waits for the answer; every question is charged.
    pub(crate) fn ask(
        &mut self,
        snapshot: SnapshotId,
        indicator: &str,
        year: u16,
    ) -> anyhow::Result<Answer> {
        self.asked += 1;
        let key = format!("noise-{}", self.asked);
        let request = json!({
            "purpose": PURPOSE, "indicator": indicator, "year": year, "snapshot": snapshot,
            "fresh": true,
        });
        let body = serde_json::to_vec(&request)?;
        let begun = Instant::now();
        let answer = self.send("analyst", "POST", "/v1/queries", &key, &body)?;
        let time = begun.elapsed();
        Ok(Answer { document: Document::read(&answer)?, time })
    }

    fn post<T: DeserializeOwned>(
        &self,
        who: &str,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let answer = self.send(who, "POST", path, "none", &serde_json::to_vec(body)?)?;
        Ok(serde_json::from_slice(&answer)?)
    }

    fn call(&self, who: usize, method: &str, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.send(PEOPLE[who].0, method, path, "none", body)
    }

    fn send(
        &self,
        who: &str,
        method: &str,
        path: &str,
        key: &str,
        body: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        let served = self.served.as_ref().context("the unit has ended")?;
        let place = PEOPLE.iter().position(|(name, _)| *name == who).context("a stranger")?;
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", served.address))
            .header("authorization", format!("Bearer {}", self.tokens[place]))
            .header("idempotency-key", key)
            .body(body)?;
        let mut response = self.agent.run(request)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(1 << 28).read_to_vec()?;
        if !(200..300).contains(&status) {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(served) = self.served.take() {
            // The folder goes next, with everything that a failure to stop could leave.
            let _ = self.runtime.block_on(served.stop());
        }
    }
}

fn configuration(linkage: &SigningKey, tokens: &[String], slot: u64) -> String {
    let peer = String::from(linkage.public());
    let mut text = format!(
        "unit = \"statistics\"\ninstallation = \"noise-audit\"\nlisten = \"127.0.0.1:0\"\n\
         database = \"statistics.sqlite\"\npolicies = \"policies\"\n\
         key_store = \"statistics.keys\"\ndata_key = \"data.key\"\n\
         signing_key = \"statistics.key\"\npeer_public_key = \"{peer}\"\n\
         rank_key = \"rank.key\"\nseparation = \"Selbstprüfung mit erfundenen Menschen.\"\n\
         answer_slot_millis = {slot}\n\
         synthetic = true\n[[project]]\nname = \"{PROJECT}\"\nschema = \"{SCHEMA}\"\n"
    );
    for ((name, role), token) in PEOPLE.iter().zip(tokens) {
        let token = String::from(TokenDigest::of(token));
        text += &format!(
            "[[identity]]\nname = \"{name}\"\nrole = \"{role}\"\nproject = \"{PROJECT}\"\n\
             token_sha256 = \"{token}\"\n"
        );
        if *role == "department" {
            text += &format!("public_key = \"{peer}\"\ndatasets = [\"{name}\"]\n");
        }
    }
    text
}
