//! How surely the persons of a snapshot were linked.

use policy::{Digest, PlanKind};

use crate::Error;

/// How a person came to be one: by one record only, or by links of which the weakest accepted one
/// lies in one of eight bands between the threshold (0) and equality (7).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct LinkClass(u8);

impl LinkClass {
    /// Known by one record, so that nothing was linked.
    pub(crate) const SINGLE: Self = Self(0);

    /// Linked, the weakest link in that band; `None` above 7.
    fn of_band(band: u8) -> Option<Self> {
        let class = Self(band.checked_add(1)?);
        (class.position() < PlanKind::LINK_CLASSES).then_some(class)
    }

    /// Its place among the cells of a group.
    pub(crate) fn position(self) -> usize {
        usize::from(self.0)
    }
}

/// The class of each person of a snapshot, and the linkage schema that decided it.
///
/// Missing on purpose: whatever would print or write a class.
pub struct Links {
    schema: Digest,
    classes: Vec<LinkClass>,
}

impl Links {
    /// From what a link map says line by line: index of the person, and band of its weakest accepted
    /// link. A person of one line is single, whatever its band.
    ///
    /// # Errors
    /// [`Error::Table`] where a person is not below `persons`, has no line, or a band is above 7.
    pub fn of_lines(
        schema: Digest,
        persons: u32,
        lines: impl Iterator<Item = (u32, u8)>,
    ) -> Result<Self, Error> {
        const WRONG: Error = Error::Table("a line of the link map names no person or no band");
        let size = usize::try_from(persons).map_err(|_| Error::Overflow)?;
        let mut found: Vec<Option<LinkClass>> = vec![None; size];
        for (person, band) in lines {
            let linked = LinkClass::of_band(band).ok_or(WRONG)?;
            let index = usize::try_from(person).map_err(|_| Error::Overflow)?;
            let class = found.get_mut(index).ok_or(WRONG)?;
            *class = Some(match class {
                None => LinkClass::SINGLE,
                Some(LinkClass::SINGLE) => linked,
                Some(known) => LinkClass(known.0.min(linked.0)),
            });
        }
        let classes: Option<Vec<LinkClass>> = found.into_iter().collect();
        let classes = classes.ok_or(Error::Table("a person has no line in the link map"))?;
        Ok(Self { schema, classes })
    }

    pub(crate) fn schema(&self) -> Digest {
        self.schema
    }

    pub(crate) fn persons(&self) -> usize {
        self.classes.len()
    }

    pub(crate) fn class(&self, person: usize) -> Option<LinkClass> {
        self.classes.get(person).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(persons: u32, lines: &[(u32, u8)]) -> Result<Vec<usize>, Error> {
        let links = Links::of_lines(Digest::of(b"schema"), persons, lines.iter().copied())?;
        Ok(links.classes.iter().map(|own| own.position()).collect())
    }

    #[test]
    fn a_person_of_one_line_is_single_and_others_have_their_band() {
        let lines = [(0, 7), (1, 0), (2, 7), (1, 0), (2, 7), (2, 7)];
        assert_eq!(positions(3, &lines).unwrap(), [0, 1, 8]);
    }

    #[test]
    fn lines_that_no_link_map_has_are_refused() {
        assert!(positions(1, &[(0, 8)]).is_err(), "no such band");
        assert!(positions(1, &[(0, u8::MAX)]).is_err(), "no overflow either");
        assert!(positions(1, &[(0, 7), (1, 7)]).is_err(), "no such person");
        assert!(positions(2, &[(0, 7)]).is_err(), "a person without a line");
        assert!(positions(0, &[]).unwrap().is_empty());
    }
}
