//! A data directory with everything a county's parties keep: keys, tokens, configurations.
//!
//! In a real county each folder lies on another party's machine.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use access::TokenDigest;
use anyhow::Context;
use department::keys::{self, KeyKind};
use milchglas::{Client, UnitConfig, UnitName};
use policy::{Name, PolicySet};
use ring::rand::{SecureRandom, SystemRandom};
use submission::{KeyCheckValue, VerifyingKey};
use toml::{Table, Value, toml};

use crate::county::{County, Dataset, Month, World};

/// The epoch that the demo runs in.
pub(crate) const EPOCH: &str = "2026";
/// The linkage schema of both counties.
pub(crate) const SCHEMA: &str = "county-2026";

const SEPARATION: &str = "Vorführung mit erfundenen Menschen: Beide Stellen liefen in einem \
                          Programm auf einem Rechner, ohne Trennung der Aufgaben.";
/// What is added where the demo runs by plans of its own.
const FEW: &str = " Es sind viel weniger Menschen als in den Kreisen: Darum gibt der Freigabeplan der \
                   Vorführung wenigen Tabellen viel Budget.";
/// From so many residents on the shipped release plans run.
const MANY: usize = 200_000;

/// One department's place.
pub(crate) struct Office {
    pub(crate) dataset: Dataset,
    pub(crate) name: Name,
    /// What a reader sees.
    pub(crate) label: &'static str,
    pub(crate) folder: PathBuf,
}

impl Office {
    /// The department's settings.
    pub(crate) fn settings(&self) -> PathBuf {
        self.folder.join("department.toml")
    }
}

/// One county's project with its people.
pub(crate) struct Project {
    pub(crate) ags: &'static str,
    pub(crate) county: &'static str,
    pub(crate) name: Name,
    pub(crate) purpose: Name,
    pub(crate) offices: Vec<Office>,
    folder: PathBuf,
}

/// The whole data directory.
pub(crate) struct Installation {
    pub(crate) root: PathBuf,
    pub(crate) policies: PolicySet,
    pub(crate) projects: Vec<Project>,
    pub(crate) linkage_public: VerifyingKey,
    pub(crate) statistics_public: VerifyingKey,
    /// Whether the demo's own release plans run, made for few people.
    pub(crate) few: bool,
    /// Where the linkage unit and the statistics unit listen: each is the other's witness.
    addresses: [SocketAddr; 2],
    random: SystemRandom,
}

