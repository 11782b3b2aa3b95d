//! From files to checked rules.

use std::collections::BTreeMap;
use std::str::FromStr;

use cedar_policy::{Authorizer, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use jiff::civil::Date;

use super::decide::Words;
use super::place::{fault, line_of, rule_lines};
use super::{Asker, Fault, Note, Rules};
use crate::{Action, Role};

/// The one schema of a folder.
const SCHEMA: &str = "milchglas.cedarschema";

/// The shipped schema: what this program asks.
const BUILT_IN: &str = include_str!("../../../../policies/access/milchglas.cedarschema");

impl Rules {
    /// Reads the files of `policies/access/`, by name: any number of `*.cedar`, and the schema
    /// `milchglas.cedarschema`, which is the shipped one where it is missing. No file at all are
    /// rules that permit nothing.
    ///
    /// # Errors
    /// Every [`Fault`] that was found, with file and line.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        let schema = read_schema(schema_text(files)?)?;
        let (mut policies, mut notes, mut faults) = (PolicySet::new(), BTreeMap::new(), Vec::new());
        for (file, text) in files.iter().filter(|(name, _)| *name != SCHEMA) {
            read_file(file, text, (&mut policies, &mut notes), &mut faults);
        }
        validate(&schema, &policies, &notes, files, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let schema_fault = |reason: String| vec![Fault { file: SCHEMA.into(), line: 1, reason }];
        let actions = schema.action_entities().map_err(|e| schema_fault(e.to_string()))?;
        let words = Words::new().map_err(schema_fault)?;
        let rules = Self { policies, schema, authorizer: Authorizer::new(), actions, words, notes };
        rules.knows_every_word().map_err(schema_fault)?;
        rules.reads_no_record()?;
        Ok(rules)
    }

    /// As [`Rules::read`], for rules that were approved under an earlier version of the program:
    /// their own schema may lack an action that exists today, so the shipped one is used. What they
    /// do not name they do not permit.
    ///
    /// # Errors
    /// As [`Rules::read`].
    pub fn read_earlier(files: &BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        let rules = files.iter().filter(|(name, _)| *name != SCHEMA);
        Self::read(&rules.map(|(name, text)| (name.clone(), text.clone())).collect())
    }

    /// Rules that permit nothing.
    ///
    /// # Errors
    /// [`Fault`], which the program's own schema does not give.
    pub fn nothing() -> Result<Self, Vec<Fault>> {
        Self::read(&BTreeMap::new())
    }

    /// Single records are given to nobody; rules under which somebody could have them are refused
    /// as a whole. This tries every role; it is no proof for every request.
    fn reads_no_record(&self) -> Result<(), Vec<Fault>> {
        let day = Date::MIN;
        let project = policy::Name::new("p").map_err(|_| Vec::new())?;
        let other = policy::Name::new("q").map_err(|_| Vec::new())?;
        let mut found = Vec::new();
        for role in Role::ALL {
            for place in [&project, &other] {
                let asker = Asker { name: &project, role, project: &project };
                for id in self.permitting(&asker, Action::ReadRecord, place, None, day) {
                    if let Some(note) = self.notes.get(&id) {
                        found.push(Fault {
                            file: note.file.clone(),
                            line: note.line,
                            reason: format!(
                                "rule `{}` would give single records to `{}`; nobody may have them",
                                note.id,
                                role.word()
                            ),
                        });
                    }
                }
            }
        }
        found.dedup();
        if found.is_empty() { Ok(()) } else { Err(found) }
    }
}

fn schema_text(files: &BTreeMap<String, String>) -> Result<&str, Vec<Fault>> {
    let other = files.keys().find(|name| *name != SCHEMA && !name.ends_with(".cedar"));
    if let Some(file) = other {
        let reason = format!("only {SCHEMA} and *.cedar belong here; remove it");
        return Err(vec![Fault { file: file.clone(), line: 1, reason }]);
    }
    Ok(files.get(SCHEMA).map_or(BUILT_IN, String::as_str))
}

fn read_schema(text: &str) -> Result<Schema, Vec<Fault>> {
    let (schema, warnings) =
        Schema::from_cedarschema_str(text).map_err(|e| vec![fault(SCHEMA, text, &e)])?;
    let warnings: Vec<Fault> = warnings
        .map(|own| Fault { file: SCHEMA.into(), line: 1, reason: own.to_string() })
        .collect();
    if warnings.is_empty() { Ok(schema) } else { Err(warnings) }
}

fn read_file(
    file: &str,
    text: &str,
    (policies, notes): (&mut PolicySet, &mut BTreeMap<PolicyId, Note>),
    faults: &mut Vec<Fault>,
) {
    let parsed = match PolicySet::from_str(text) {
        Ok(parsed) => parsed,
        Err(errors) => {
            faults.extend(errors.iter().map(|error| fault(file, text, error)));
            return;
        }
    };
    if parsed.templates().next().is_some() {
        let line = text.find('?').map_or(1, |offset| line_of(text, offset));
        let reason = "templates are not used here; write the rule out".into();
        faults.push(Fault { file: file.into(), line, reason });
        return;
    }
    let lines = rule_lines(text);
    for policy in parsed.policies() {
        // Cedar numbers the rules of a text from `policy0` on.
        let number = policy.id().to_string();
        let number = number.strip_prefix("policy").and_then(|own| own.parse::<usize>().ok());
        let line = number.and_then(|own| lines.get(own)).copied().unwrap_or(1);
        match Note::of(policy, file, line) {
            Err(fault) => faults.push(fault),
            Ok(note) => {
                let id = PolicyId::new(&note.id);
                if policies.add(policy.new_id(id.clone())).is_err() {
                    let reason = format!("`{}` exists twice; name each rule once", note.id);
                    faults.push(Fault { file: file.into(), line, reason });
                }
                notes.insert(id, note);
            }
        }
    }
}

fn validate(
    schema: &Schema,
    policies: &PolicySet,
    notes: &BTreeMap<PolicyId, Note>,
    files: &BTreeMap<String, String>,
    faults: &mut Vec<Fault>,
) {
    let found = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let mut add = |id: &PolicyId, what: &dyn miette::Diagnostic| {
        let note = notes.get(id);
        let file = note.map_or("", |note| &note.file);
        let text = files.get(file).map_or("", String::as_str);
        let mut own = fault(file, text, what);
        if what.labels().is_none() {
            own.line = note.map_or(1, |note| note.line);
        }
        faults.push(own);
    };
    found.validation_errors().for_each(|error| add(error.policy_id(), error));
    found.validation_warnings().for_each(|warning| add(warning.policy_id(), warning));
}
