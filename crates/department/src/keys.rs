//! Key files: created once, readable by their owner only, never overwritten, never an argument.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use encoder::LinkageKey;
use encoder::clkhash::ClkhashSecret;
use ring::rand::SecureRandom;
use submission::{SigningKey, VerifyingKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Error, shown};

const SIGNING: &str = "milchglas-signing-key-1 ";
const REGISTER: &str = "milchglas-register-key-1 ";
/// Longest key file in bytes.
const MAX_FILE: u64 = 4096;

/// The key under which a department seals its own registers. No Clone, Debug or Serialize.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RegisterKey([u8; 32]);

impl RegisterKey {
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The kinds of key a department creates or holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The epoch's linkage key; created by the key custodian, held by every department.
    Linkage,
    /// The department's signing key.
    Signing,
    /// The department's register key.
    Register,
}

/// What `generate` has written.
pub struct NewKey {
    /// The secret's file.
    pub secret: PathBuf,
    /// The public key and its file, for a signing key.
    pub public: Option<(VerifyingKey, PathBuf)>,
}

/// Creates a key file with permissions 0600; for a signing key also `<file>.pub`.
///
/// # Errors
/// [`Error::Exists`] where either file exists: a key is never overwritten.
pub fn generate(kind: KeyKind, path: &Path, random: &dyn SecureRandom) -> Result<NewKey, Error> {
    let mut new = NewKey { secret: path.to_owned(), public: None };
    match kind {
        KeyKind::Linkage => {
            let text = LinkageKey::generate(random).map_err(|_| Error::Random)?;
            write_private(path, text.as_bytes())?;
        }
        KeyKind::Register => {
            let mut bytes = Zeroizing::new([0; 32]);
            random.fill(&mut *bytes).map_err(|_| Error::Random)?;
            write_private(path, line(REGISTER, &*bytes).as_bytes())?;
        }
        KeyKind::Signing => {
            let pkcs8 = Zeroizing::new(SigningKey::generate(random)?);
            let public = SigningKey::from_pkcs8(&pkcs8)?.public();
            let beside = PathBuf::from(format!("{}.pub", path.display()));
            if beside.exists() {
                return Err(Error::Exists { path: shown(&beside) });
            }
            write_private(path, line(SIGNING, &pkcs8).as_bytes())?;
            create(&beside, 0o644, format!("{public}\n").as_bytes())?;
            new.public = Some((public, beside));
        }
    }
    Ok(new)
}

fn line(prefix: &str, secret: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 2 * secret.len() + 1));
    text.push_str(prefix);
    HEXLOWER.encode_append(secret, &mut text);
    text.push('\n');
    text
}

/// Reads the linkage key.
///
/// # Errors
/// [`Error::KeyPermissions`] where others may read the file, [`Error::KeyForm`] for another form.
pub fn read_linkage(path: &Path) -> Result<LinkageKey, Error> {
    let text = read_private(path)?;
    LinkageKey::from_file_text(&text).map_err(|_| form(path, "linkage"))
}

/// Reads the signing key.
///
/// # Errors
/// As [`read_linkage`].
pub fn read_signing(path: &Path) -> Result<SigningKey, Error> {
    let text = read_private(path)?;
    let bytes = decode(&text, SIGNING).ok_or_else(|| form(path, "signing"))?;
    SigningKey::from_pkcs8(&bytes).map_err(|_| form(path, "signing"))
}

/// Reads the register key.
///
/// # Errors
/// As [`read_linkage`].
pub fn read_register(path: &Path) -> Result<RegisterKey, Error> {
    let text = read_private(path)?;
    let bytes = decode(&text, REGISTER).ok_or_else(|| form(path, "register"))?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| form(path, "register"))?;
    Ok(RegisterKey(bytes))
}

/// Reads a bearer token: one line of visible ASCII.
///
/// # Errors
/// As [`read_linkage`].
pub fn read_token(path: &Path) -> Result<Zeroizing<String>, Error> {
    let text = read_private(path)?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(form(path, "token"));
    }
    Ok(Zeroizing::new(token.to_owned()))
}

