//! The compact tables of `tables/`, parsed once; their origin stands in `tables/SOURCES.md`.

use super::draw::Weighted;
use super::settings::CountyError;

/// A municipality with its population and the ways to write it.
pub struct Municipality {
    /// Municipality key (AGS), 8 digits.
    pub ags: &'static str,
    /// Name as the county writes it.
    pub name: &'static str,
    /// Name with its designation, for instance `Dieburg, Stadt`.
    pub official_name: &'static str,
    /// Residents (GV100AD).
    pub population: u32,
    /// Postcodes, the town hall's first.
    pub postcodes: Vec<&'static str>,
    /// Names of localities that belong to it; may be empty.
    pub localities: Vec<&'static str>,
    /// Streets that were seen there.
    pub(super) streets: Vec<&'static str>,
}

/// Where names come from; each origin has its own lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    German,
    Turkish,
    Polish,
    Arabic,
}

/// Lists of one origin without counts: surnames, male and female given names.
#[derive(Default)]
pub(super) struct NameList {
    pub(super) surnames: Vec<&'static str>,
    pub(super) male: Vec<&'static str>,
    pub(super) female: Vec<&'static str>,
}

/// How a household is put together at the start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrangement {
    /// 0 alone, 1-3 married, 4-6 cohabiting, 7 single father, 8 single mother.
    pub(super) kind: u8,
    pub(super) children: u8,
}

impl Arrangement {
    /// Number of people.
    pub(super) const fn size(self) -> u32 {
        self.children as u32 + if matches!(self.kind, 1..=6) { 2 } else { 1 }
    }
}

