//! Sexes as registers tell them apart.

/// A sex of the normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    /// `m`
    Male,
    /// `w`
    Female,
    /// `x`: divers or without an entry. Official statistics spread these over the other two.
    Other,
}

/// A set of sexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sexes([bool; 3]);

impl Sex {
    /// All of them, in the order of the normal form.
    pub const EACH: [Self; 3] = [Self::Male, Self::Female, Self::Other];

    /// The key of the normal form.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Male => "m",
            Self::Female => "w",
            Self::Other => "x",
        }
    }

    /// The sex behind a key.
    #[must_use]
    pub fn read(key: &str) -> Option<Self> {
        Self::EACH.into_iter().find(|sex| sex.key() == key)
    }

    pub(super) fn german(self) -> &'static str {
        match self {
            Self::Male => "männlich",
            Self::Female => "weiblich",
            Self::Other => "divers oder ohne Angabe",
        }
    }
}

impl Sexes {
    /// Everybody.
    pub const ALL: Self = Self([true; 3]);
    /// Nobody.
    pub const NONE: Self = Self([false; 3]);

    /// With one sex more.
    #[must_use]
    pub fn with(self, sex: Sex) -> Self {
        self.union(Self(Sex::EACH.map(|own| own == sex)))
    }

    /// In either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let ([a, b, c], [d, e, f]) = (self.0, other.0);
        Self([a || d, b || e, c || f])
    }

    /// In both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        let ([a, b, c], [d, e, f]) = (self.0, other.0);
        Self([a && d, b && e, c && f])
    }

    /// The sexes in it.
    pub fn each(self) -> impl Iterator<Item = Sex> {
        Sex::EACH.into_iter().zip(self.0).filter_map(|(sex, held)| held.then_some(sex))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }
}
