//! Age classes, read from the public keys of the age dimension.

use crate::PolicyError;

/// One class of completed years, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeClass {
    /// Youngest age in the class, in completed years.
    pub from: u16,
    /// Oldest age in the class; `u16::MAX` for an open class.
    pub to: u16,
}

/// The classes of a dimension in key order; they touch and cover every age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeClasses(Vec<AgeClass>);

impl AgeClasses {
    /// Reads keys of the forms `06-14` and `65+`.
    ///
    /// # Errors
    /// [`PolicyError::Catalogue`] where a key has another form, or classes overlap or leave gaps.
    pub fn from_keys<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<Self, PolicyError> {
        let mut classes = Vec::new();
        let mut next = Some(0_u16);
        for key in keys {
            let class = parse(key).ok_or_else(|| {
                PolicyError::Catalogue(format!("age class `{key}`: write it like 06-14 or 65+"))
            })?;
            if Some(class.from) != next || class.to < class.from {
                return Err(PolicyError::Catalogue(format!(
                    "age class `{key}` must begin where the one before it ends"
                )));
            }
            next = class.to.checked_add(1);
            classes.push(class);
        }
        if next.is_some() {
            return Err(PolicyError::Catalogue("the last age class must be open, like 65+".into()));
        }
        Ok(Self(classes))
    }

    /// The position of the class that `age` (completed years) falls into.
    #[must_use]
    pub fn code(&self, age: u16) -> Option<u16> {
        let position = self.0.iter().position(|class| (class.from..=class.to).contains(&age))?;
        u16::try_from(position).ok()
    }

    /// The classes, in key order.
    pub(crate) fn classes(&self) -> &[AgeClass] {
        &self.0
    }
}

fn parse(key: &str) -> Option<AgeClass> {
    if let Some(from) = key.strip_suffix('+') {
        return Some(AgeClass { from: from.parse().ok()?, to: u16::MAX });
    }
    let (from, to) = key.split_once('-')?;
    Some(AgeClass { from: from.parse().ok()?, to: to.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_cover_every_age() {
        let classes = AgeClasses::from_keys(["00-02", "03-64", "65+"]).unwrap();
        assert_eq!(classes.code(0), Some(0));
        assert_eq!(classes.code(3), Some(1));
        assert_eq!(classes.code(110), Some(2));
        assert!(AgeClasses::from_keys(["00-02", "04+"]).is_err(), "gap");
        assert!(AgeClasses::from_keys(["00-02", "02+"]).is_err(), "overlap");
        assert!(AgeClasses::from_keys(["00-02"]).is_err(), "not open");
        assert!(AgeClasses::from_keys(["young"]).is_err());
    }
}
