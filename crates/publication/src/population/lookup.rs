//! Exact sums over a table of residents.

use std::collections::BTreeSet;

use super::{Ages, Entry, Gap, Population, Sex, Sexes, Year};

/// Whom to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Year of the 31 December.
    pub year: u16,
    /// Municipalities.
    pub places: BTreeSet<String>,
    /// Ages on that day.
    pub ages: Ages,
    /// Sexes; all of them is everybody, whether the source tells them apart or not.
    pub sexes: Sexes,
}

impl Population {
    /// The residents of exactly these years, places, ages and sexes.
    ///
    /// # Errors
    /// The first [`Gap`]. A sum with a missing part is missing.
    pub fn persons(&self, asked: &Asked) -> Result<u64, Gap> {
        let Some(year) = self.years.get(&asked.year) else {
            let known = |end: Option<u16>| end.unwrap_or_default();
            let known = (known(self.years().next()), known(self.years().last()));
            return Err(Gap::Year { year: asked.year, known });
        };
        if asked.places.is_empty() || asked.ages.is_empty() || asked.sexes.is_empty() {
            return Err(Gap::Nobody);
        }
        let mut sum = 0_u64;
        for place in &asked.places {
            sum = sum.saturating_add(year.persons(place, asked)?);
        }
        if sum == 0 { Err(Gap::Nobody) } else { Ok(sum) }
    }
}

impl Year {
    fn persons(&self, place: &str, asked: &Asked) -> Result<u64, Gap> {
        let entries = self.places.get(place).map(Vec::as_slice).unwrap_or_default();
        let Some(first) = entries.first() else {
            return Err(Gap::Place { place: place.to_owned(), year: asked.year });
        };
        let mut sum = 0_u64;
        for sex in self.told_apart(first.sex.is_some(), asked)? {
            sum = sum.saturating_add(of_sex(entries, sex, place, asked)?);
        }
        Ok(sum)
    }

    /// The sexes whose rows make up those asked for; one `None` where rows are for all.
    pub(super) fn told_apart(&self, by_sex: bool, asked: &Asked) -> Result<Vec<Option<Sex>>, Gap> {
        if !by_sex {
            let all = asked.sexes == Sexes::ALL;
            return if all { Ok(vec![None]) } else { Err(Gap::NoSexes { year: asked.year }) };
        }
        if self.other_sex {
            return Ok(asked.sexes.each().map(Some).collect());
        }
        // The source spreads them over the other two, so these two are everybody.
        if asked.sexes == Sexes::ALL {
            return Ok(vec![Some(Sex::Male), Some(Sex::Female)]);
        }
        match asked.sexes.each().find(|sex| *sex == Sex::Other) {
            Some(sex) => Err(Gap::NoSex { sex }),
            None => Ok(asked.sexes.each().map(Some).collect()),
        }
    }
}

fn of_sex(entries: &[Entry], sex: Option<Sex>, place: &str, asked: &Asked) -> Result<u64, Gap> {
    let own = || entries.iter().filter(|entry| entry.sex == sex);
    let touched = || own().filter(|entry| !entry.ages.intersection(asked.ages).is_empty());
    let reached = touched().fold(Ages::NONE, |ages, entry| ages.union(entry.ages));
    if !reached.holds(asked.ages) {
        let ages = asked.ages.without(reached);
        return Err(Gap::Missing { place: place.to_owned(), ages });
    }
    if reached != asked.ages {
        return Err(if own().all(|entry| entry.ages == Ages::ALL) {
            Gap::NoAges { year: asked.year }
        } else {
            Gap::Classes { asked: asked.ages, possible: reached }
        });
    }
    Ok(touched().fold(0, |sum, entry| sum.saturating_add(entry.persons)))
}
