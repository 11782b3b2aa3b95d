//! Residents of years that no register knows yet, by moving cohorts up: a model.
//!
//! Everybody grows a year older each year, nobody moves, and nobody younger than 65 dies. The ages
//! below three, whose births nobody has counted yet, stay at the mean of the last years. Where the
//! register has classes, all single years of a class are equally many. What needs more than that is
//! refused.

use super::{Ages, Asked, Entry, Gap, Population, Sex};

/// Parts of a person in which classes are divided, so that no float has to round them.
const PARTS: u128 = 1_000_000;
/// First age whose residents were born before the register's last day in any projected year.
const GROWN: u8 = 3;

impl Population {
    /// Most years by which cohorts are moved up.
    pub const MAX_STEPS: u16 = 5;
    /// The last age that is projected; beyond it people die too often to be left alive by a model.
    pub const LAST_PROJECTED: u8 = 64;
    /// From how many years at most the youngest are averaged.
    pub const YOUNGEST_OF: u16 = 3;

    /// The residents of exactly these places, ages and sexes, so many years after the last one that
    /// the register has; [`Asked::year`] is not looked at. Rounded to whole persons once, at the end.
    ///
    /// # Errors
    /// [`Gap::TooFar`], [`Gap::TooOld`], [`Gap::Open`], or what the register lacks.
    pub fn shifted(&self, asked: &Asked, steps: u16) -> Result<u64, Gap> {
        let last = self.years().last().unwrap_or_default();
        if steps == 0 {
            return self.persons(&Asked { year: last, ..asked.clone() });
        }
        if steps > Self::MAX_STEPS {
            return Err(Gap::TooFar { last, most: Self::MAX_STEPS });
        }
        let most = Ages::between(0, Self::LAST_PROJECTED).unwrap_or(Ages::NONE);
        if !most.holds(asked.ages) {
            return Err(Gap::TooOld { last: Self::LAST_PROJECTED });
        }
        if asked.places.is_empty() || asked.ages.is_empty() || asked.sexes.is_empty() {
            return Err(Gap::Nobody);
        }
        let mut parts = 0_u128;
        for age in (0..=Self::LAST_PROJECTED).filter(|age| asked.ages.has(*age)) {
            parts += match before(age, steps) {
                Before::Age(age) => self.of_age(asked, last, age)?,
                Before::Youngest => self.youngest(asked, last)?,
            };
        }
        Ok(u64::try_from((parts + PARTS / 2) / PARTS).unwrap_or(u64::MAX))
    }

    /// Residents of one age in a year, in parts of a person.
    fn of_age(&self, asked: &Asked, year: u16, age: u8) -> Result<u128, Gap> {
        let known = (self.years().next().unwrap_or_default(), year);
        let of_year = self.years.get(&year).ok_or(Gap::Year { year, known })?;
        let mut parts = 0_u128;
        for place in &asked.places {
            let entries = of_year.places.get(place).map(Vec::as_slice).unwrap_or_default();
            let Some(first) = entries.first() else {
                return Err(Gap::Place { place: place.clone(), year });
            };
            let asked = Asked { year, ..asked.clone() };
            for sex in of_year.told_apart(first.sex.is_some(), &asked)? {
                parts += share(entries, sex, age, place)?;
            }
        }
        Ok(parts)
    }

    /// The mean of residents of one age below three over the last years, in parts of a person.
    fn youngest(&self, asked: &Asked, last: u16) -> Result<u128, Gap> {
        let years = || self.years().filter(|year| last - *year < Self::YOUNGEST_OF);
        let mut parts = 0_u128;
        for year in years() {
            for age in 0..GROWN {
                parts += self.of_age(asked, year, age)?;
            }
        }
        Ok(parts / (u128::from(GROWN) * years().count().max(1) as u128))
    }
}

/// Where the residents of an age come from.
enum Before {
    /// Those of that age in the register's last year.
    Age(u8),
    /// Those who are younger than three, as many as on average.
    Youngest,
}

fn before(age: u8, steps: u16) -> Before {
    // Years since they were two; before that they are held.
    let since = u16::from(age.saturating_sub(GROWN - 1));
    match u8::try_from(steps) {
        Ok(steps) if age >= GROWN && since >= u16::from(steps) => Before::Age(age - steps),
        _ => Before::Youngest,
    }
}

/// The part of a class that has this age.
fn share(entries: &[Entry], sex: Option<Sex>, age: u8, place: &str) -> Result<u128, Gap> {
    let own = |entry: &&Entry| entry.sex == sex && entry.ages.has(age);
    let Some(entry) = entries.iter().find(own) else {
        let ages = Ages::between(age, age).unwrap_or(Ages::NONE);
        return Err(Gap::Missing { place: place.to_owned(), ages });
    };
    let width = entry.ages.count().ok_or(Gap::Open { ages: entry.ages })?;
    Ok(u128::from(entry.persons) * PARTS / u128::from(width.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_come_from_where_they_were() {
        for (age, steps, from) in [
            (0, 1, None),
            (2, 1, None),
            (3, 1, Some(2)),
            (3, 2, None),
            (4, 2, Some(2)),
            (6, 5, None),
            (7, 5, Some(2)),
            (64, 5, Some(59)),
        ] {
            let found = match before(age, steps) {
                Before::Age(own) => Some(own),
                Before::Youngest => None,
            };
            assert_eq!(found, from, "{age} after {steps}");
        }
    }
}
