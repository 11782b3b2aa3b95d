//! Two real units on loopback with real SQLite, and a department that speaks to them by hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use access::TokenDigest;
use milchglas::{Served, UnitConfig, UnitName, serve_together};
use policy::{Digest, Name, PolicySet};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use submission::{
    BatchId, Clock, Encoding, Half, KeyCheckValue, LinkableChunk, Manifest, Measures,
    MeasuresChunk, Mode, Period, SignedManifest, SigningKey, SubjectId, subjects_digest,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const PROJECT: &str = "county-06432";
pub(crate) const EPOCH: &str = "2026";
pub(crate) const KCV: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// An answer: status, headers, the mark of a stored answer, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) stored: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The stable code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or("none").to_owned()
    }
}

/// Both units with one project and everybody in it.
pub(crate) struct Place {
    folder: TempDir,
    runtime: Runtime,
    linkage: Option<Served>,
    statistics: Option<Served>,
    pub(crate) policies: PolicySet,
    kita: SigningKey,
    agent: ureq::Agent,
    calls: AtomicU64,
}

/// Everybody in the project, with the role of each.
pub(crate) const PEOPLE: [(&str, &str); 7] = [
    ("kita", "department"),
    ("egh", "department"),
    ("custodian", "custodian"),
    ("operator", "operator"),
    ("analyst", "analyst"),
    ("dpo", "dpo"),
    ("approver", "approver"),
];

impl Place {
    /// Starts both units without a release plan; `cap` is the cap per lineage in nano-rho.
    pub(crate) fn start(cap: u64) -> Self {
        Self::start_with(cap, |policies| {
            without_plans(policies);
            expect_only(&policies.join("schedules/county-06432.toml"), &["kita", "egh"]);
        })
    }

    /// Starts both units under policies that `change` may alter in their folder.
    pub(crate) fn start_with(cap: u64, change: impl Fn(&Path)) -> Self {
        Self::prepare(cap, change).run()
    }

    /// Starts both units as [`Place::start`] does, each on the PostgreSQL database of its address.
    pub(crate) fn start_on(cap: u64, linkage: &str, statistics: &str) -> Self {
        let place = Self::prepare(cap, |policies| {
            without_plans(policies);
            expect_only(&policies.join("schedules/county-06432.toml"), &["kita", "egh"]);
        });
        for (unit, url) in [("linkage", linkage), ("statistics", statistics)] {
            let (root, file) = (place.folder(), format!("{unit}.url"));
            milchglas::keys::write_new(&root.join(&file), &format!("{url}\n")).unwrap();
            let config = root.join(format!("{unit}.toml"));
            let text = fs::read_to_string(&config).unwrap();
            let own = format!("database = \"{unit}.sqlite\"");
            assert!(text.contains(&own));
            let other = format!("database_url_file = \"{file}\"");
            fs::write(&config, text.replace(&own, &other)).unwrap();
        }
        place.run()
    }

    fn run(mut self) -> Self {
        self.linkage = Some(self.serve("linkage"));
        self.statistics = Some(self.serve("statistics"));
        self.agree();
        self
    }

