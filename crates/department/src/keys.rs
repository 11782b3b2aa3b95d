//! Key files: created once, readable by their owner only, never overwritten, never an argument.

mod age;
mod ceremony;
mod fault;
mod file;
mod identity;

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use encoder::clkhash::ClkhashSecret;
use encoder::{EncodeError, LinkageKey, MasterKey};
use ring::rand::SecureRandom;
use submission::SigningKey;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Error, shown};
use crate::new_file::{PRIVATE, free};
use file::{read_private, read_private_bytes};

pub use ceremony::{Wrapped, check_value, derive, rotate, unwrap, wrap};
pub use fault::KeyFault;
pub(crate) use file::{open_private, write_private};
pub use identity::{Identity, Recipient};

const SIGNING: &str = "milchglas-signing-key-1 ";
const REGISTER: &str = "milchglas-register-key-1 ";

/// The key under which a department seals its own registers. No Clone, Debug or Serialize.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RegisterKey([u8; 32]);

impl RegisterKey {
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The kinds of key a department or the key custodian creates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The custodian's master key, from which linkage keys are derived.
    Master,
    /// A linkage key of its own, from no master key; held by every department.
    Linkage,
    /// The department's identity, to which the custodian wraps linkage keys.
    Department,
    /// The department's signing key.
    Signing,
    /// The department's register key.
    Register,
}

/// What `generate` has written.
pub struct NewKey {
    /// The secret's file.
    pub secret: PathBuf,
    /// The public key and its file, for a signing key and an identity.
    pub public: Option<(String, PathBuf)>,
}

/// Creates a key file with permissions 0600; for a signing key and an identity also `<file>.pub`.
///
/// # Errors
/// [`Error::Exists`] where either file exists: a key is never overwritten.
pub fn generate(kind: KeyKind, path: &Path, random: &dyn SecureRandom) -> Result<NewKey, Error> {
    let (secret, public) = match kind {
        KeyKind::Master => (MasterKey::generate(random).map_err(|_| Error::Random)?, None),
        KeyKind::Linkage => (LinkageKey::generate(random).map_err(|_| Error::Random)?, None),
        KeyKind::Register => {
            let mut bytes = Zeroizing::new([0; 32]);
            random.fill(&mut *bytes).map_err(|_| Error::Random)?;
            (line(REGISTER, &*bytes), None)
        }
        KeyKind::Department => {
            let (text, public) = Identity::generate(random).map_err(|_| Error::Random)?;
            (text, Some(public.to_string()))
        }
        KeyKind::Signing => {
            let pkcs8 = Zeroizing::new(SigningKey::generate(random)?);
            let public = SigningKey::from_pkcs8(&pkcs8)?.public();
            (line(SIGNING, &pkcs8), Some(public.to_string()))
        }
    };
    let public = public.map(|key| (key, PathBuf::from(format!("{}.pub", path.display()))));
    if let Some((_, beside)) = &public {
        free(beside)?;
    }
    file::place(path, PRIVATE, secret.as_bytes())?;
    if let Some((key, beside)) = &public {
        file::place(beside, 0o644, format!("{key}\n").as_bytes())?;
    }
    Ok(NewKey { secret: path.to_owned(), public })
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
/// [`Error::KeyPermissions`] where others may read the file, [`Error::KeyForm`] for another form,
/// [`Error::Key`] for a link or a secret that can be guessed.
pub fn read_linkage(path: &Path) -> Result<LinkageKey, Error> {
    let text = read_private(path)?;
    LinkageKey::from_file_text(&text).map_err(|e| refused(path, "linkage", &e))
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

/// Why the text of a key file is no key.
fn refused(path: &Path, kind: &'static str, error: &EncodeError) -> Error {
    let reason = match error {
        EncodeError::KeyShort { bits } => KeyFault::Short { bits: *bits },
        EncodeError::KeyPlaceholder => KeyFault::Placeholder,
        _ => return form(path, kind),
    };
    Error::Key { path: shown(path), reason }
}

/// Reads the secret of a clkhash project: the bytes of the file as they are.
///
/// # Errors
/// [`Error::KeyPermissions`] where others may read the file, [`Error::Secret`] for an empty or
/// long one.
pub fn read_secret(path: &Path) -> Result<ClkhashSecret, Error> {
    let limit = ClkhashSecret::MAX_BYTES;
    let bytes = read_private_bytes(path, limit as u64)?;
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use ring::rand::SystemRandom;
    use submission::VerifyingKey;

    use super::*;

    #[test]
    fn keys_read_back_and_are_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let random = SystemRandom::new();
        for (kind, name) in [
            (KeyKind::Master, "m"),
            (KeyKind::Linkage, "l"),
            (KeyKind::Department, "d"),
            (KeyKind::Signing, "s"),
            (KeyKind::Register, "r"),
        ] {
            let path = folder.path().join(name);
            let new = generate(kind, &path, &random).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let again = generate(kind, &path, &random);
            assert!(matches!(again, Err(Error::Exists { .. })));
            match kind {
                KeyKind::Master => {
                    let text = fs::read_to_string(&path).unwrap();
                    assert!(MasterKey::from_file_text(&text).is_ok());
                }
                KeyKind::Department => {
                    let (public, beside) = new.public.unwrap();
                    let own = Identity::from_file_text(&fs::read_to_string(&path).unwrap());
                    assert!(own.unwrap().recipient().to_string() == public);
                    let text = fs::read_to_string(beside).unwrap();
                    assert!(Recipient::from_file_text(&text).unwrap().to_string() == public);
                }
                KeyKind::Linkage => drop(read_linkage(&path).unwrap()),
                KeyKind::Register => drop(read_register(&path).unwrap()),
                KeyKind::Signing => {
                    let (public, beside) = new.public.unwrap();
                    assert!(read_signing(&path).unwrap().public().to_string() == public);
                    let text = fs::read_to_string(beside).unwrap();
                    assert!(VerifyingKey::try_from(text).unwrap().to_string() == public);
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
