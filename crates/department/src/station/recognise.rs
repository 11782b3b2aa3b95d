//! Which mapping a file belongs to: by its header, and by its name where several fit.

use std::path::Path;

use super::folders::{Place, kind};
use super::journal::{Plan, Rejection};
use super::mappings::{Known, Mappings};
use super::words;
use crate::error::Error;
use crate::source::Source;
use crate::spelling::fold;

/// Most columns that a report names.
const NAMED: usize = 20;
/// Longest column name that a report shows, in characters.
const LETTERS: usize = 40;

/// What a file turned out to be.
pub(super) enum Recognised {
    As(Plan),
    Not(Rejection),
    /// Nobody can tell as long as a mapping is broken.
    Unclear(Error),
}

/// Finds the mapping of a private copy whose file was called `name`.
///
/// # Errors
/// As [`Source::open`], where no mapping's way of reading opens the file.
pub(super) fn recognise(
    mappings: Mappings,
    place: Place,
    name: &str,
    copy: &Path,
) -> Result<Recognised, Error> {
    if place == Place::Withdrawals {
        return Ok(of_withdrawals(mappings, name));
    }
    if kind(name).is_none() {
        return Ok(Recognised::Not(words::unknown_kind()));
    }
    let mut fits = Vec::new();
    let mut nearest: Option<(usize, Differs)> = None;
    let mut fault = None;
    for known in &mappings.good {
        // Which row is the header, and of which sheet, depends on the columns that are looked for.
        let source = match Source::open(copy, &known.mapping.source_settings()) {
            Ok(source) => source,
            Err(error) => {
                fault.get_or_insert(error);
                continue;
            }
        };
        let differs = Differs::of(known, source.header());
        if differs.is_none() {
            fits.push(known);
        } else if differs.known > 0 {
            let distance = differs.distance();
            if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
                nearest = Some((distance, differs));
            }
        }
    }
    match (fits.as_slice(), nearest) {
        ([one], _) => Ok(Recognised::As(plan(one))),
        ([_, _, ..], _) => Ok(match by_name(&fits, name) {
            Some(one) => Recognised::As(plan(one)),
            None => Recognised::Not(words::several_fit(&names(&fits))),
        }),
        ([], nearest) => {
            if let Some(broken) = mappings.broken.into_iter().next() {
                return Ok(Recognised::Unclear(broken));
            }
            match (nearest, fault) {
                (Some((_, differs)), _) => Ok(Recognised::Not(differs.rejection())),
                (None, Some(fault)) => Err(fault),
                (None, None) => Ok(Recognised::Not(words::no_header())),
            }
        }
    }
}

fn plan(known: &Known) -> Plan {
    Plan { mapping: known.name.clone(), dataset: known.mapping.dataset.clone() }
}

fn names(fits: &[&Known]) -> Vec<String> {
    fits.iter().map(|known| known.name.clone()).collect()
}

/// A list of case numbers has no header: its name, or that there is only one mapping, tells.
fn of_withdrawals(mappings: Mappings, name: &str) -> Recognised {
    if !matches!(kind(name), Some("txt" | "csv")) {
        return Recognised::Not(words::list_kind());
    }
    let with_case: Vec<&Known> =
        mappings.good.iter().filter(|known| known.mapping.case.is_some()).collect();
    let found = match with_case.as_slice() {
        [one] => Some(*one),
        all => by_name(all, name),
    };
    match found {
        Some(known) => Recognised::As(plan(known)),
        None => match mappings.broken.into_iter().next() {
            Some(broken) => Recognised::Unclear(broken),
            None => Recognised::Not(words::list_of_what(&names(&with_case))),
        },
    }
}

/// The only mapping that the file's name tells: by its own name, else by its dataset's.
fn by_name<'m>(fits: &[&'m Known], name: &str) -> Option<&'m Known> {
    let words = words_of(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
    let tells = |wanted: &str| {
        let wanted = words_of(wanted);
        !wanted.is_empty() && words.windows(wanted.len()).any(|part| part == wanted)
    };
    let only = |test: &dyn Fn(&Known) -> bool| {
        let mut found = fits.iter().copied().filter(|known| test(known));
        found.next().filter(|_| found.next().is_none())
    };
    only(&|known| tells(&known.name))
        .or_else(|| only(&|known| tells(known.mapping.dataset.as_str())))
}

/// The words of a file name, folded: `SGB2_Nov-2026` → `sgb2`, `nov`, `2026`.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).map(fold);
    words.filter(|word| !word.is_empty()).collect()
}

/// How a header differs from a mapping.
struct Differs {
    mapping: String,
    missing: Vec<String>,
    unknown: Vec<String>,
    known: usize,
}

