//! From the generator to facts, over the departments' own way.

use std::collections::HashMap;
use std::fs;

use department::{Batch, Change, Keys, Language, Mapping, PrepareSettings, Sender, keys, prepare};
use policy::Name;
use ring::rand::SystemRandom;
use submission::{Clock, Period, SubjectId};

use crate::county::County;
use crate::installation::{EPOCH, Installation, Office, Project, SCHEMA};
use crate::office::Letter;
use crate::reading::{Reading, rank_key};
use crate::run::FIRST_MONTH;

/// The facts of a county's last delivery, by the generator's persons.
pub(crate) fn read<'a>(
    installation: &'a Installation,
    project: &Project,
    county: &County,
) -> anyhow::Result<Reading<'a>> {
    let mut people: HashMap<SubjectId, usize> = HashMap::new();
    let mut batches = Vec::new();
    for office in &project.offices {
        let (batch, own) = deliver(installation, project, county, office)?;
        people.extend(own);
        batches.push(batch);
    }
    let snapshot = submission::SnapshotId::random(&SystemRandom::new())?;
    let rank = rank_key(&[0; 32], snapshot);
    Reading::of(&installation.policies.catalogue, &batches, &people, &rank)
}

type Delivered = (Batch, Vec<(SubjectId, usize)>);

fn deliver(
    installation: &Installation,
    project: &Project,
    county: &County,
    office: &Office,
) -> anyhow::Result<Delivered> {
    let extract = county.extract(office.dataset, 1)?;
    let path = office.folder.join(&extract.file_name);
    fs::write(&path, &extract.bytes)?;
    let last = county.cutoff(1)?;
    let to = submission::Month::new(u16::try_from(last.year())?, last.number())?;
    let period = Period { from: FIRST_MONTH.parse()?, to };
    let mappings = installation.root.join("policies").join("mappings");
    let mapping = Mapping::load(&mappings.join(format!("{}.toml", office.dataset.code())))?;
    let secrets = Keys {
        linkage: keys::read_linkage(&project.linkage_key())?,
        signing: keys::read_signing(&office.folder.join("signing.key"))?,
        register: keys::read_register(&office.folder.join("register.key"))?,
    };
    let sender = Sender {
        project: project.name.clone(),
        epoch: Name::new(EPOCH)?,
        department: office.name.clone(),
    };
    let random = SystemRandom::new();
    let named = installation.policies.named_columns(&project.name, &mapping.dataset);
    let prepared = prepare(&PrepareSettings {
        sender: &sender,
        catalogue: &installation.policies.catalogue,
        named: named.as_ref(),
        schema: &installation.policies.schemas[SCHEMA],
        mapping: &mapping,
        keys: &secrets,
        extract: Some(&path),
        period,
        objections: None,
        change: Change::Full,
        outbox: &office.folder.join("outbox"),
        language: Language::German,
        now: Clock::System.now(),
        random: &random,
        progress: &|_| (),
    })?;
    fs::remove_file(&path)?;
    let letter = Letter::full(extract, period);
    let delivered = office.open(prepared.folder, &letter)?;
    let people = delivered.people.iter().map(|(subject, own)| (*subject, own.0 as usize));
    Ok((Batch::open(&delivered.folder)?, people.collect()))
}