/// Everything the generator knows about the world outside.
pub struct Tables {
    /// The 48 municipalities, by key.
    pub municipalities: Vec<Municipality>,
    /// Town spellings seen with the counties' postcodes: town, postcode, AGS.
    pub spellings: Vec<(&'static str, &'static str, &'static str)>,
    pub(super) surnames: Weighted<&'static str>,
    /// By sex (0 male, 1 female) and decade of birth from 1900.
    pub(super) given: [Vec<Weighted<&'static str>>; 2],
    pub(super) others: [NameList; 3],
    pub(super) short_forms: Vec<(&'static str, &'static str)>,
    pub(super) streets: Weighted<&'static str>,
    pub(super) ocr: Vec<(&'static str, &'static str)>,
    pub(super) arrangements: Weighted<Arrangement>,
    /// By arrangement kind 1-6: lower bound of the elder partner's age group.
    pub(super) couple_age: Vec<Weighted<u8>>,
    pub(super) single_age: Weighted<u8>,
    /// Per mille who live with their parents by age from 14; male, female.
    pub(super) at_home: [Vec<u32>; 2],
    pub(super) first_birth: Weighted<u8>,
    /// Years to the 2nd, 3rd and 4th child.
    pub(super) spacing: Vec<Weighted<u8>>,
    pub(super) spouse_difference: Weighted<u8>,
    pub(super) marriage_name: Weighted<u8>,
    /// Age groups of Hesse: from, below, male, female.
    pub pyramid: Vec<(u8, u8, u32, u32)>,
}

/// A table as lines of `;`-separated cells without the header.
struct Source {
    name: &'static str,
    text: &'static str,
}

impl Source {
    fn broken(&self, line: usize) -> CountyError {
        CountyError::Table { table: self.name, line }
    }

    /// Every line with exactly `N` cells.
    fn rows<const N: usize>(&self) -> Result<Vec<[&'static str; N]>, CountyError> {
        let lines = self.text.lines().enumerate().skip(1);
        lines
            .map(|(at, line)| {
                let cells: Vec<_> = line.split(';').collect();
                cells.try_into().map_err(|_| self.broken(at + 1))
            })
            .collect()
    }

    fn number<T: std::str::FromStr>(&self, at: usize, cell: &str) -> Result<T, CountyError> {
        cell.parse().map_err(|_| self.broken(at + 2))
    }

    fn weighted<T: Copy>(
        &self,
        items: impl IntoIterator<Item = (T, u64)>,
    ) -> Result<Weighted<T>, CountyError> {
        Weighted::new(items).ok_or_else(|| self.broken(1))
    }
}

macro_rules! source {
    ($name:literal) => {
        Source { name: $name, text: include_str!(concat!("../../tables/", $name)) }
    };
}

/// The family facts: fact, kind, value, count.
struct Facts {
    source: Source,
    rows: Vec<(&'static str, &'static str, u8, u64)>,
}

impl Facts {
    fn load() -> Result<Self, CountyError> {
        let source = source!("families.csv");
        let mut rows = Vec::new();
        for (at, [fact, kind, value, count]) in source.rows()?.into_iter().enumerate() {
            rows.push((fact, kind, source.number(at, value)?, source.number(at, count)?));
        }
        Ok(Self { source, rows })
    }

    fn of(&self, fact: &str, kind: &str) -> impl Iterator<Item = (u8, u64)> {
        let rows = self.rows.iter().filter(move |row| row.0 == fact && row.1 == kind);
        rows.map(|&(_, _, value, count)| (value, count))
    }

    fn weighted(&self, fact: &str, kind: &str) -> Result<Weighted<u8>, CountyError> {
        self.source.weighted(self.of(fact, kind))
    }

    fn arrangements(&self) -> Result<Weighted<Arrangement>, CountyError> {
        let mut all = Vec::new();
        for (kind, name) in (0_u8..).zip(["0", "1", "2", "3", "4", "5", "6", "7", "8"]) {
            let counts = self.of("arrangement", name);
            all.extend(counts.map(|(children, count)| (Arrangement { kind, children }, count)));
        }
        self.source.weighted(all)
    }
}

impl Tables {
    /// Parses the shipped tables.
    ///
    /// # Errors
    /// If a table does not have its form; then the build is broken.
    pub fn load() -> Result<Self, CountyError> {
        let facts = Facts::load()?;
        let spacing = ["2", "3", "4"].map(|child| facts.weighted("spacing", child));
        let couples = ["1", "2", "3", "4", "5", "6"].map(|kind| facts.weighted("couple_age", kind));
        let at_home = ["m", "w"].map(|sex| {
            facts.of("at_home", sex).map(|(_, share)| u32::try_from(share).unwrap_or(0)).collect()
        });
        let surnames = source!("surnames.csv");
        let streets = source!("streets.csv");
        Ok(Self {
            municipalities: municipalities(&streets)?,
            spellings: triples(&source!("spellings.csv"))?,
            surnames: surnames.weighted(counted(&surnames, surnames.rows()?)?)?,
            given: given_names()?,
            others: other_names()?,
            short_forms: pairs(&source!("short_forms.csv"))?,
            streets: streets.weighted(common_streets(&streets)?)?,
            ocr: pairs(&source!("ocr.csv"))?,
            arrangements: facts.arrangements()?,
            couple_age: couples.into_iter().collect::<Result<_, _>>()?,
            single_age: facts.weighted("single_age", "0")?,
            at_home,
            first_birth: facts.weighted("first_birth", "0")?,
            spacing: spacing.into_iter().collect::<Result<_, _>>()?,
            spouse_difference: facts.weighted("spouse_difference", "0")?,
            marriage_name: facts.weighted("marriage_name", "0")?,
            pyramid: pyramid()?,
        })
    }

    /// The municipality with a key.
    #[must_use]
    pub fn municipality(&self, ags: &str) -> Option<&Municipality> {
        self.municipalities.iter().find(|municipality| municipality.ags == ags)
    }
}

fn counted(
    source: &Source,
    rows: Vec<[&'static str; 2]>,
) -> Result<Vec<(&'static str, u64)>, CountyError> {
    let rows = rows.into_iter().enumerate();
    rows.map(|(at, [name, count])| Ok((name, source.number(at, count)?))).collect()
}

fn pairs(source: &Source) -> Result<Vec<(&'static str, &'static str)>, CountyError> {
    Ok(source.rows()?.into_iter().map(|[one, other]| (one, other)).collect())
}

type Triple = (&'static str, &'static str, &'static str);

fn triples(source: &Source) -> Result<Vec<Triple>, CountyError> {
    Ok(source.rows()?.into_iter().map(|[one, two, three]| (one, two, three)).collect())
}

fn common_streets(source: &Source) -> Result<Vec<(&'static str, u64)>, CountyError> {
    let rows = source.rows()?.into_iter().enumerate().filter(|(_, [ags, _, _])| ags.is_empty());
    rows.map(|(at, [_, street, count])| Ok((street, source.number(at, count)?))).collect()
}

fn municipalities(streets: &Source) -> Result<Vec<Municipality>, CountyError> {
    let source = source!("municipalities.csv");
    let localities = pairs(&source!("localities.csv"))?;
    let streets = triples(streets)?;
    let mut all = Vec::new();
    for (at, row) in source.rows()?.into_iter().enumerate() {
        let [ags, name, official_name, population, postcodes, _, _] = row;
        let here = localities.iter().filter(|(of, _)| *of == ags);
        let seen = streets.iter().filter(|(of, _, _)| *of == ags);
        all.push(Municipality {
            ags,
            name,
            official_name,
            population: source.number(at, population)?,
            postcodes: postcodes.split('|').collect(),
            localities: here.map(|(_, locality)| *locality).collect(),
            streets: seen.map(|(_, street, _)| *street).collect(),
        });
    }
    Ok(all)
}

fn given_names() -> Result<[Vec<Weighted<&'static str>>; 2], CountyError> {
    let source = source!("given_names.csv");
    let mut lists: [Vec<Vec<(&'static str, u64)>>; 2] =
        [vec![Vec::new(); 12], vec![Vec::new(); 12]];
    for (at, [sex, decade, name, count]) in source.rows()?.into_iter().enumerate() {
        let decade: usize = source.number(at, decade)?;
        let list = lists[usize::from(sex == "w")].get_mut(decade.saturating_sub(1900) / 10);
        list.ok_or_else(|| source.broken(at + 2))?.push((name, source.number(at, count)?));
    }
    let [male, female] = lists.map(|decades| {
        decades.into_iter().map(|names| source.weighted(names)).collect::<Result<Vec<_>, _>>()
    });
    Ok([male?, female?])
}

fn other_names() -> Result<[NameList; 3], CountyError> {
    let source = source!("other_names.csv");
    let mut lists = <[NameList; 3]>::default();
    for (at, [origin, kind, name]) in source.rows()?.into_iter().enumerate() {
        let origin = ["turkish", "polish", "arabic"].iter().position(|known| *known == origin);
        let list = &mut lists[origin.ok_or_else(|| source.broken(at + 2))?];
        match kind {
            "s" => list.surnames.push(name),
            "m" => list.male.push(name),
            "w" => list.female.push(name),
            _ => return Err(source.broken(at + 2)),
        }
    }
    Ok(lists)
}

fn pyramid() -> Result<Vec<(u8, u8, u32, u32)>, CountyError> {
    let source = source!("pyramid.csv");
    let rows = source.rows()?.into_iter().enumerate();
    rows.map(|(at, [from, below, male, female])| {
        let (from, below) = (source.number(at, from)?, source.number(at, below)?);
        Ok((from, below, source.number(at, male)?, source.number(at, female)?))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_tables_parse_and_are_whole() {
        let tables = Tables::load().unwrap();
        assert_eq!(tables.municipalities.len(), 48);
        let population: u32 = tables.municipalities.iter().map(|m| m.population).sum();
        assert_eq!(population, 617_956);
        assert_eq!(tables.municipality("06432010").unwrap().localities.len(), 8);
        assert!(tables.given.iter().flatten().count() == 24);
        assert!(tables.others.iter().all(|list| list.surnames.len() > 50));
    }
}
