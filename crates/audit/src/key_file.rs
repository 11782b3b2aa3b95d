//! An officer's signing key: a file that only its owner can read, never overwritten.

use anyhow::{Context, Result, bail};
use data_encoding::HEXLOWER;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::messages::Messages;

const PREFIX: &str = "milchglas-signing-key-1 ";
const LONGEST: u64 = 4096;

/// Makes a key in a new file and returns its public half in hexadecimal digits.
pub(crate) fn generate(path: &Path, say: &Messages) -> Result<String> {
    let random = |_| anyhow::anyhow!("no randomness from the system");
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(random)?;
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| anyhow::anyhow!("key"))?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| say.cannot_create(path))?;
    writeln!(file, "{PREFIX}{}", HEXLOWER.encode(pkcs8.as_ref()))?;
    file.sync_all()?;
    Ok(HEXLOWER.encode(pair.public_key().as_ref()))
}

/// Reads a key.
pub(crate) fn read(path: &Path, say: &Messages) -> Result<Ed25519KeyPair> {
    let unreadable = || say.cannot_read(&path.display().to_string());
    let file = File::open(path).with_context(unreadable)?;
    let metadata = file.metadata().with_context(unreadable)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!(say.key_is_open(path));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).with_context(unreadable)?;
    let bytes = text.trim_end().strip_prefix(PREFIX);
    let bytes = bytes.and_then(|digits| HEXLOWER.decode(digits.as_bytes()).ok());
    let pair = bytes.and_then(|bytes| Ed25519KeyPair::from_pkcs8(&bytes).ok());
    pair.with_context(|| say.no_key_file(path))
}