impl Differs {
    fn of(known: &Known, header: &[String]) -> Self {
        let columns = &known.mapping.columns;
        let unknown: Vec<String> =
            header.iter().filter(|name| !columns.contains_key(*name)).cloned().collect();
        Self {
            mapping: known.name.clone(),
            missing: columns.keys().filter(|name| !header.contains(name)).cloned().collect(),
            known: header.len() - unknown.len(),
            unknown,
        }
    }

    fn is_none(&self) -> bool {
        self.missing.is_empty() && self.unknown.is_empty()
    }

    fn distance(&self) -> usize {
        self.missing.len() + self.unknown.len()
    }

    fn rejection(self) -> Rejection {
        // Where few names are known, the first line may be a person: it is not shown.
        let shown = self.known >= self.unknown.len();
        let unknown = if shown { shortened(self.unknown) } else { Vec::new() };
        words::none_fits(&self.mapping, shortened(self.missing), unknown, shown)
    }
}

fn shortened(mut names: Vec<String>) -> Vec<String> {
    let rest = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    for name in &mut names {
        if name.chars().count() > LETTERS {
            *name = name.chars().take(LETTERS).chain(['…']).collect();
        }
    }
    if rest > 0 {
        names.push(format!("und {rest} weitere"));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Mapping;

    fn known(name: &str, dataset: &str, columns: &str) -> Known {
        let text = format!(
            "version = 1\ndataset = \"{dataset}\"\nwhole_period = true\ncase = \"az\"\n[columns]\n\
             n = {{ role = \"identifier\", identifier = \"surname\" }}\n\
             az = {{ role = \"secret\" }}\n{columns}"
        );
        Known { name: name.into(), mapping: Mapping::from_toml(&text, name).unwrap() }
    }

    fn ask(known: Vec<Known>, place: Place, name: &str, text: &str) -> Recognised {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.csv");
        std::fs::write(&copy, text).unwrap();
        let mappings = Mappings { good: known, broken: Vec::new() };
        recognise(mappings, place, name, &copy).unwrap()
    }

    fn two() -> Vec<Known> {
        vec![
            known("kita", "kita", "k = { role = \"ignore\" }"),
            known("hze", "hze", "h = { role = \"ignore\" }"),
        ]
    }

    fn name_of(recognised: &Recognised) -> &str {
        match recognised {
            Recognised::As(plan) => &plan.mapping,
            Recognised::Not(rejection) => &rejection.code,
            Recognised::Unclear(_) => "unclear",
        }
    }

    #[test]
    fn a_header_fits_exactly_or_the_nearest_mapping_is_named() {
        let fits = ask(two(), Place::Inbox, "x.csv", "az;k;n\n1;2;3\n");
        assert_eq!(name_of(&fits), "kita");
        let Recognised::Not(rejection) = ask(two(), Place::Inbox, "x.csv", "az;n;h;neu\n1;2;3;4\n")
        else {
            unreachable!()
        };
        assert_eq!(rejection.nearest.as_deref(), Some("hze"));
        assert_eq!((rejection.missing.len(), rejection.unknown), (0, vec!["neu".to_owned()]));
        let none = ask(two(), Place::Inbox, "x.csv", "Kanariski;Lea\n1;2\n");
        assert_eq!(name_of(&none), "no-header");
    }

    #[test]
    fn a_first_line_that_may_be_a_person_is_not_shown() {
        let Recognised::Not(rejection) =
            ask(two(), Place::Inbox, "x.csv", "n;Kanariski;Lea;Dieburg\n1;2;3;4\n")
        else {
            unreachable!()
        };
        assert!(rejection.unknown.is_empty());
        assert!(!serde_json::to_string(&rejection).unwrap().contains("Kanariski"));
    }

    #[test]
    fn where_several_fit_the_file_name_decides() {
        let twins = || vec![known("kita", "kita", ""), known("hze", "hze", "")];
        let ask = |name: &str| ask(twins(), Place::Inbox, name, "az;n\n1;2\n");
        for (name, expected) in [
            ("HzE 2026.csv", "hze"),
            ("2026_kita_neu.csv", "kita"),
            ("auszug.csv", "several-fit"),
            ("kitas.csv", "several-fit"),
            ("kita-hze.csv", "several-fit"),
        ] {
            assert_eq!(name_of(&ask(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_list_of_cases_is_told_by_its_name() {
        for (name, expected) in [
            ("kita.txt", "kita"),
            ("Löschung HzE.TXT", "hze"),
            ("liste.txt", "list-of-what"),
            ("kita.xlsx", "list-kind"),
        ] {
            assert_eq!(name_of(&ask(two(), Place::Withdrawals, name, "1\n")), expected, "{name}");
        }
        let one = vec![known("kita", "kita", "")];
        assert_eq!(name_of(&ask(one, Place::Withdrawals, "liste.txt", "1\n")), "kita");
    }
}