impl Installation {
    /// Lays out a new data directory.
    pub(crate) fn create(root: &Path, policies: &Path, world: &World) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot create {}", root.display()))?;
        if root.read_dir()?.next().is_some() {
            anyhow::bail!("{} is not empty; name a new folder for --data-dir", root.display());
        }
        copy_folder(policies, &root.join("policies"))?;
        let residents: usize = world.counties().iter().map(|own| own.residents(Month::LAST)).sum();
        let few = residents < MANY;
        if few {
            replace_plans(&root.join("policies").join("purposes"))?;
        }
        let random = SystemRandom::new();
        let unit_key = |unit: &str| -> anyhow::Result<VerifyingKey> {
            fs::create_dir_all(root.join(unit))?;
            let path = root.join(unit).join("signing.key");
            keys::generate(KeyKind::Signing, &path, &random)?;
            Ok(keys::read_signing(&path)?.public())
        };
        let mut installation = Self {
            root: root.to_owned(),
            policies: PolicySet::load(&root.join("policies"))?,
            projects: Vec::new(),
            linkage_public: unit_key("linkage-unit")?,
            statistics_public: unit_key("statistics-unit")?,
            few,
            addresses: free_addresses()?,
            random,
        };
        let secret = |random: &SystemRandom| -> anyhow::Result<[u8; 32]> {
            let mut secret = [0; 32];
            random.fill(&mut secret).ok().context("no randomness from the system")?;
            Ok(secret)
        };
        let rank = secret(&installation.random)?;
        milchglas::keys::write_rank_key(&root.join("statistics-unit").join("rank.key"), &rank)?;
        for unit in ["linkage-unit", "statistics-unit"] {
            let data = secret(&installation.random)?;
            milchglas::keys::write_data_key(&root.join(unit).join("data.key"), &data)?;
        }
        let population = crate::register::population(world)?.to_csv();
        fs::write(root.join("statistics-unit").join("population.csv"), population)?;
        for county in world.counties() {
            let project = installation.create_project(county)?;
            installation.projects.push(project);
        }
        installation.write_unit(UnitName::Linkage)?;
        installation.write_unit(UnitName::Statistics)?;
        Ok(installation)
    }

    fn create_project(&self, county: &County) -> anyhow::Result<Project> {
        let ags = county.ags();
        let folder = self.root.join(ags);
        let mut offices = Vec::new();
        for dataset in county.datasets() {
            let name = Name::new(format!("{}-{ags}", office_name(dataset)))?;
            let place = folder.join("departments").join(name.as_str());
            for folder in ["outbox", "austausch"] {
                fs::create_dir_all(place.join(folder))?;
            }
            keys::generate(KeyKind::Signing, &place.join("signing.key"), &self.random)?;
            keys::generate(KeyKind::Register, &place.join("register.key"), &self.random)?;
            self.token(&place.join("token"))?;
            let label = office_label(dataset);
            offices.push(Office { dataset, name, label, folder: place });
        }
        let custodian = folder.join("custodian");
        fs::create_dir_all(&custodian)?;
        keys::generate(KeyKind::Linkage, &custodian.join("linkage.key"), &self.random)?;
        for role in ["custodian", "operator", "analyst", "dpo", "approver"] {
            fs::create_dir_all(folder.join(role))?;
            self.token(&folder.join(role).join("token"))?;
        }
        Ok(Project {
            ags,
            county: county.name(),
            name: Name::new(format!("county-{ags}"))?,
            purpose: Name::new(format!("sozialmonitoring-{ags}"))?,
            offices,
            folder,
        })
    }

    fn token(&self, path: &Path) -> anyhow::Result<()> {
        let token = access::new_token(&self.random)?;
        milchglas::keys::write_new(path, &format!("{token}\n"))
    }

    fn write_unit(&self, unit: UnitName) -> anyhow::Result<()> {
        let [linkage, statistics] = self.addresses;
        let (peer, word, own, other) = match unit {
            UnitName::Linkage => (self.statistics_public, "linkage", linkage, statistics),
            UnitName::Statistics => (self.linkage_public, "statistics", statistics, linkage),
        };
        let mut config = toml! {
            installation = "milchglas-demo"
            policies = "../policies"
            signing_key = "signing.key"
            synthetic = true
        };
        config.insert("unit".into(), word.into());
        config.insert("listen".into(), own.to_string().into());
        let mut witness = Table::new();
        witness.insert("url".into(), format!("http://{other}").into());
        config.insert("witness".into(), Value::Table(witness));
        config.insert("database".into(), format!("{word}.sqlite").into());
        config.insert("key_store".into(), format!("{word}.keys").into());
        config.insert("data_key".into(), "data.key".into());
        config.insert("peer_public_key".into(), String::from(peer).into());
        if unit == UnitName::Statistics {
            config.insert("rank_key".into(), "rank.key".into());
            let more = if self.few { FEW } else { "" };
            config.insert("separation".into(), format!("{SEPARATION}{more}").into());
            config.insert("exhibit".into(), "exhibit.json".into());
            config.insert("population".into(), "population.csv".into());
            let mut bi = Table::new();
            bi.insert("sqlite".into(), "releases.sqlite".into());
            config.insert("bi".into(), Value::Table(bi));
        }
        let mut identities = Vec::new();
        let mut projects = Vec::new();
        for project in &self.projects {
            let mut entry = Table::new();
            entry.insert("name".into(), project.name.as_str().into());
            entry.insert("schema".into(), SCHEMA.into());
            projects.push(Value::Table(entry));
            identities.extend(project.identities()?);
        }
        config.insert("project".into(), Value::Array(projects));
        config.insert("identity".into(), Value::Array(identities));
        let path = self.config(unit);
        fs::write(&path, toml::to_string(&config)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Writes the settings of every department and of the operator's courier, once it is known
    /// where the units listen.
    pub(crate) fn write_settings(
        &self,
        linkage: &str,
        statistics: &str,
        patience: Patience,
    ) -> anyhow::Result<()> {
        for project in &self.projects {
            for office in &project.offices {
                let settings = self.department(project, office, (linkage, statistics), patience);
                let place = office.settings();
                fs::write(&place, toml::to_string(&settings)?)
                    .with_context(|| format!("cannot write {}", place.display()))?;
            }
        }
        let carried = self.projects.iter().map(|project| {
            let token = project.folder.join("operator").join("token");
            let unit = |url: &str| -> Value {
                let mut unit = Table::new();
                unit.insert("url".into(), url.into());
                unit.insert("token_file".into(), token.display().to_string().into());
                Value::Table(unit)
            };
            let mut entry = Table::new();
            entry.insert("name".into(), project.name.as_str().into());
            entry.insert("linkage".into(), unit(linkage));
            entry.insert("statistics".into(), unit(statistics));
            Value::Table(entry)
        });
        let mut courier = Table::new();
        if patience == Patience::Short {
            courier.insert("interval_seconds".into(), 1.into());
        }
        courier.insert("project".into(), Value::Array(carried.collect()));
        let place = self.courier();
        fs::create_dir_all(place.parent().context("the courier's settings lie in a folder")?)?;
        fs::write(&place, toml::to_string(&courier)?)
            .with_context(|| format!("cannot write {}", place.display()))
    }

    fn department(
        &self,
        project: &Project,
        office: &Office,
        (linkage, statistics): (&str, &str),
        patience: Patience,
    ) -> Table {
        let mut settings = toml! {
            epoch = "2026"
            policies = "../../../policies"
            schema = "county-2026"
            outbox = "outbox"

            [keys]
            linkage = "../../custodian/linkage.key"
            signing = "signing.key"
            register = "register.key"

            [station]
            share = "austausch"
            work = "station"
            mappings = "../../../policies/mappings"
        };
        settings.insert("project".into(), project.name.as_str().into());
        settings.insert("department".into(), office.name.as_str().into());
        let unit = |url: &str, key: VerifyingKey| -> Value {
            let mut unit = Table::new();
            unit.insert("url".into(), url.into());
            unit.insert("public_key".into(), String::from(key).into());
            unit.insert("token".into(), "token".into());
            Value::Table(unit)
        };
        let mut units = Table::new();
        units.insert("linkage".into(), unit(linkage, self.linkage_public));
        units.insert("statistics".into(), unit(statistics, self.statistics_public));
        settings.insert("units".into(), Value::Table(units));
        if patience == Patience::Short
            && let Some(Value::Table(station)) = settings.get_mut("station")
        {
            station.insert("interval_seconds".into(), 1.into());
            station.insert("settle_seconds".into(), 1.into());
        }
        settings
    }

    /// The settings of the operator's courier.
    pub(crate) fn courier(&self) -> PathBuf {
        self.root.join("courier").join("courier.toml")
    }

    /// The file that the page reads one invented person from.
    pub(crate) fn exhibit(&self) -> PathBuf {
        self.root.join("statistics-unit").join("exhibit.json")
    }

    fn config(&self, unit: UnitName) -> PathBuf {
        let folder = match unit {
            UnitName::Linkage => "linkage-unit",
            UnitName::Statistics => "statistics-unit",
        };
        self.root.join(folder).join("unit.toml")
    }

    /// The configuration of a unit, as an operator would have written it.
    pub(crate) fn unit_config(&self, unit: UnitName) -> anyhow::Result<UnitConfig> {
        UnitConfig::read(&self.config(unit))
    }

    /// The key-check value of a project's key, as the custodian's program computes it.
    pub(crate) fn key_check_value(&self, project: &Project) -> anyhow::Result<KeyCheckValue> {
        let schema = &self.policies.schemas[SCHEMA];
        let key = keys::read_linkage(&project.linkage_key())?;
        Ok(encoder::Encoder::new(schema, &key)?.key_check_value())
    }
}

impl Project {
    /// The key file that the custodian hands to every department of the project.
    pub(crate) fn linkage_key(&self) -> PathBuf {
        self.folder.join("custodian").join("linkage.key")
    }

    /// The file with the token of somebody of this county.
    pub(crate) fn token_file(&self, role: &str) -> PathBuf {
        self.folder.join(role).join("token")
    }

    /// Somebody of this county at a unit.
    pub(crate) fn client(&self, role: &str, base: &str) -> anyhow::Result<Client> {
        let token = keys::read_token(&self.token_file(role))?;
        Ok(Client::new(base, token)?)
    }

    fn identities(&self) -> anyhow::Result<Vec<Value>> {
        let mut identities = Vec::new();
        for role in ["custodian", "operator", "analyst", "dpo", "approver"] {
            let place = self.folder.join(role);
            identities.push(Value::Table(self.identity(role, role, &place)?));
        }
        for office in &self.offices {
            let mut entry = self.identity("department", "", &office.folder)?;
            entry.insert("name".into(), office.name.as_str().into());
            let key = keys::read_signing(&office.folder.join("signing.key"))?.public();
            entry.insert("public_key".into(), String::from(key).into());
            let datasets = vec![Value::from(office.dataset.code())];
            entry.insert("datasets".into(), Value::Array(datasets));
            identities.push(Value::Table(entry));
        }
        Ok(identities)
    }

    fn identity(&self, role: &str, name: &str, place: &Path) -> anyhow::Result<Table> {
        let token = keys::read_token(&place.join("token"))?;
        let mut entry = Table::new();
        entry.insert("name".into(), format!("{name}-{}", self.ags).into());
        entry.insert("role".into(), role.into());
        entry.insert("project".into(), self.name.as_str().into());
        entry.insert("token_sha256".into(), String::from(TokenDigest::of(&token)).into());
        Ok(entry)
    }
}

/// How long stations and courier wait before they believe that a file is complete.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As short as it goes: nobody wants to watch a demo wait.
    Short,
    /// As in a county.
    AsInstalled,
}

