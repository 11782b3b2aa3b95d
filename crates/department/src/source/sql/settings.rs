//! `NAME.toml` of a SQL source.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use policy::PolicySet;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::place::Place;
use crate::error::{Error, shown};
use crate::keys::open_private;

/// A database and the one question to it. It has no `Debug` and no `Clone`: it holds a password.
pub struct SqlSource {
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
    pub(super) authority: Option<Vec<u8>>,
    pub(super) query: String,
    pub(super) timeout_seconds: u32,
    pub(super) most_rows: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    database: RawDatabase,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    query_file: Option<PathBuf>,
    #[serde(default = "usual_timeout")]
    timeout_seconds: u32,
    #[serde(default = "usual_rows")]
    most_rows: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDatabase {
    url: String,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    password_file: Option<PathBuf>,
    #[serde(default)]
    authority: Option<PathBuf>,
}

fn usual_timeout() -> u32 {
    600
}

fn usual_rows() -> u64 {
    5_000_000
}

/// Bytes of a password file.
const MOST_PASSWORD: u64 = 4096;
/// A day; a query that takes longer is no extract.
const MOST_SECONDS: u32 = 86_400;

impl SqlSource {
    /// Reads the description of a source, its password and its certificate authority; paths in it
    /// are relative to its folder.
    ///
    /// # Errors
    /// [`Error::SqlSource`] naming place and cause, [`Error::KeyPermissions`] where others may
    /// read the password.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let fail = |reason: String| Error::SqlSource { path: shown(path), reason };
        let text = read_text(path)?;
        // The parser's own message would quote the line, and with it whatever stands there.
        let raw: Raw = toml::from_str(&text).map_err(|e| {
            let before = text.get(..e.span().map_or(0, |span| span.start)).unwrap_or_default();
            fail(format!("line {}: {}", before.matches('\n').count() + 1, e.message()))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let place = Place::parse(&raw.database.url, folder)
            .map_err(|reason| fail(format!("database.url: {reason}")))?;
        let query = match (raw.query, raw.query_file) {
            (Some(query), None) => query,
            (None, Some(file)) => read_text(&folder.join(file))?,
            _ => return Err(fail("give either query or query_file".into())),
        };
        check_query(&query).map_err(|reason| fail(reason.into()))?;
        if !(1..=MOST_SECONDS).contains(&raw.timeout_seconds) || raw.most_rows == 0 {
            return Err(fail(format!(
                "timeout_seconds must be 1 to {MOST_SECONDS}, most_rows at least 1"
            )));
        }
        let database = raw.database;
        if let Place::Sqlite(_) = place {
            let server = database.user.is_some()
                || database.password_file.is_some()
                || database.authority.is_some();
            if server {
                let reason = "user, password_file and authority belong to a database server";
                return Err(fail(reason.into()));
            }
        } else if database.user.as_ref().is_none_or(String::is_empty) {
            return Err(fail("database.user: name a user that may only read".into()));
        }
        let password = database.password_file.map(|file| read_password(&folder.join(file)));
        let authority = database.authority.map(|file| {
            let file = folder.join(file);
            fs::read(&file).map_err(|e| Error::read(&file, &e))
        });
        Ok(Self {
            path: shown(path),
            place,
            user: database.user.unwrap_or_default(),
            password: password.transpose()?.unwrap_or_default(),
            authority: authority.transpose()?,
            query,
            timeout_seconds: raw.timeout_seconds,
            most_rows: raw.most_rows,
        })
    }
}

fn read_text(path: &Path) -> Result<String, Error> {
    let size = fs::metadata(path).map_err(|e| Error::read(path, &e))?.len();
    if size > PolicySet::MAX_FILE {
        return Err(Error::FileTooLarge { path: shown(path), limit: PolicySet::MAX_FILE });
    }
    fs::read_to_string(path).map_err(|e| Error::read(path, &e))
}

fn read_password(path: &Path) -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::with_capacity(MOST_PASSWORD as usize));
    let file = open_private(path)?;
    file.take(MOST_PASSWORD).read_to_string(&mut text).map_err(|e| Error::read(path, &e))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A first look; that nothing is changed is up to the read-only transaction and the user's rights.
fn check_query(query: &str) -> Result<(), &'static str> {
    let first =
        query.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("--"));
    let word: String = first.unwrap_or("").chars().take_while(char::is_ascii_alphabetic).collect();
    if ["select", "with"].contains(&word.to_lowercase().as_str()) {
        Ok(())
    } else {
        Err("query: write one statement that begins with SELECT or WITH")
    }
}
