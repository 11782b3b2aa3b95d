//! The search form of DIN 91379: any Latin name in the letters A to Z.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use zeroize::Zeroizing;

const DIAERESIS: char = '\u{308}';
const RING: char = '\u{30a}';

/// The search form of DIN 91379, in capitals: Ä Ö Ü become AE OE UE, Å becomes AA, ß becomes SS,
/// letters with a stroke or of their own (Ł, Ø, Þ ...) their basic letters; every other mark is
/// dropped. Other scripts, digits and punctuation stay.
#[must_use]
pub fn search_form(text: &str) -> Zeroizing<String> {
    let mut form = Zeroizing::new(String::with_capacity(room(text.len())));
    push_search_form(text, &mut form);
    form
}

/// Room for the worst doubling, so that no copy of the text is left behind by growing.
pub(super) fn room(bytes: usize) -> usize {
    3 * bytes + 4
}

/// Appends the search form of `text`.
///
/// Character by character: the canonical order of marks is not needed, since it never swaps the
/// two that count here, whose combining classes are equal.
pub(super) fn push_search_form(text: &str, form: &mut String) {
    let mut base = None;
    for character in text.chars() {
        if character.is_ascii() {
            let capital = character.to_ascii_uppercase();
            form.push(capital);
            base = Some(capital);
        } else {
            decompose_canonical(character, |piece| push_piece(piece, &mut base, form));
        }
    }
}

/// Appends what a character without canonical decomposition becomes; `base` is the letter that a
/// mark would belong to.
fn push_piece(character: char, base: &mut Option<char>, form: &mut String) {
    if is_combining_mark(character) {
        match (*base, character) {
            (Some('A' | 'O' | 'U'), DIAERESIS) => form.push('E'),
            (Some('A'), RING) => form.push('A'),
            // Another mark: the diaeresis may still follow.
            _ => return,
        }
        *base = None;
    } else if let Some(letters) = basic_letters(character) {
        form.push_str(letters);
        *base = None;
    } else {
        *base = None;
        for capital in character.to_uppercase() {
            form.push(capital);
            *base = Some(capital);
        }
    }
}

/// Whether a text has a letter that this form does not bring to A to Z: one of another script, or
/// one that only looks Latin.
///
/// DIN 91379 knows no such letter, so no German register writes it; transliterating it here would
/// give another spelling than the register's (ISO 9 for Cyrillic, DIN 31635 for Arabic, the
/// passport's own), and a link would be missed without anybody noticing.
#[must_use]
pub fn has_other_letters(text: &str) -> bool {
    let other = |letter: char| {
        letter.is_alphabetic()
            && !is_combining_mark(letter)
            && basic_letters(letter).is_none()
            && !letter.to_uppercase().all(|capital| capital.is_ascii_uppercase())
    };
    let mut found = false;
    for character in text.chars().filter(|character| !character.is_ascii()) {
        decompose_canonical(character, |piece| found |= other(piece));
    }
    found
}

/// Letters that have no canonical decomposition, in either case; empty for marks written as
/// characters of their own, which vanish.
fn basic_letters(character: char) -> Option<&'static str> {
    Some(match character {
        'ß' | 'ẞ' => "SS",
        'Æ' | 'æ' => "AE",
        'Œ' | 'œ' | 'Ø' | 'ø' => "OE",
        'Þ' | 'þ' => "TH",
        'Ð' | 'ð' | 'Đ' | 'đ' => "D",
        'Ĳ' | 'ĳ' => "IJ",
        'Ƈ' | 'ƈ' => "C",
        'Ə' | 'ə' => "E",
        'Ǥ' | 'ǥ' => "G",
        'Ħ' | 'ħ' => "H",
        'ı' | 'Ɨ' | 'ɨ' => "I",
        'ĸ' => "K",
        'Ł' | 'ł' | 'Ŀ' | 'ŀ' => "L",
        'ŉ' | 'Ŋ' | 'ŋ' => "N",
        'Ŧ' | 'ŧ' => "T",
        'Ʒ' | 'ʒ' => "Z",
        'ª' => "A",
        'º' => "O",
        '’' | '‡' => "",
        // Modifier letters, which transliterations write for sounds without a letter.
        '\u{2b0}'..='\u{2ff}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn letters_of_the_standard() {
        let cases = [
            ("Müller", "MUELLER"),
            ("Mu\u{308}ller", "MUELLER"),
            ("GROẞ Groß", "GROSS GROSS"),
            ("Şükrü Yıldız", "SUEKRUE YILDIZ"),
            ("Ångström", "AANGSTROEM"),
            ("Łukasz Wałęsa", "LUKASZ WALESA"),
            ("Søren Kjær", "SOEREN KJAER"),
            ("Þór Guðmundsson", "THOR GUDMUNDSSON"),
            ("Đorđević", "DORDEVIC"),
            ("Ǖ ǟ", "UE AE"),
            ("ŉ Ĳssel Ŋ", "N IJSSEL N"),
            ("Noël", "NOEL"),
            ("O’Brien", "OBRIEN"),
            ("Oʻktam", "OKTAM"),
            ("Mª Nº", "MA NO"),
            ("ﬁſch", "FISCH"),
        ];
        for (raw, expected) in cases {
            assert_eq!(*search_form(raw), expected, "{raw}");
            assert!(!has_other_letters(raw), "{raw}");
        }
    }

    #[test]
    fn letters_that_the_standard_does_not_know() {
        assert_eq!(*search_form("Жук"), "ЖУК");
        let others = [
            "Жук",
            "Παπαδόπουλος",
            "محمد",
            "שרה",
            "王",
            "नेहा",
            "გიორგი",
            // Cyrillic М, а and о; Greek Α; full width; mathematical; Hausa.
            "\u{41c}üller",
            "M\u{430}ier",
            "Meier-R\u{43e}th",
            "\u{391}nna",
            "Ｍüller",
            "𝐌üller",
            "Ɗan",
        ];
        for raw in others {
            assert!(has_other_letters(raw), "{raw}");
        }
        for raw in ["", "Müller", "12²", "\u{200f}Meier", "O’Brien ‡", "½"] {
            assert!(!has_other_letters(raw), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn never_grows_past_its_room(text in "\\PC*") {
            let form = search_form(&text);
            prop_assert!(form.len() <= 3 * text.len() + 4, "{} of {}", form.len(), text.len());
        }

        #[test]
        fn the_order_of_marks_does_not_matter(text in "([AaOUuÄåe]|\\PC|[\u{300}-\u{36f}]){0,20}") {
            let ordered: String = text.nfd().collect();
            prop_assert_eq!(search_form(&text), search_form(&ordered));
        }
    }
}
