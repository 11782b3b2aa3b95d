//! Made-up people as rows of a plain table, for the schema `peers/encode-schema.json`.

use crate::generator::Generator;

/// Cells of a row.
pub const COLUMNS: usize = 9;

const SYLLABLES: [&str; 32] = [
    "an", "bert", "chri", "da", "el", "fried", "ger", "hei", "in", "jo", "ka", "lie", "mül", "nor",
    "ol", "pet", "quin", "rös", "schmi", "tho", "ur", "vol", "wei", "xa", "yan", "ziß", "ler",
    "mann", "ner", "dorf", "stein", "berg",
];

/// The word that a number stands for: `least` to `least + 2` syllables.
fn word(kind: u64, number: u64, least: u64) -> String {
    let mut generator = Generator(kind << 40 | number);
    let syllables = least + generator.below(3);
    let text: String = (0..syllables).map(|_| SYLLABLES[generator.below(32) as usize]).collect();
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// So many rows: common and rare names, one in ten streets and every second phone missing.
#[must_use]
pub fn rows(count: usize, seed: u64) -> Vec<[String; COLUMNS]> {
    let mut generator = Generator(seed);
    (0..count)
        .map(|number| {
            let town = generator.ranked(48);
            let street = word(3, generator.ranked(3_000), 2);
            let street = format!("{street}straße {}", 1 + generator.below(120));
            let (day, month) = (1 + generator.below(28), 1 + generator.below(12));
            let year = 1930 + generator.below(95);
            let phone = (1_000_000_000 + generator.below(99_000_000_000)).to_string();
            [
                number.to_string(),
                word(1, generator.ranked(1_500), 2),
                word(2, generator.ranked(20_000), 2),
                if number % 10 == 0 { String::new() } else { street },
                word(4, town, 2),
                format!("{:05}", 64_000 + 7 * town),
                format!("{day:02}.{month:02}.{year}"),
                if generator.below(2) == 0 { "m" } else { "w" }.to_owned(),
                if number % 2 == 0 { String::new() } else { phone },
            ]
        })
        .collect()
}