    /// Lays out everything that both units need, and starts none.
    fn prepare(cap: u64, change: impl Fn(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"), &root.join("policies"));
        let catalogue = root.join("policies/catalogue/county.toml");
        let text = fs::read_to_string(&catalogue).unwrap();
        // Tests deliver few people.
        fs::write(&catalogue, text.replace("least_subjects = 3", "least_subjects = 1")).unwrap();
        change(&root.join("policies"));
        let purpose = root.join("policies/purposes/sozialmonitoring-06432.toml");
        let text = fs::read_to_string(&purpose).unwrap();
        let old = text.lines().find(|line| line.starts_with("lineage_cap_nano_rho")).unwrap();
        let new = text.replace(old, &format!("lineage_cap_nano_rho = {cap}"));
        fs::write(&purpose, new).unwrap();
        let random = SystemRandom::new();
        let key = |path: PathBuf| {
            let pkcs8 = SigningKey::generate(&random).unwrap();
            let hex = data_encoding::HEXLOWER.encode(&pkcs8);
            milchglas::keys::write_new(&path, &format!("milchglas-signing-key-1 {hex}\n")).unwrap();
            SigningKey::from_pkcs8(&pkcs8).unwrap()
        };
        let linkage = key(root.join("linkage.key"));
        let statistics = key(root.join("statistics.key"));
        let kita = key(root.join("kita.key"));
        milchglas::keys::write_rank_key(&root.join("rank.key"), &[9; 32]).unwrap();
        milchglas::keys::write_data_key(&root.join("data.key"), &[6; 32]).unwrap();
        for (unit, peer) in [("linkage", statistics.public()), ("statistics", linkage.public())] {
            fs::write(root.join(format!("{unit}.toml")), config(unit, peer, kita.public()))
                .unwrap();
        }
        let policies = PolicySet::load(&root.join("policies")).unwrap();
        let runtime = Runtime::new().unwrap();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let calls = AtomicU64::new(0);
        Self { folder, runtime, linkage: None, statistics: None, policies, kita, agent, calls }
    }

    /// As [`Place::start`], where nobody has approved the folder yet.
    pub(crate) fn unapproved() -> Self {
        let mut place = Self::start(1_000_000_000);
        for (unit, name) in [(UnitName::Linkage, "linkage"), (UnitName::Statistics, "statistics")] {
            place.stop(unit);
            for end in ["", "-wal", "-shm"] {
                drop(fs::remove_file(place.folder().join(format!("{name}.sqlite{end}"))));
            }
            drop(fs::remove_file(place.folder().join(format!("{name}.keys"))));
            place.start_again(unit);
        }
        place
    }

    /// Somebody's own client at a unit.
    pub(crate) fn client(&self, unit: UnitName, who: &str) -> milchglas::Client {
        let token = format!("token-of-{who}").into();
        milchglas::Client::new(&self.url(unit, ""), token).unwrap()
    }

    /// The officer and the approver bring the folder into force.
    pub(crate) fn agree(&self) {
        for unit in [UnitName::Linkage, UnitName::Statistics] {
            let people = ["dpo", "approver"].map(|who| self.client(unit, who));
            milchglas::agree(&people[0], &people[1]).unwrap();
        }
    }

    /// Somebody proposes and the officer approves.
    pub(crate) fn consent(&self, unit: UnitName, who: &str, kind: &str, about: &Value) {
        let body = json!({"kind": kind, "about": about});
        let made = self.post(unit, who, "/v1/proposals", &body);
        assert_eq!(made.status, 201, "{}", made.json());
        let id = made.json()["proposal"].as_str().unwrap().to_owned();
        if made.json()["standing"] == "approved" {
            return;
        }
        let path = format!("/v1/proposals/{id}/approval");
        let done = self.post(unit, "dpo", &path, &json!({}));
        assert_eq!(done.status, 200, "{}", done.json());
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn serve(&self, unit: &str) -> Served {
        let config = UnitConfig::read(&self.folder.path().join(format!("{unit}.toml"))).unwrap();
        self.runtime.block_on(serve_together(config, Clock::System)).unwrap()
    }

    /// Stops a unit and starts it again from its files; it listens elsewhere then.
    pub(crate) fn restart(&mut self, unit: UnitName) {
        self.stop(unit);
        self.start_again(unit);
        self.agree();
    }

    /// Stops a unit; [`Place::start_again`] starts it.
    pub(crate) fn stop(&mut self, unit: UnitName) {
        let own = match unit {
            UnitName::Linkage => self.linkage.take(),
            UnitName::Statistics => self.statistics.take(),
        };
        self.runtime.block_on(own.unwrap().stop()).unwrap();
    }

    /// Starts a stopped unit from its files; nobody approves anything.
    pub(crate) fn start_again(&mut self, unit: UnitName) {
        match unit {
            UnitName::Linkage => self.linkage = Some(self.serve("linkage")),
            UnitName::Statistics => self.statistics = Some(self.serve("statistics")),
        }
    }

    /// Lets each unit witness the other, from a start of both on; returns the signing keys of an
    /// operator `otto` and an officer `dora`, whom the policies name.
    pub(crate) fn with_witnesses(mut self) -> (Self, SigningKey, SigningKey) {
        let (otto, dora) = (self.new_key("otto.key"), self.new_key("dora.key"));
        let signer = |name: &str, role: &str, key: &SigningKey| {
            let public = key.public();
            format!("[[signer]]\nname = \"{name}\"\nrole = \"{role}\"\npublic_key = \"{public}\"\n")
        };
        let text = "version = 1\nunwitnessed_percent = 5\ncountersign_days = 30\n";
        let signers = signer("otto", "operator", &otto) + &signer("dora", "officer", &dora);
        self.write("policies/oversight.toml", format!("{text}{signers}").as_bytes());
        let at = |own: &Self, unit| own.url(unit, "");
        let (linkage, statistics) = (at(&self, UnitName::Linkage), at(&self, UnitName::Statistics));
        self.stop(UnitName::Statistics);
        self.stop(UnitName::Linkage);
        for (unit, own, peer) in
            [("linkage", &linkage, &statistics), ("statistics", &statistics, &linkage)]
        {
            let path = self.folder.path().join(format!("{unit}.toml"));
            let own = own.strip_prefix("http://").unwrap();
            let text = fs::read_to_string(&path).unwrap().replace("127.0.0.1:0", own);
            fs::write(&path, format!("witness = {{ url = \"{peer}\" }}\n{text}")).unwrap();
        }
        self.begin(UnitName::Linkage).unwrap();
        self.begin(UnitName::Statistics).unwrap();
        (self, otto, dora)
    }

    fn new_key(&self, file: &str) -> SigningKey {
        let pkcs8 = SigningKey::generate(&SystemRandom::new()).unwrap();
        let hex = data_encoding::HEXLOWER.encode(&pkcs8);
        let text = format!("milchglas-signing-key-1 {hex}\n");
        milchglas::keys::write_new(&self.folder.path().join(file), &text).unwrap();
        SigningKey::from_pkcs8(&pkcs8).unwrap()
    }

    /// Starts a unit that was stopped; why it does not start.
    pub(crate) fn begin(&mut self, unit: UnitName) -> Result<(), String> {
        let (name, own) = match unit {
            UnitName::Linkage => ("linkage", &mut self.linkage),
            UnitName::Statistics => ("statistics", &mut self.statistics),
        };
        assert!(own.is_none(), "it runs");
        let path = self.folder.path().join(format!("{name}.toml"));
        let started = UnitConfig::read(&path)
            .and_then(|config| self.runtime.block_on(serve_together(config, Clock::System)));
        *own = Some(started.map_err(|error| format!("{error:#}"))?);
        Ok(())
    }

    /// Copies a stopped unit's database, as a backup would.
    pub(crate) fn back_up(&self, unit: &str, name: &str) {
        let folder = self.folder.path();
        fs::copy(folder.join(format!("{unit}.sqlite")), folder.join(name)).unwrap();
    }

    /// Puts a copy in the place of a stopped unit's database.
    pub(crate) fn put_back(&self, unit: &str, name: &str) {
        let folder = self.folder.path();
        for rest in ["-wal", "-shm"] {
            // A unit that was stopped leaves none.
            let _ = fs::remove_file(folder.join(format!("{unit}.sqlite{rest}")));
        }
        fs::copy(folder.join(name), folder.join(format!("{unit}.sqlite"))).unwrap();
    }

    /// Writes a file beside the configurations.
    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    /// Starts the statistics unit anew with further lines of configuration.
    pub(crate) fn configure(&mut self, lines: &str) {
        let path = self.folder.path().join("statistics.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{lines}\n{text}")).unwrap();
        self.restart(UnitName::Statistics);
    }

    /// Starts the statistics unit anew with a line of its configuration changed.
    pub(crate) fn reconfigure(&mut self, from: &str, to: &str) {
        let path = self.folder.path().join("statistics.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).unwrap();
        self.restart(UnitName::Statistics);
    }

    /// Why the statistics unit does not start with a further line of configuration.
    pub(crate) fn refused(&self, line: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join("statistics.toml")).unwrap();
        let path = self.folder.path().join("other.toml");
        let text = format!("{line}\n{}", text.replace("statistics.sqlite", "other.sqlite"));
        fs::write(&path, text).unwrap();
        let started = UnitConfig::read(&path)
            .and_then(|config| self.runtime.block_on(serve_together(config, Clock::System)));
        started.err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    /// Why a second unit is not served by this very process, without saying that it may.
    pub(crate) fn beside(&self) -> String {
        let text = fs::read_to_string(self.folder.path().join("statistics.toml")).unwrap();
        let path = self.folder.path().join("beside.toml");
        fs::write(&path, text.replace("statistics.sqlite", "beside.sqlite")).unwrap();
        let config = UnitConfig::read(&path).unwrap();
        let started = self.runtime.block_on(milchglas::serve(config, Clock::System));
        started.err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    pub(crate) fn url(&self, unit: UnitName, path: &str) -> String {
        let served = match unit {
            UnitName::Linkage => &self.linkage,
            UnitName::Statistics => &self.statistics,
        };
        format!("http://{}{path}", served.as_ref().unwrap().address)
    }

    /// The key with which a unit signs.
    pub(crate) fn key_of(&self, unit: &str) -> SigningKey {
        let text = fs::read_to_string(self.folder.path().join(format!("{unit}.key"))).unwrap();
        let hex = text.trim_end().rsplit(' ').next().unwrap();
        SigningKey::from_pkcs8(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()).unwrap()
    }

    /// One request by one of [`PEOPLE`], or by a stranger.
    pub(crate) fn call(
        &self,
        unit: UnitName,
        who: &str,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Answer {
        let key = format!("key-{}", self.calls.fetch_add(1, Ordering::Relaxed));
        self.send(&self.url(unit, path), who, method, &key, body)
    }

    fn send(&self, url: &str, who: &str, method: &str, key: &str, body: &[u8]) -> Answer {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer token-of-{who}"))
            .header("idempotency-key", key)
            .body(body.to_vec())
            .unwrap();
        let mut response = self.agent.run(request).unwrap();
        let stored = response.headers().get("milchglas-stored");
        let stored = stored.map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Answer { status, headers, stored, body: response.body_mut().read_to_vec().unwrap() }
    }

    pub(crate) fn post(&self, unit: UnitName, who: &str, path: &str, body: &Value) -> Answer {
        self.call(unit, who, "POST", path, body.to_string().as_bytes())
    }

    pub(crate) fn get(&self, unit: UnitName, who: &str, path: &str) -> Answer {
        self.call(unit, who, "GET", path, b"")
    }

    /// The custodian opens the epoch with the project's schema, as the officer approved it.
    pub(crate) fn open_epoch(&self) -> Answer {
        let schema = self.policies.schemas["county-2026"].digest().unwrap();
        let body = json!({"schema": schema, "key_check_value": KeyCheckValue::from_bytes(KCV)});
        let mut about = body.clone();
        about["epoch"] = json!(EPOCH);
        self.consent(UnitName::Linkage, "custodian", "key-release", &about);
        let path = format!("/v1/epochs/{EPOCH}");
        self.call(UnitName::Linkage, "custodian", "PUT", &path, body.to_string().as_bytes())
    }

    /// A batch of the day care department with `subjects` people in chunks of `per_chunk`.
    pub(crate) fn batch(&self, subjects: u8, per_chunk: usize) -> HandMade {
        self.batch_of("kita", subjects, per_chunk)
    }

    /// A batch of a department that delivers the dataset of its name.
    pub(crate) fn batch_of(&self, department: &str, subjects: u8, per_chunk: usize) -> HandMade {
        let random = SystemRandom::new();
        let ids: Vec<SubjectId> =
            (0..subjects).map(|_| SubjectId::random(&random).unwrap()).collect();
        let batch = BatchId::random(&random).unwrap();
        let own = Name::new(department).unwrap();
        let schema = &self.policies.schemas["county-2026"];
        let dataset = self.policies.catalogue.dataset(&own).unwrap();
        let named =
            self.policies.named_columns(&Name::new(PROJECT).unwrap(), &own).unwrap_or_default();
        let code = |own: &Name| if named.dimension(own) { 0 } else { policy::UNKNOWN_CODE };
        let codes: Vec<u16> = dataset.dimensions.iter().map(code).collect();
        let amounts = vec![Some(30); dataset.measures.len()];
        let (mut linkable, mut measures) = (Vec::new(), Vec::new());
        for ids in ids.chunks(per_chunk) {
            let mut chunk = LinkableChunk::new(schema);
            let mut facts = MeasuresChunk::new(dataset);
            for id in ids {
                // Half of the bits are set, as in a diffused filter.
                let filter = Encoding::new(&[0x55; 128]).unwrap();
                chunk.push(*id, &vec![filter; schema.views.len()]).unwrap();
                facts
                    .push(&Measures {
                        subject: *id,
                        row: 0,
                        year: 2025,
                        first_month: 1,
                        last_month: 12,
                        unit: None,
                        codes: &codes,
                        amounts: &amounts,
                    })
                    .unwrap();
            }
            linkable.push(chunk.encode().unwrap());
            measures.push(facts.encode().unwrap());
        }
        let (count, subjects_digest) = subjects_digest(ids.iter().copied());
        let manifest = |half, chunks: &[Vec<u8>]| Manifest {
            format: Manifest::FORMAT.into(),
            half,
            project: Name::new(PROJECT).unwrap(),
            epoch: Name::new(EPOCH).unwrap(),
            department: own.clone(),
            dataset: own.clone(),
            batch,
            mode: Mode::Full,
            period: Period { from: "2025-01".parse().unwrap(), to: "2025-12".parse().unwrap() },
            schema: (half == Half::Linkable).then(|| schema.digest().unwrap()),
            key_check_value: (half == Half::Linkable).then(|| KeyCheckValue::from_bytes(KCV)),
            catalogue: (half == Half::Measures).then(|| self.policies.catalogue.digest().unwrap()),
            rows: count,
            chunks: chunks.iter().map(|bytes| Digest::of(bytes)).collect(),
            subjects: count,
            subjects_digest,
            withdrawn: Vec::new(),
        };
        HandMade {
            manifests: [manifest(Half::Linkable, &linkable), manifest(Half::Measures, &measures)],
            chunks: [linkable, measures],
            subjects: ids.clone(),
        }
    }

    pub(crate) fn sign(&self, manifest: &Manifest) -> Value {
        json!(SignedManifest::sign(manifest.clone(), &self.kita).unwrap())
    }

    pub(crate) fn announce(&self, unit: UnitName, manifest: &Manifest) -> Answer {
        let sender = manifest.department.as_str();
        self.post(unit, sender, "/v1/batches", &self.sign(manifest))
    }

    pub(crate) fn chunk(&self, unit: UnitName, batch: &HandMade, index: usize) -> Answer {
        let bytes = &batch.chunks[batch.half(unit)][index];
        self.put_chunk(unit, batch, index, bytes)
    }

    pub(crate) fn put_chunk(
        &self,
        unit: UnitName,
        batch: &HandMade,
        index: usize,
        bytes: &[u8],
    ) -> Answer {
        let path = format!("/v1/batches/{}/chunks/{index}", batch.manifests[0].batch);
        self.call(unit, batch.sender(), "PUT", &path, bytes)
    }

    pub(crate) fn complete(&self, unit: UnitName, batch: &HandMade) -> Answer {
        let path = format!("/v1/batches/{}/complete", batch.manifests[0].batch);
        self.call(unit, batch.sender(), "POST", &path, b"")
    }

    /// Sends one half of a batch and returns the last answer.
    pub(crate) fn submit(&self, unit: UnitName, batch: &HandMade) -> Answer {
        let half = batch.half(unit);
        let announced = self.announce(unit, &batch.manifests[half]);
        if announced.status != 201 {
            return announced;
        }
        for index in 0..batch.chunks[half].len() {
            let sent = self.chunk(unit, batch, index);
            if sent.status != 204 {
                return sent;
            }
        }
        self.complete(unit, batch)
    }

    /// Links by hand, as the officer approved it, and waits; the snapshot.
    pub(crate) fn link(&self) -> String {
        self.consent(UnitName::Linkage, "operator", "snapshot", &json!({"epoch": EPOCH}));
        let order = json!({"epoch": EPOCH});
        let start = || self.post(UnitName::Linkage, "operator", "/v1/snapshots", &order);
        // The last delivery of a period starts a run by rule, which may be going on.
        let mut started = start();
        for _ in 0..500 {
            if started.status != 503 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
            started = start();
        }
        assert_eq!(started.status, 202, "{}", started.json());
        let snapshot = started.json()["snapshot"].as_str().unwrap().to_owned();
        for _ in 0..500 {
            let path = format!("/v1/snapshots/{snapshot}");
            let state = self.get(UnitName::Linkage, "operator", &path).json();
            match state["state"].as_str() {
                Some("frozen") => return snapshot,
                Some("running") => std::thread::sleep(std::time::Duration::from_millis(10)),
                _ => panic!("{state}"),
            }
        }
        panic!("linking takes too long");
    }

    /// Carries the link map; the statistics unit's answer.
    pub(crate) fn transfer(&self, snapshot: &str) -> Answer {
        let path = format!("/v1/link-maps/{snapshot}/request");
        let asked = self.post(UnitName::Statistics, "operator", &path, &json!({}));
        if asked.status != 200 {
            return asked;
        }
        let sealed = self.post(UnitName::Linkage, "operator", "/v1/link-maps", &asked.json());
        if sealed.status != 200 {
            return sealed;
        }
        self.post(UnitName::Statistics, "operator", "/v1/link-maps", &sealed.json())
    }

    /// One batch, delivered to both units, linked and accepted.
    pub(crate) fn ready(&self) -> String {
        assert_eq!(self.open_epoch().status, 204);
        let batch = self.batch(40, 16);
        for unit in [UnitName::Linkage, UnitName::Statistics] {
            let done = self.submit(unit, &batch);
            assert_eq!(done.status, 200, "{}", done.json());
        }
        let snapshot = self.link();
        let accepted = self.transfer(&snapshot);
        assert_eq!(accepted.status, 201, "{}", accepted.json());
        snapshot
    }

    pub(crate) fn ask(&self, indicator: &str, year: u16) -> Answer {
        let body = json!({
            "purpose": "sozialmonitoring-06432", "indicator": indicator, "year": year,
        });
        self.post(UnitName::Statistics, "analyst", "/v1/queries", &body)
    }

    /// The analyst asks under a key of their own.
    pub(crate) fn ask_under(&self, key: &str, body: &Value) -> Answer {
        let url = self.url(UnitName::Statistics, "/v1/queries");
        self.send(&url, "analyst", "POST", key, body.to_string().as_bytes())
    }

    /// What the lineages have spent in all.
    pub(crate) fn spent(&self) -> u64 {
        let budget = self.get(UnitName::Statistics, "dpo", "/v1/budget").json();
        let lines = budget["lineages"].as_array().unwrap();
        lines.iter().map(|line| line["spent"].as_u64().unwrap()).sum()
    }
}

/// A batch made without an encoder, so that single fields can be spoiled.
pub(crate) struct HandMade {
    pub(crate) manifests: [Manifest; 2],
    pub(crate) chunks: [Vec<Vec<u8>>; 2],
    pub(crate) subjects: Vec<SubjectId>,
}

impl HandMade {
    fn sender(&self) -> &str {
        self.manifests[0].department.as_str()
    }

    fn half(&self, unit: UnitName) -> usize {
        match unit {
            UnitName::Linkage => 0,
            UnitName::Statistics => 1,
        }
    }
}

fn config(unit: &str, peer: submission::VerifyingKey, kita: submission::VerifyingKey) -> String {
    let mut text = format!(
        "unit = \"{unit}\"\ninstallation = \"test\"\nlisten = \"127.0.0.1:0\"\n\
         database = \"{unit}.sqlite\"\npolicies = \"policies\"\nsigning_key = \"{unit}.key\"\n\
         key_store = \"{unit}.keys\"\ndata_key = \"data.key\"\n\
         peer_public_key = \"{peer}\"\n"
    );
    if unit == "statistics" {
        text += "rank_key = \"rank.key\"\nseparation = \"test\"\nanswer_slot_millis = 1500\n";
    }
    text += &format!("[[project]]\nname = \"{PROJECT}\"\nschema = \"county-2026\"\n");
    for (name, role) in PEOPLE {
        let token = String::from(TokenDigest::of(&format!("token-of-{name}")));
        text += &format!(
            "[[identity]]\nname = \"{name}\"\nrole = \"{role}\"\nproject = \"{PROJECT}\"\n\
             token_sha256 = \"{token}\"\n"
        );
        if role == "department" {
            text += &format!("public_key = \"{kita}\"\ndatasets = [\"{name}\"]\n");
        }
    }
    text
}

/// Lets the schedule wait for departments that each deliver the dataset of their name.
pub(crate) fn without_plans(policies: &Path) {
    for entry in fs::read_dir(policies.join("purposes")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("plan-") {
            fs::remove_file(path).unwrap();
        }
    }
}

pub(crate) fn expect_only(schedule: &Path, departments: &[&str]) {
    let text = fs::read_to_string(schedule).unwrap();
    let (before, rest) = text.split_once("expected = [").unwrap();
    let (_, after) = rest.split_once(']').unwrap();
    let expected: Vec<String> = departments
        .iter()
        .map(|own| format!("{{ department = \"{own}\", dataset = \"{own}\" }}"))
        .collect();
    let expected = expected.join(", ");
    fs::write(schedule, format!("{before}expected = [{expected}]{after}")).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
