//! The family clkhash in words.

use policy::Digest;
use policy::clkhash::{
    ClkhashSchema, Comparison, Feature, FieldFormat, HashFunction, Kdf, KdfHash, Strategy,
    UsedFeature,
};

use super::{Explanation, FieldExplanation, fill_per_mille, share};
use crate::language::Language;

/// Characters of a text whose length nothing says, such as a name.
const USUAL_LENGTH: u32 = 8;
/// Shares of set bits, in thousandths, between which a filter is neither poor nor full.
const POOR: u32 = 150;
const FULL: u32 = 500;

pub(super) fn explain(schema: &ClkhashSchema, digest: Digest, l: Language) -> Explanation {
    let config = &schema.clk_config;
    let fields: Vec<FieldExplanation> =
        schema.features.iter().map(|feature| field(feature, l)).collect();
    let insertions: u32 = fields.iter().map(|field| field.expected_bits).sum();
    let hashed = u32::try_from(schema.hashed_bits()).unwrap_or(u32::MAX);
    let mut fill = fill_per_mille(insertions, hashed);
    for _ in 0..config.xor_folds {
        fill = (2 * fill * (1000 - fill) + 500) / 1000;
    }
    let Kdf::Hkdf { hash, key_size, salt, .. } = &config.kdf;
    let hash = match hash {
        KdfHash::Sha256 => "SHA-256",
        KdfHash::Sha512 => "SHA-512",
    };
    let folds = match config.xor_folds {
        0 => String::new(),
        folds => l.pick(
            format!(", {folds}-mal durch XOR gefaltet aus {hashed} Bit"),
            format!(", folded {folds} times by XOR from {hashed} bits"),
        ),
    };
    let facts = vec![
        l.pick(
            "Verfahren clkhash, Version 3 (Altbestand, schwächer)".to_owned(),
            "family clkhash, version 3 (legacy, weaker)".to_owned(),
        ),
        l.pick(
            format!("Kodierung: {} Bit{folds}", config.l),
            format!("encoding: {} bits{folds}", config.l),
        ),
        l.pick(
            format!("Schlüssel: HKDF mit {hash}, zwei je Merkmal zu {key_size} Bytes"),
            format!("keys: HKDF with {hash}, two per feature of {key_size} bytes"),
        ),
        l.pick(
            format!(
                "erwarteter Anteil gesetzter Bits: {} (Texte mit {USUAL_LENGTH} Zeichen angenommen)",
                share(fill)
            ),
            format!(
                "expected share of set bits: {} (texts taken to have {USUAL_LENGTH} characters)",
                share(fill)
            ),
        ),
    ];
    let mut warnings = warnings(schema, fill, l);
    if salt.is_none() {
        warnings.push(
            l.pick(
                "die Schlüsselableitung hat kein Salz: dasselbe Geheimnis gäbe in jedem Vorhaben \
                 dieselben Schlüssel",
                "the key derivation has no salt: the same secret would give the same keys in every \
                 project",
            )
            .to_owned(),
        );
    }
    Explanation {
        family: "clkhash",
        digest,
        facts,
        fields,
        expected_fill_per_mille: vec![fill],
        warnings,
    }
}

