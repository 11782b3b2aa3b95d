//! The datasets that a mapping is shipped for, and how a German sentence names them.

/// A dataset as a county meets it.
pub(crate) struct KnownDataset {
    /// Its name in the catalogue.
    pub(crate) code: &'static str,
    /// The word in the labels of indicators.
    pub(super) word: &'static str,
    /// Who usually keeps it.
    pub(crate) office: &'static str,
    /// The mapping that is shipped.
    pub(super) mapping: &'static str,
}

macro_rules! shipped {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/", $path))
    };
}
pub(super) use shipped;

/// All of them.
pub(crate) const DATASETS: [KnownDataset; 8] = [
    KnownDataset {
        code: "sgb2",
        word: "SGB II",
        office: "jobcenter",
        mapping: shipped!("mappings/sgb2.toml"),
    },
    KnownDataset {
        code: "wohngeld",
        word: "Wohngeld",
        office: "wohngeldstelle",
        mapping: shipped!("mappings/wohngeld.toml"),
    },
    KnownDataset {
        code: "sgb12",
        word: "SGB XII",
        office: "sozialamt",
        mapping: shipped!("mappings/sgb12.toml"),
    },
    KnownDataset {
        code: "egh",
        word: "Eingliederungshilfe",
        office: "eingliederungshilfe",
        mapping: shipped!("mappings/egh.toml"),
    },
    KnownDataset {
        code: "hze",
        word: "Hilfen zur Erziehung",
        office: "jugendamt",
        mapping: shipped!("mappings/hze.toml"),
    },
    KnownDataset {
        code: "kita",
        word: "Kindertagesbetreuung",
        office: "kindertagesbetreuung",
        mapping: shipped!("mappings/kita.toml"),
    },
    KnownDataset {
        code: "but",
        word: "Bildung und Teilhabe",
        office: "bildung-teilhabe",
        mapping: shipped!("mappings/but.toml"),
    },
    KnownDataset {
        code: "asyl",
        word: "AsylbLG",
        office: "asyl",
        mapping: shipped!("mappings/asyl.toml"),
    },
];

/// The dataset of that name.
pub(crate) fn dataset(code: &str) -> Option<&'static KnownDataset> {
    DATASETS.iter().find(|own| own.code == code)
}

/// `SGB II, Wohngeld oder AsylbLG`: the words of datasets with a conjunction before the last.
pub(super) fn listed(codes: &[&str], conjunction: &str) -> String {
    let words: Vec<&str> =
        codes.iter().filter_map(|code| dataset(code)).map(|own| own.word).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}
