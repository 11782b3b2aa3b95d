//! The local list of people who object: it drops them before anything is encoded.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use encoder::normalise;
use policy::Identifier;

use crate::error::{Error, ListFault, shown};
use crate::keys;
use crate::spelling::fold;

/// Most bytes of a line.
const LINE: usize = 1024;

/// Lines of a list that a person wrote, with their numbers; empty lines and `#` left out.
pub(crate) fn lines(path: &Path) -> Result<Vec<(u64, String)>, Error> {
    let file = keys::open_private(path)?;
    let mut reader = BufReader::new(file.take(64 << 20));
    let mut found = Vec::new();
    let mut number = 0;
    loop {
        let mut line = Vec::new();
        let limit = LINE as u64 + 2;
        let read = reader.by_ref().take(limit).read_until(b'\n', &mut line);
        if read.map_err(|e| Error::read(path, &e))? == 0 {
            return Ok(found);
        }
        number += 1;
        let fault = |reason| Error::List { path: shown(path), line: number, reason };
        if line.len() > LINE {
            return Err(fault(ListFault::TooLong));
        }
        let text = String::from_utf8(line).map_err(|_| fault(ListFault::Form))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() && !text.starts_with('#') {
            found.push((number, text.to_owned()));
        }
    }
}

/// Cases and people that are dropped. Stays in the department.
pub struct Objections {
    cases: HashSet<String>,
    people: HashMap<(String, u16, u8, u8), Vec<Vec<String>>>,
}

impl Objections {
    /// Reads a list: per line a case number, or `surname;given names;date of birth`.
    ///
    /// # Errors
    /// [`Error::KeyPermissions`] where others may read the file, [`Error::List`] with the line.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut list = Self { cases: HashSet::new(), people: HashMap::new() };
        for (line, text) in lines(path)? {
            let fault = |reason| Error::List { path: shown(path), line, reason };
            let parts: Vec<&str> = text.split(';').map(str::trim).collect();
            match parts.as_slice() {
                [case] => drop(list.cases.insert((*case).to_owned())),
                [surname, given, birth] => {
                    let birth = normalise::date(birth).map_err(|_| fault(ListFault::Date))?;
                    let key = key(surname, &birth).ok_or_else(|| fault(ListFault::Date))?;
                    let given = words(given);
                    if key.0.is_empty() || given.is_empty() {
                        return Err(fault(ListFault::Form));
                    }
                    list.people.entry(key).or_default().push(given);
                }
                _ => return Err(fault(ListFault::Form)),
            }
        }
        Ok(list)
    }

    /// Whether the list names this case.
    pub(crate) fn names_case(&self, case: &str) -> bool {
        self.cases.contains(case)
    }

    /// Whether the list names the person; one of the given names that the list tells suffices.
    pub(crate) fn names_person<'c>(&self, cell: impl Fn(Identifier) -> Option<&'c str>) -> bool {
        if self.people.is_empty() {
            return false;
        }
        let Some(Ok(birth)) = cell(Identifier::DateOfBirth).map(normalise::date) else {
            return false;
        };
        let given = words(cell(Identifier::GivenNames).unwrap_or_default());
        [Identifier::Surname, Identifier::BirthName].into_iter().any(|which| {
            let listed = key(cell(which).unwrap_or_default(), &birth);
            let listed = listed.and_then(|key| self.people.get(&key));
            listed.is_some_and(|all| {
                all.iter().any(|names| names.iter().any(|name| given.contains(name)))
            })
        })
    }
}

fn key(surname: &str, birth: &normalise::PartialDate) -> Option<(String, u16, u8, u8)> {
    Some((fold(surname), birth.year?, birth.month?, birth.day?))
}

fn words(names: &str) -> Vec<String> {
    let words = names.split(|letter: char| letter.is_whitespace() || letter == '-').map(fold);
    words.filter(|word| !word.is_empty()).collect()
}