fn warnings(schema: &ClkhashSchema, fill: u32, l: Language) -> Vec<String> {
    let mut warnings = vec![
        l.pick(
            "Altbestand: die Häufigkeit von Namen bleibt in diesen Kodierungen sichtbar, \
             veröffentlichte Angriffe lesen sie zurück; für Neues das Verfahren milchglas nehmen",
            "legacy: these encodings show how frequent a name is, and published attacks read \
             names back; take the family milchglas for anything new",
        )
        .to_owned(),
    ];
    let used = || schema.features.iter().filter_map(Feature::used);
    let doubles: Vec<&str> = used()
        .filter(|feature| matches!(feature.hashing.hash, HashFunction::DoubleHash { .. }))
        .map(|feature| feature.identifier.as_str())
        .collect();
    if !doubles.is_empty() {
        warnings.push(l.pick(
            format!(
                "doubleHash hat wenige verschiedene Bitmuster und verrät Teilstücke: {}",
                doubles.join(", ")
            ),
            format!(
                "doubleHash has few distinct patterns and gives tokens away: {}",
                doubles.join(", ")
            ),
        ));
    }
    if fill > FULL {
        warnings.push(l.pick(
            format!(
                "voll: Anteil {} über {}; Gewichte senken oder l erhöhen",
                share(fill),
                share(FULL)
            ),
            format!("full: share {} above {}; lower weights or raise l", share(fill), share(FULL)),
        ));
    }
    if fill < POOR {
        warnings.push(l.pick(
            format!(
                "dünn: Anteil {} unter {}; Gewichte erhöhen oder l senken",
                share(fill),
                share(POOR)
            ),
            format!(
                "sparse: share {} below {}; raise weights or lower l",
                share(fill),
                share(POOR)
            ),
        ));
    }
    warnings
}

fn field(feature: &Feature, l: Language) -> FieldExplanation {
    let name: String = feature.identifier().chars().take(60).collect();
    let Some(used) = feature.used() else {
        let text = l.pick("wird nicht kodiert", "is not encoded").to_owned();
        return FieldExplanation { name, text, expected_bits: 0 };
    };
    let tokens = tokens(used);
    let comparison = match &used.hashing.comparison {
        Comparison::Ngram { n, positional: false } => {
            l.pick(format!("je {n} Zeichen"), format!("{n} characters each"))
        }
        Comparison::Ngram { n, positional: true } => l.pick(
            format!("je {n} Zeichen mit ihrer Stelle"),
            format!("{n} characters each with their place"),
        ),
        Comparison::Exact {} => l.pick("der ganze Wert".to_owned(), "the whole value".to_owned()),
        Comparison::Numeric { threshold_distance, .. } => l.pick(
            format!("Zahl, ähnlich bis zum Abstand {threshold_distance}"),
            format!("number, alike up to a distance of {threshold_distance}"),
        ),
    };
    let (strategy, expected_bits) = match used.hashing.strategy {
        Strategy::BitsPerToken(bits) => (
            l.pick(format!("{bits} Bit je Teilstück"), format!("{bits} bits per token")),
            bits.saturating_mul(tokens),
        ),
        Strategy::BitsPerFeature(bits) => {
            (l.pick(format!("{bits} Bit zusammen"), format!("{bits} bits together")), bits)
        }
    };
    let hash = match used.hashing.hash {
        HashFunction::DoubleHash { .. } => "doubleHash",
        HashFunction::BlakeHash {} => "blakeHash",
    };
    FieldExplanation { name, text: format!("{comparison}, {strategy}, {hash}"), expected_bits }
}

/// Tokens of a value of usual length.
fn tokens(feature: &UsedFeature) -> u32 {
    let length = match &feature.format {
        FieldFormat::String { min_length, max_length, .. } => {
            USUAL_LENGTH.max(min_length.unwrap_or(0)).min(max_length.unwrap_or(u32::MAX))
        }
        FieldFormat::Integer { maximum, .. } => {
            maximum.map_or(6, |most| most.unsigned_abs().checked_ilog10().unwrap_or(0) + 1)
        }
        FieldFormat::Date { .. } => 8,
        FieldFormat::Enum { values, .. } => {
            let all: usize = values.iter().map(|value| value.chars().count()).sum();
            u32::try_from(all / values.len().max(1)).unwrap_or(u32::MAX)
        }
    };
    match &feature.hashing.comparison {
        Comparison::Ngram { n, .. } if length > 0 => length + u32::from(*n) - 1,
        Comparison::Ngram { .. } => 0,
        Comparison::Exact {} => 1,
        Comparison::Numeric { resolution, .. } => 2 * resolution + 1,
    }
}
