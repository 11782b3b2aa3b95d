//! The way of a linkage key: derived by the custodian, wrapped to each department, unwrapped there.

use std::collections::BTreeSet;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use encoder::{EncodeError, Encoder, LinkageKey, MasterKey};
use policy::{LinkageSchema, Name};
use ring::rand::SecureRandom;
use submission::KeyCheckValue;
use zeroize::Zeroizing;

use super::fault::KeyFault;
use super::identity::{Identity, Recipient};
use super::{age, file};
use crate::error::{Error, shown};
use crate::new_file::{PRIVATE, free};

/// A linkage key wrapped for one department.
pub struct Wrapped {
    /// Whose file was given.
    pub recipient: Recipient,
    /// The encrypted file; may travel by mail.
    pub file: PathBuf,
}

/// Derives the linkage key of a project and epoch from the custodian's master key.
///
/// # Errors
/// [`Error::KeyForm`], [`Error::Key`] or [`Error::KeyPermissions`] for the master key's file,
/// [`Error::Exists`] where `output` is taken.
pub fn derive(master: &Path, project: &Name, epoch: &Name, output: &Path) -> Result<(), Error> {
    file::place(output, PRIVATE, derived(master, project, epoch)?.as_bytes())
}

/// As [`derive`], for the epoch after the one of `previous`.
///
/// # Errors
/// As [`derive`], and [`KeyFault::SameKey`] where both epochs would have one key.
pub fn rotate(
    master: &Path,
    project: &Name,
    epoch: &Name,
    previous: &Path,
    output: &Path,
) -> Result<(), Error> {
    let old = linkage_text(previous)?;
    let new = derived(master, project, epoch)?;
    if old.trim_end() == new.trim_end() {
        return Err(fault(previous, KeyFault::SameKey));
    }
    file::place(output, PRIVATE, new.as_bytes())
}

/// Wraps a linkage key to each recipient, in a file of its own: `FOLDER/<name of the recipient's
/// file>.age`. Either all are written or none.
///
/// # Errors
/// [`Error::Key`] for a file that is no public key or names one twice, [`Error::Exists`] where a
/// file of that name is there.
pub fn wrap(
    key: &Path,
    recipients: &[PathBuf],
    folder: &Path,
    random: &dyn SecureRandom,
) -> Result<Vec<Wrapped>, Error> {
    let secret = linkage_text(key)?;
    let (mut sealed, mut names) = (Vec::with_capacity(recipients.len()), BTreeSet::new());
    for path in recipients {
        let recipient = Recipient::from_file_text(&file::read_public(path)?)
            .map_err(|reason| fault(path, reason))?;
        let output = folder.join(wrapped_name(path));
        let again = sealed.iter().any(|(wrapped, _): &(Wrapped, _)| wrapped.recipient == recipient);
        if again {
            return Err(fault(path, KeyFault::RecipientTwice));
        }
        free(&output)?;
        if !names.insert(output.clone()) {
            return Err(Error::Exists { path: shown(&output) });
        }
        let bytes = age::seal(secret.as_bytes(), &recipient, random);
        sealed.push((
            Wrapped { recipient, file: output },
            bytes.map_err(|reason| fault(path, reason))?,
        ));
    }
    if !folder.is_dir() {
        DirBuilder::new().mode(0o700).create(folder).map_err(|e| Error::write(folder, &e))?;
    }
    for (wrapped, bytes) in &sealed {
        file::place(&wrapped.file, PRIVATE, bytes).inspect_err(|_| {
            for (before, _) in sealed.iter().take_while(|(other, _)| other.file != wrapped.file) {
                let _ = std::fs::remove_file(&before.file);
            }
        })?;
    }
    Ok(sealed.into_iter().map(|(wrapped, _)| wrapped).collect())
}

/// Unwraps the linkage key that the custodian wrapped to this department.
///
/// # Errors
/// [`Error::Key`] that says whether the file is of another kind, for another department or
/// altered; [`Error::KeyPermissions`] where others may read the identity.
pub fn unwrap(identity: &Path, input: &Path, output: &Path) -> Result<(), Error> {
    let own = Identity::from_file_text(&file::read_private(identity)?)
        .map_err(|reason| fault(identity, reason))?;
    let sealed = file::read_bytes(input, age::MOST_BYTES)?;
    if sealed.len() as u64 > age::MOST_BYTES {
        return Err(fault(input, KeyFault::NotWrapped));
    }
    let opened = age::open(&sealed, &own).map_err(|reason| fault(input, reason))?;
    let text = std::str::from_utf8(&opened).unwrap_or_default();
    if LinkageKey::from_file_text(text).is_err() {
        return Err(fault(input, KeyFault::OtherContent));
    }
    file::place(output, PRIVATE, &opened)
}

/// The key-check value of a linkage key under a schema, for the custodian: what is registered
/// when the epoch opens, and what each department's `check` shows.
///
/// # Errors
/// As [`super::read_linkage`], and [`Error::Encoder`] where this program lacks the schema's rules.
pub fn check_value(key: &Path, schema: &LinkageSchema) -> Result<KeyCheckValue, Error> {
    let key = super::read_linkage(key)?;
    let encoder = Encoder::new(schema, &key).map_err(|e| Error::Encoder(e.to_string()))?;
    Ok(encoder.key_check_value())
}

fn derived(master: &Path, project: &Name, epoch: &Name) -> Result<Zeroizing<String>, Error> {
    let text = file::read_private(master)?;
    let key = MasterKey::from_file_text(&text).map_err(|e| super::refused(master, "master", &e))?;
    key.derive(project, epoch).map_err(|e| Error::Encoder(e.to_string()))
}

/// The text of a linkage key file, once it is known to hold a linkage key.
fn linkage_text(path: &Path) -> Result<Zeroizing<String>, Error> {
    let text = file::read_private(path)?;
    let read: Result<LinkageKey, EncodeError> = LinkageKey::from_file_text(&text);
    read.map_err(|e| super::refused(path, "linkage", &e))?;
    Ok(text)
}

/// `keys/jugendamt.key.pub` → `jugendamt.age`.
fn wrapped_name(recipient: &Path) -> String {
    let name = recipient.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".pub").unwrap_or(&name);
    format!("{}.age", stem.strip_suffix(".key").unwrap_or(stem))
}

fn fault(path: &Path, reason: KeyFault) -> Error {
    Error::Key { path: shown(path), reason }
}
