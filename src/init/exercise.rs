//! Keys and tokens of an exercise, made at once because nobody's data hangs on them.
//!
//! The linkage key and the register keys are not made here: the server knows neither. The department
//! program makes them, as in earnest.

use std::fs;
use std::path::Path;

use anyhow::Context;
use ring::rand::{SecureRandom, SystemRandom};
use submission::SigningKey;
use zeroize::Zeroizing;

use super::County;
use super::enter::PUBLIC;
use crate::keys;

/// How the name of every project of an exercise begins. A unit serves such a project only as an
/// exercise, and an exercise serves no other; see [`crate::UnitConfig::read`].
pub(crate) const EXERCISE_PREFIX: &str = "uebung-";

/// Writes every secret of the folder that the server's program knows, each readable by its owner
/// only, and lays the public parts where [`super::enter`] finds them.
pub(super) fn secrets(folder: &Path, county: &County) -> anyhow::Result<()> {
    let random = SystemRandom::new();
    for unit in ["verknuepfungsstelle", "statistikstelle"] {
        let place = folder.join(unit);
        signing(&place, &folder.join(PUBLIC).join(format!("{unit}.pub")), &random)?;
        keys::write_data_key(&place.join("data.key"), &*bytes(&random)?)?;
    }
    keys::write_rank_key(&folder.join("statistikstelle/rank.key"), &*bytes(&random)?)?;
    for person in &super::PEOPLE {
        let name = county.person(person);
        token(folder, &folder.join("personen").join(&name), &name, &random)?;
    }
    for name in county.departments() {
        let place = folder.join("aemter").join(&name);
        signing(&place, &folder.join(PUBLIC).join(format!("{name}.pub")), &random)?;
        token(folder, &place, &name, &random)?;
    }
    Ok(())
}

fn bytes(random: &SystemRandom) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(&mut *bytes).ok().context("no randomness from the system")?;
    Ok(bytes)
}

fn signing(place: &Path, public: &Path, random: &SystemRandom) -> anyhow::Result<()> {
    fs::create_dir_all(place)?;
    let pkcs8 = SigningKey::generate(random)?;
    keys::write_new(&place.join("signing.key"), &keys::signing_text(&pkcs8))?;
    lay(public, &SigningKey::from_pkcs8(&pkcs8)?.public().to_string())
}

fn token(folder: &Path, place: &Path, name: &str, random: &SystemRandom) -> anyhow::Result<()> {
    fs::create_dir_all(place)?;
    let token = access::new_token(random)?;
    keys::write_new(&place.join("token"), &format!("{token}\n"))?;
    let digest = String::from(access::TokenDigest::of(&token));
    lay(&folder.join(PUBLIC).join(format!("{name}.sha256")), &digest)
}

fn lay(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, format!("{text}\n")).with_context(|| format!("cannot write {}", path.display()))
}
