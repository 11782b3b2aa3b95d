//! Public keys and digests of tokens into the configurations that wait for them.
//!
//! Everybody makes their own secret and lays its public part into one folder; nobody copies digits
//! by hand, and no secret is read here.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::UnitConfig;

/// Where public parts are laid.
pub(super) const PUBLIC: &str = "oeffentlich";
const MARK: &str = "\"EINTRAGEN oeffentlich/";

/// What stands in a configuration until a public part is there.
pub(super) fn mark(file: &str) -> String {
    format!("{MARK}{file}\"")
}

/// What was entered and what is still missing.
#[derive(Debug, Serialize)]
pub(crate) struct Entered {
    /// How many places were filled.
    pub(crate) filled: usize,
    /// Files that are not there yet.
    pub(crate) missing: BTreeSet<String>,
}

/// Fills the configurations of a folder that `milchglas init` wrote.
///
/// # Errors
/// Names a public part of another form, a configuration that cannot be written, or one that no unit
/// would start with although nothing is missing.
pub(crate) fn enter(folder: &Path) -> anyhow::Result<Entered> {
    let mut entered = Entered { filled: 0, missing: BTreeSet::new() };
    for path in configurations(folder)? {
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let (new, filled) = filled(folder, &text, &mut entered.missing)?;
        if filled > 0 {
            replace(&path, &new)?;
            entered.filled += filled;
        }
    }
    if entered.missing.is_empty() {
        for unit in ["verknuepfungsstelle", "statistikstelle"] {
            let config = UnitConfig::read(&folder.join(unit).join("unit.toml"))?;
            access::Registry::new(config.identities)
                .with_context(|| format!("in {unit}/unit.toml"))?;
        }
    }
    Ok(entered)
}

fn configurations(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = ["verknuepfungsstelle", "statistikstelle"]
        .map(|own| folder.join(own).join("unit.toml"))
        .into();
    let departments = folder.join("aemter");
    let entries = fs::read_dir(&departments).with_context(|| {
        format!(
            "cannot read {}: is {} a folder that `milchglas init` wrote?",
            departments.display(),
            folder.display()
        )
    })?;
    for entry in entries {
        paths.push(entry?.path().join("department.toml"));
    }
    paths.sort();
    Ok(paths)
}

fn filled(
    folder: &Path,
    text: &str,
    missing: &mut BTreeSet<String>,
) -> anyhow::Result<(String, usize)> {
    let (mut new, mut count, mut rest) = (String::with_capacity(text.len()), 0, text);
    while let Some((before, after)) = rest.split_once(MARK) {
        let Some((file, behind)) = after.split_once('"') else { break };
        new.push_str(before);
        match public(folder, file)? {
            Some(digits) => {
                new.push_str(&format!("\"{digits}\""));
                count += 1;
            }
            None => {
                missing.insert(format!("{PUBLIC}/{file}"));
                new.push_str(&mark(file));
            }
        }
        rest = behind;
    }
    new.push_str(rest);
    Ok((new, count))
}

/// The 64 hexadecimal digits of a public part; none where it is not there.
fn public(folder: &Path, file: &str) -> anyhow::Result<Option<String>> {
    if file.contains('/') || file.starts_with('.') {
        bail!("`{file}` is no file of the folder {PUBLIC}");
    }
    let path = folder.join(PUBLIC).join(file);
    let opened = match fs::File::open(&path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut text = String::new();
    opened
        .take(1_024)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let digits = text.trim();
    if digits.len() != 64 || !digits.bytes().all(|own| own.is_ascii_hexdigit()) {
        bail!(
            "{} does not hold 64 hexadecimal digits: lay what the program printed there, a public \
             key or the SHA-256 of a token, and never the secret itself",
            path.display()
        );
    }
    Ok(Some(digits.to_ascii_lowercase()))
}

/// A configuration is whole or as it was.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    let shown = path.display();
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write beside {shown}"))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(path)?.permissions())?;
    file.persist(path).with_context(|| format!("cannot write {shown}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_entered_and_what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(PUBLIC)).unwrap();
        let lay = |name: &str, text: &str| {
            fs::write(folder.path().join(PUBLIC).join(name), text).unwrap();
        };
        lay("a.pub", &format!("{}\n", "Ab".repeat(32)));
        let text = format!("x = {}\ny = {}\n", mark("a.pub"), mark("b.pub"));
        let mut missing = BTreeSet::new();
        let (new, count) = filled(folder.path(), &text, &mut missing).unwrap();
        assert_eq!(new, format!("x = \"{}\"\ny = {}\n", "ab".repeat(32), mark("b.pub")));
        assert_eq!((count, missing.len()), (1, 1));
        lay("b.pub", "milchglas-signing-key-1 00ff");
        let error = filled(folder.path(), &text, &mut missing).unwrap_err().to_string();
        assert!(error.contains("never the secret"), "{error}");
        assert!(public(folder.path(), "../a.pub").is_err());
    }
}
