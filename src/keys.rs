//! Secrets come from files that only their owner can read.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use store::seal::UnitKey;
use submission::SigningKey;
use zeroize::Zeroizing;

const SIGNING: &str = "milchglas-signing-key-1 ";
const RANK: &str = "milchglas-rank-key-1 ";
const DATA: &str = "milchglas-unit-data-key-1 ";
const LONGEST: u64 = 4096;

/// Reads a unit's signing key.
pub(crate) fn signing_key(path: &Path) -> anyhow::Result<SigningKey> {
    let bytes = read(path, SIGNING)?;
    SigningKey::from_pkcs8(&bytes).with_context(|| format!("in {}", path.display()))
}

/// Reads the secret that snapshots' rank keys are derived from.
///
/// # Errors
/// Where others may read the file or it has another form.
pub fn read_rank_key(path: &Path) -> anyhow::Result<[u8; 32]> {
    thirty_two(path, RANK)
}

/// Reads the unit data key, under which a unit's key store wraps its keys.
///
/// # Errors
/// As [`read_rank_key`].
pub fn read_data_key(path: &Path) -> anyhow::Result<UnitKey> {
    Ok(UnitKey::take(&mut thirty_two(path, DATA)?))
}

fn thirty_two(path: &Path, prefix: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = read(path, prefix)?;
    <[u8; 32]>::try_from(bytes.as_slice())
        .ok()
        .with_context(|| format!("{} does not hold 32 bytes; create it anew", path.display()))
}

/// Reads a bearer token: one line.
pub(crate) fn token(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = private_text(path)?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("{} does not hold a token: one line of visible characters", path.display());
    }
    Ok(Zeroizing::new(token.to_owned()))
}

/// Reads a password: one line.
pub(crate) fn password(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = private_text(path)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.chars().any(char::is_control) {
        bail!("{} does not hold a password: one line of text", path.display());
    }
    Ok(Zeroizing::new(password.to_owned()))
}

/// Reads the address of a PostgreSQL database, which may hold a password: one line.
pub(crate) fn database_url(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = private_text(path)?;
    let url = text.trim();
    let is_address = url.starts_with("postgres://") || url.starts_with("postgresql://");
    if !is_address || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("{} does not hold one line postgres://user@host/database", path.display());
    }
    Ok(Zeroizing::new(url.to_owned()))
}

/// The text of a signing key file.
pub(crate) fn signing_text(pkcs8: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(format!("{SIGNING}{}\n", HEXLOWER.encode(pkcs8)))
}

/// Writes a statistics unit's rank key to a new file.
///
/// # Errors
/// As [`write_new`].
pub fn write_rank_key(path: &Path, bytes: &[u8; 32]) -> anyhow::Result<()> {
    write_new(path, &Zeroizing::new(format!("{RANK}{}\n", HEXLOWER.encode(bytes))))
}

/// Writes a unit data key to a new file.
///
/// # Errors
/// As [`write_new`].
pub fn write_data_key(path: &Path, bytes: &[u8; 32]) -> anyhow::Result<()> {
    write_new(path, &Zeroizing::new(format!("{DATA}{}\n", HEXLOWER.encode(bytes))))
}

/// Writes a secret to a new file that only its owner can read.
///
/// # Errors
/// Where the file exists: a key file is never overwritten.
pub fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| {
        format!("cannot create {}: a key file is never overwritten; name a new one", path.display())
    })?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

fn read(path: &Path, prefix: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let text = private_text(path)?;
    let decoded = text
        .trim_end()
        .strip_prefix(prefix)
        .and_then(|digits| HEXLOWER.decode(digits.as_bytes()).ok());
    let what = prefix.trim_end();
    decoded.map(Zeroizing::new).with_context(|| {
        format!("{} is not a key file of the form `{what} <hex>`; create it anew", path.display())
    })
}

fn private_text(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("{shown} can be read by others; run: chmod 600 {shown}");
    }
    if metadata.len() > LONGEST {
        bail!("{shown} is too long for a key file");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    Ok(Zeroizing::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_others_and_of_other_forms_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rank.key");
        write_rank_key(&path, &[7; 32]).unwrap();
        assert_eq!(read_rank_key(&path).unwrap(), [7; 32]);
        assert!(signing_key(&path).is_err(), "another kind of key");
        assert!(read_data_key(&path).is_err(), "another kind of key");
        assert!(write_new(&path, "x").is_err(), "never overwritten");

        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        let error = read_rank_key(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_short_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("short.key");
        write_new(&path, "milchglas-rank-key-1 00ff\n").unwrap();
        assert!(read_rank_key(&path).unwrap_err().to_string().contains("32 bytes"));
    }
}
