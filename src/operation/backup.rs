//! A copy of a unit's database that can be put back.
//!
//! The key store and the keys are not in it: what was erased stays erased in every backup, and a
//! copy alone opens no delivery. The ledger is in it in clear, and what was spent since is burnt
//! when the copy is put back (`milchglas audit restore`).

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use store::Location;

use crate::UnitConfig;

/// What was copied.
#[derive(Serialize)]
pub(crate) struct BackedUp {
    /// The copy.
    pub(crate) file: PathBuf,
    /// Its size.
    pub(crate) bytes: u64,
    /// Newest entry of the log in it.
    pub(crate) sequence: u64,
    /// SHA-256 of the copy, in hexadecimal digits.
    pub(crate) sha256: String,
}

/// Copies the database of a unit, which may go on working meanwhile, into a new file.
pub(crate) async fn back_up(config: &UnitConfig, file: &Path) -> anyhow::Result<BackedUp> {
    if file.exists() {
        bail!("{} exists; a backup never overwrites, name a new file", file.display());
    }
    let location = config.location()?;
    if let Location::Postgres(_) = location {
        bail!(
            "a PostgreSQL database is backed up with its own pg_dump, as docs/de/betrieb.md says"
        );
    }
    let seen = store::backup::copy(&location, file)
        .await
        .with_context(|| format!("cannot write {}", file.display()))?;
    let bytes = std::fs::metadata(file)?.len();
    let sha256 = digest(file)?;
    Ok(BackedUp { file: file.to_owned(), bytes, sequence: seen.sequence, sha256 })
}

/// Puts a copy in the place of a database that is not there.
pub(crate) async fn put_back(config: &UnitConfig, file: &Path) -> anyhow::Result<u64> {
    let Some(database) = &config.database else {
        bail!(
            "a PostgreSQL database is put back with its own pg_restore, as docs/de/betrieb.md says"
        );
    };
    let rest = ["", "-wal", "-shm"].map(|end| with_end(database, end));
    if let Some(there) = rest.iter().find(|own| own.exists()) {
        bail!(
            "{} is still there; stop the unit and move its database away first, so that nothing is \
             lost",
            there.display()
        );
    }
    let kind = crate::serve::watched::kind(config.unit);
    let installation = config.installation.parse()?;
    let seen = store::backup::look(file, kind, &installation)
        .await
        .with_context(|| format!("{} cannot be put back", file.display()))?;
    let part = with_end(database, ".part");
    std::fs::copy(file, &part).with_context(|| format!("cannot write {}", part.display()))?;
    std::fs::File::open(&part)?.sync_all()?;
    std::fs::rename(&part, database)?;
    if let Some(folder) = database.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(seen.sequence)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn digest(file: &Path) -> anyhow::Result<String> {
    use std::io::Read as _;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut reader = std::fs::File::open(file)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(data_encoding::HEXLOWER.encode(context.finish().as_ref()));
        }
        context.update(buffer.get(..read).unwrap_or_default());
    }
}
