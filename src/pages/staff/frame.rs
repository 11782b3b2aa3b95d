//! What surrounds every page of staff.

use access::{Action, Role};

use crate::UnitName;
use crate::api::Language;

/// Title, ways to other pages, and who is signed in.
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) language: Language,
    /// Whether every person of this installation is made up.
    pub(crate) synthetic: bool,
    pub(crate) unit: UnitName,
    pub(crate) places: Vec<Place>,
    /// Short name of whoever is signed in.
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) role: Role,
    pub(crate) csrf: String,
}

/// A way to a group of pages.
pub(crate) struct Place {
    pub(crate) address: &'static str,
    pub(crate) label: String,
    /// Whether it is this page or one below it.
    pub(crate) current: bool,
}

/// A group of pages: address, name in German and English, what one has to be allowed, and the unit
/// that has it where not both do.
type Group = (&'static str, &'static str, &'static str, Action, Option<UnitName>);

const GROUPS: [Group; 6] = [
    ("/lieferungen", "Lieferungen", "Deliveries", Action::Submit, None),
    ("/aufsicht", "Aufsicht", "Oversight", Action::ReadLog, None),
    ("/auswertung", "Auswertung", "Analysis", Action::ReadReleases, Some(UnitName::Statistics)),
    ("/vorschlaege", "Vorschläge", "Proposals", Action::ReadProposals, None),
    ("/betrieb", "Betrieb", "Operation", Action::Link, Some(UnitName::Linkage)),
    ("/betrieb", "Betrieb", "Operation", Action::TransferMap, Some(UnitName::Statistics)),
];

impl Place {
    /// Every group of pages that somebody may see at a unit.
    pub(crate) fn all(
        unit: UnitName,
        language: Language,
        here: &str,
        may: impl Fn(Action) -> bool,
    ) -> Vec<Self> {
        let is_below = |address: &str| {
            here == address || here.strip_prefix(address).is_some_and(|own| own.starts_with('/'))
        };
        let place = |(address, german, english, ..): &Group| Self {
            address,
            label: language.say(german, english).to_owned(),
            current: is_below(address),
        };
        Self::open(unit, may).map(|own| place(&own)).collect()
    }

    /// The first that somebody may see.
    pub(crate) fn first(unit: UnitName, may: impl Fn(Action) -> bool) -> Option<&'static str> {
        Self::open(unit, may).next().map(|(address, ..)| address)
    }

    fn open(unit: UnitName, may: impl Fn(Action) -> bool) -> impl Iterator<Item = Group> {
        GROUPS
            .into_iter()
            .filter(move |(.., action, only)| only.is_none_or(|only| only == unit) && may(*action))
    }
}

impl Frame {
    /// The one of two texts that is in the reader's language.
    pub(crate) fn say<'a>(&self, german: &'a str, english: &'a str) -> &'a str {
        self.language.say(german, english)
    }

    /// What every form of the page has to hold in a hidden field `csrf`.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Whether this is the unit that has ledger and releases.
    pub(crate) fn is_statistics(&self) -> bool {
        self.unit == UnitName::Statistics
    }

    pub(crate) fn unit_label(&self) -> &'static str {
        unit_label(self.unit, self.language)
    }

    pub(crate) fn role_label(&self) -> &'static str {
        let (german, english) = match self.role {
            Role::Department => ("Fachamt", "department"),
            Role::Custodian => ("Schlüsselstelle", "key custodian"),
            Role::Operator => ("Betrieb", "operator"),
            Role::Analyst => ("Auswertung", "analyst"),
            Role::Dpo => ("Datenschutz", "data protection officer"),
            Role::Approver => ("Leitung", "approver"),
        };
        self.language.say(german, english)
    }
}

/// What readers call a unit.
pub(super) fn unit_label(unit: UnitName, language: Language) -> &'static str {
    match unit {
        UnitName::Linkage => language.say("Verknüpfungsstelle", "Linkage unit"),
        UnitName::Statistics => language.say("Statistikstelle", "Statistics unit"),
    }
}