/// The department that keeps an extract, as people call it.
fn office_label(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Sgb2 => "Jobcenter",
        Dataset::Wohngeld => "Wohngeldstelle",
        Dataset::Sgb12 => "Sozialamt",
        Dataset::Egh => "Eingliederungshilfe",
        Dataset::Hze => "Jugendamt",
        Dataset::Kita => "Kindertagesbetreuung",
        Dataset::But => "Bildung und Teilhabe",
        Dataset::Asyl => "Asylbewerberleistungen",
    }
}

/// Which department keeps an extract.
fn office_name(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Sgb2 => "jobcenter",
        Dataset::Wohngeld => "wohngeldstelle",
        Dataset::Sgb12 => "sozialamt",
        Dataset::Egh => "eingliederungshilfe",
        Dataset::Hze => "jugendamt",
        Dataset::Kita => "kindertagesbetreuung",
        Dataset::But => "bildung-teilhabe",
        Dataset::Asyl => "asyl",
    }
}

/// Two addresses on this machine whose ports the system chose. They are named before either unit
/// listens, because each configuration names both.
fn free_addresses() -> anyhow::Result<[SocketAddr; 2]> {
    let listen = || TcpListener::bind(("127.0.0.1", 0));
    let (one, other) = (listen()?, listen()?);
    Ok([one.local_addr()?, other.local_addr()?])
}

/// Puts the demo's own release plans in place of the shipped ones.
fn replace_plans(purposes: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(purposes)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("plan-") {
            fs::remove_file(entry.path())?;
        }
    }
    copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plans"), purposes)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
