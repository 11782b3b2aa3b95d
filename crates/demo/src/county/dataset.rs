//! The eight extracts and their columns.

/// An extract of one department; the order is that of the bits in an overlap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dataset {
    /// Job centre: a person of a benefit unit per month.
    Sgb2,
    /// Housing benefit: a member of the household per grant.
    Wohngeld,
    /// Social assistance: a person per benefit.
    Sgb12,
    /// Integration assistance: a person per benefit.
    Egh,
    /// Youth welfare: a young person per assistance.
    Hze,
    /// Day care: a child per contract.
    Kita,
    /// Education and participation: a child per benefit.
    But,
    /// Asylum seekers' benefits: a person per stretch of the same benefit.
    Asyl,
}

const IDENTIFYING: [&str; 12] = [
    "nachname",
    "geburtsname",
    "vornamen",
    "geburtsdatum",
    "geschlecht",
    "strasse",
    "hausnummer",
    "plz",
    "ort",
    "ags",
    "sozialraum",
    "aktenzeichen",
];

impl Dataset {
    /// All of them in the order of the catalogue.
    pub const ALL: [Self; 8] = [
        Self::Sgb2,
        Self::Wohngeld,
        Self::Sgb12,
        Self::Egh,
        Self::Hze,
        Self::Kita,
        Self::But,
        Self::Asyl,
    ];

    /// Short name, as in the catalogue and in file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sgb2 => "sgb2",
            Self::Wohngeld => "wohngeld",
            Self::Sgb12 => "sgb12",
            Self::Egh => "egh",
            Self::Hze => "hze",
            Self::Kita => "kita",
            Self::But => "but",
            Self::Asyl => "asyl",
        }
    }

    /// The extract with a short name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dataset| dataset.code() == code)
    }

    /// Column names in the order of the file: twelve that all extracts share, then its own.
    #[must_use]
    pub fn columns(self) -> Vec<&'static str> {
        IDENTIFYING.iter().chain(self.own_columns()).copied().collect()
    }

    /// Columns after the shared ones.
    pub(super) const fn own_columns(self) -> &'static [&'static str] {
        match self {
            Self::Sgb2 => &[
                "berichtsmonat",
                "bg_typ",
                "rolle",
                "kdu_eur",
                "leistung_eur",
                "erwerbstaetig",
                "bezug_seit",
                "abgangsgrund",
            ],
            Self::Wohngeld => &[
                "bewilligung_von",
                "bewilligung_bis",
                "wohngeldart",
                "wohngeld_eur",
                "hh_groesse",
                "kinder_u18",
                "erwerbsstatus",
                "mietenstufe",
                "miete_eur",
            ],
            Self::Sgb12 => {
                &["leistung", "beginn", "ende", "betrag_eur", "in_einrichtung", "pflegegrad"]
            }
            Self::Egh => &[
                "leistungsart",
                "beginn",
                "ende",
                "stunden_woche",
                "kosten_eur_monat",
                "behinderungsart",
            ],
            Self::Hze => &[
                "hilfeart",
                "beginn",
                "ende",
                "grund",
                "lebenssituation",
                "anregende_stelle",
                "gefaehrdung_8a",
                "kosten_eur_monat",
                "intensitaet_h_woche",
            ],
            Self::Kita => &[
                "einrichtung_ags",
                "betreuungsart",
                "umfang_h_woche",
                "beginn",
                "ende",
                "beitragsuebernahme",
                "familiensprache_nicht_deutsch",
                "integrationsplatz",
            ],
            Self::But => &["leistung", "rechtskreis", "bewilligt_am", "betrag_eur", "schulform"],
            Self::Asyl => &[
                "leistung",
                "zuweisung_am",
                "ende",
                "unterbringung",
                "herkunftsregion",
                "betrag_eur",
                "aufenthaltsstatus_gruppe",
            ],
        }
    }

    /// Place of the amount that a totals row adds up, counted in the own columns.
    pub(super) const fn amount_column(self) -> usize {
        match self {
            Self::Sgb2 | Self::Egh => 4,
            Self::Wohngeld | Self::Sgb12 | Self::But => 3,
            Self::Hze => 7,
            Self::Kita => 2,
            Self::Asyl => 5,
        }
    }
}
