//! The search form of DIN 91379: any Latin name in the letters A to Z.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use zeroize::Zeroizing;

const DIAERESIS: char = '\u{308}';
const RING: char = '\u{30a}';

/// The search form of DIN 91379, in capitals: Ä Ö Ü become AE OE UE, Å becomes AA, ß becomes SS,
/// letters with a stroke or of their own (Ł, Ø, Þ ...) their basic letters; every other mark is
/// dropped. Other scripts, digits and punctuation stay.
#[must_use]
pub fn search_form(text: &str) -> Zeroizing<String> {
    // Room for the worst doubling, so that no copy of the text is left behind by growing.
    let mut form = Zeroizing::new(String::with_capacity(3 * text.len() + 4));
    let mut base = None;
    for character in text.nfd() {
        if is_combining_mark(character) {
            match (base, character) {
                (Some('A' | 'O' | 'U'), DIAERESIS) => form.push('E'),
                (Some('A'), RING) => form.push('A'),
                // Another mark: the diaeresis may still follow.
                _ => continue,
            }
            base = None;
        } else if let Some(letters) = basic_letters(character) {
            form.push_str(letters);
            base = None;
        } else {
            base = None;
            for capital in character.to_uppercase() {
                form.push(capital);
                base = Some(capital);
            }
        }
    }
    form
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
    !text.is_ascii() && text.nfd().any(other)
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
    }
}
