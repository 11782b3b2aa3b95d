//! Cases beside the policies: a request and how it must be decided.

use std::fs;
use std::path::Path;

use access::{Action, Asker, ProposalKind, Role};
use policy::{Name, TestFile, TestedAccess, TestedQuestion};

use super::folder::line;
use super::{Folder, Place};

/// All files of `policies/tests/`, with their texts.
#[derive(Default)]
pub(crate) struct Cases(Vec<(String, String, TestFile)>);

/// A case that is decided otherwise than it says.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) reason: String,
}

pub(super) fn read(folder: &Path) -> Result<Cases, Vec<Place>> {
    let mut files = Vec::new();
    let fault = |file: &Path, line, reason: String| {
        vec![Place { file: file.display().to_string(), line, reason }]
    };
    if !folder.exists() {
        return Ok(Cases::default());
    }
    let entries = fs::read_dir(folder).map_err(|e| fault(folder, 1, e.to_string()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|own| own == "toml"));
    paths.sort();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|e| fault(&path, 1, e.to_string()))?;
        let file: TestFile = toml::from_str(&text).map_err(|error| {
            let reason = error.to_string();
            fault(&path, line(&text, &reason), reason.trim_end().to_owned())
        })?;
        files.push((path.display().to_string(), text, file));
    }
    Ok(Cases(files))
}

impl Cases {
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|(_, _, file)| file.access.len() + file.question.len()).sum()
    }

    /// Runs every case.
    pub(crate) fn failed(&self, folder: &Folder) -> Vec<Failed> {
        let mut failed = Vec::new();
        for (file, text, cases) in &self.0 {
            let mut add = |case: &str, reason: String| {
                let quoted = format!("`{case}`");
                failed.push(Failed {
                    file: file.clone(),
                    line: line(text, &quoted),
                    reason: format!("case {quoted}: {reason}"),
                });
            };
            for own in &cases.access {
                if let Err(reason) = access(folder, own) {
                    add(&own.case, reason);
                }
            }
            for own in &cases.question {
                if let Err(reason) = question(folder, own) {
                    add(&own.case, reason);
                }
            }
        }
        failed
    }
}

fn access(folder: &Folder, own: &TestedAccess) -> Result<(), String> {
    let role = Role::ALL.into_iter().find(|role| role.word() == own.who);
    let role = role.ok_or_else(|| format!("there is no role `{}`", own.who))?;
    let action = Action::ALL.into_iter().find(|action| action.word() == own.action);
    let action = action.ok_or_else(|| format!("there is no action `{}`", own.action))?;
    let kind = match &own.kind {
        Some(word) => {
            Some(ProposalKind::of_word(word).ok_or_else(|| format!("there is no kind `{word}`"))?)
        }
        None => None,
    };
    let name = |text: &str| Name::new(text).map_err(|e| e.to_string());
    let (who, home) = (name("somebody")?, name("own")?);
    let place = if own.elsewhere { name("other")? } else { home.clone() };
    let asker = Asker { name: &who, role, project: &home };
    let because = folder.rules.because(&asker, action, &place, kind, own.on);
    let any = action.has_kind() && kind.is_none();
    let allowed =
        !because.is_empty() || (any && folder.rules.permits(&asker, action, &place, None, own.on));
    if allowed == own.allow {
        return Ok(());
    }
    let by = if because.is_empty() { String::new() } else { format!(" by {}", because.join(", ")) };
    Err(format!("is {}{by}", if allowed { "permitted" } else { "refused" }))
}

fn question(folder: &Folder, own: &TestedQuestion) -> Result<(), String> {
    let decided = decide(folder, own);
    match (&decided, own.allow) {
        (Ok(()), true) | (Err(_), false) => Ok(()),
        (Ok(()), false) => Err("is answered".into()),
        (Err(why), true) => Err(format!("is refused: {why}")),
    }
}

/// Whether a purpose answers an indicator under a grouping on a day at that price.
pub(super) fn decide(folder: &Folder, own: &TestedQuestion) -> Result<(), String> {
    let purpose = folder.set.purposes.get(&own.purpose);
    let purpose = purpose.ok_or_else(|| format!("no purpose `{}`", own.purpose))?;
    if own.on > purpose.expires {
        return Err(format!("`{}` ended on {}", purpose.id, purpose.expires));
    }
    let indicator = purpose.indicator(&own.indicator).map_err(|e| e.to_string())?;
    let query = indicator.grouped(own.group_by.as_deref()).map_err(|e| e.to_string())?;
    purpose.plan(&query, &folder.set.catalogue).map_err(|e| e.to_string())?;
    match own.rho_nano {
        Some(rho) if rho > indicator.most() => {
            Err(format!("`{}` costs at most {}", indicator.id, indicator.most()))
        }
        _ => Ok(()),
    }
}