/// Reads the secret of a clkhash project: the bytes of the file as they are.
///
/// # Errors
/// [`Error::KeyPermissions`] where others may read the file, [`Error::Secret`] for an empty or
/// long one.
pub fn read_secret(path: &Path) -> Result<ClkhashSecret, Error> {
    let file = open_private(path)?;
    let limit = ClkhashSecret::MAX_BYTES;
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    let most = limit as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(|e| Error::read(path, &e))?;
    ClkhashSecret::from_bytes(&bytes).map_err(|_| Error::Secret { path: shown(path), limit })
}

fn form(path: &Path, kind: &'static str) -> Error {
    Error::KeyForm { path: shown(path), kind }
}

fn decode(text: &str, prefix: &str) -> Option<Zeroizing<Vec<u8>>> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let digits = line.strip_suffix('\r').unwrap_or(line).strip_prefix(prefix)?;
    HEXLOWER.decode(digits.as_bytes()).ok().map(Zeroizing::new)
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, Error> {
    let file = open_private(path)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(512));
    file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|e| Error::read(path, &e))?;
    // Anything but text has the wrong form, which the caller says.
    Ok(Zeroizing::new(std::str::from_utf8(&bytes).unwrap_or_default().to_owned()))
}

/// Opens a file that only its owner may read.
pub(crate) fn open_private(path: &Path) -> Result<File, Error> {
    let file = File::open(path).map_err(|e| Error::read(path, &e))?;
    let mode = file.metadata().map_err(|e| Error::read(path, &e))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::KeyPermissions { path: shown(path) });
    }
    Ok(file)
}

/// Creates a file that only its owner may read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    create(path, 0o600, bytes)
}

fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|e| Error::write(path, &e))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| {
        // A half-written key must not be taken for one later.
        let _ = fs::remove_file(path);
        Error::write(path, &e)
    })
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    #[test]
    fn keys_read_back_and_are_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        for (kind, name) in
            [(KeyKind::Linkage, "l"), (KeyKind::Signing, "s"), (KeyKind::Register, "r")]
        {
            let path = folder.path().join(name);
            let new = generate(kind, &path, &random).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let again = generate(kind, &path, &random);
            assert!(matches!(again, Err(Error::Exists { .. })));
            match kind {
                KeyKind::Linkage => drop(read_linkage(&path).unwrap()),
                KeyKind::Register => drop(read_register(&path).unwrap()),
                KeyKind::Signing => {
                    let (public, beside) = new.public.unwrap();
                    assert!(read_signing(&path).unwrap().public() == public);
                    let text = fs::read_to_string(beside).unwrap();
                    assert!(VerifyingKey::try_from(text).unwrap() == public);
                }
            }
        }
    }

    #[test]
    fn files_that_others_may_read_are_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        generate(KeyKind::Register, &path, &SystemRandom::new()).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let text = read_register(&path).err().unwrap().to_string();
            assert!(text.contains("chmod 600"), "{text}");
        }
    }

    #[test]
    fn other_forms_and_lengths_are_refused_without_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let good = line(REGISTER, &[7; 32]);
        let cases = [
            String::new(),
            "07".repeat(32),
            line(REGISTER, &[7; 31]).to_string(),
            line(REGISTER, &[7; 33]).to_string(),
            line(SIGNING, &[7; 32]).to_string(),
            good.replace("0707", "zz07"),
            format!("{}\n{}", good.trim_end(), good.trim_end()),
        ];
        for (number, content) in cases.iter().enumerate() {
            let path = folder.path().join(number.to_string());
            write_private(&path, content.as_bytes()).unwrap();
            for error in [
                read_register(&path).err().unwrap(),
                read_linkage(&path).err().unwrap(),
                read_signing(&path).err().unwrap(),
            ] {
                let text = error.to_string();
                assert!(text.contains("keygen") && !text.contains("0707"), "{text}");
            }
        }
    }
}
