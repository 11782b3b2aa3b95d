//! From text to the bytes of a file.

use super::conventions::Encoding;

/// Byte of a character in Windows-1252, for letters of Latin scripts and the euro sign.
fn windows_1252(letter: char) -> Option<u8> {
    match letter {
        '\u{0}'..='\u{7f}' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(letter)).ok(),
        '€' => Some(0x80),
        'Š' => Some(0x8a),
        'Œ' => Some(0x8c),
        'Ž' => Some(0x8e),
        'š' => Some(0x9a),
        'œ' => Some(0x9c),
        'ž' => Some(0x9e),
        'Ÿ' => Some(0x9f),
        _ => None,
    }
}

/// What a clerk types who does not have a letter of DIN 91379 on the keyboard; `None` for letters
/// that stay as they are.
pub(super) const fn plain_letter(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ā' | 'ą' | 'á' => "a",
        'Ā' => "A",
        'ç' | 'ć' | 'č' => "c",
        'Ç' | 'Č' => "C",
        'ę' | 'é' => "e",
        'ğ' => "g",
        'Ğ' => "G",
        'ḥ' | 'ḫ' => "h",
        'Ḥ' => "H",
        'Ḫ' => "H",
        'ı' | 'ī' => "i",
        'İ' => "I",
        'ł' => "l",
        'Ł' => "L",
        'ń' => "n",
        'ó' => "o",
        'ş' | 'ś' | 'š' => "s",
        'Ş' | 'Ś' | 'Š' => "S",
        'ṭ' => "t",
        'ū' => "u",
        'ź' | 'ż' | 'ž' => "z",
        'Ż' | 'Ź' => "Z",
        'ʿ' | 'ʾ' => "",
        _ => return None,
    })
}

/// Encodes a whole file.
pub(super) fn encode(text: String, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf8Mark => {
            let mut bytes = vec![0xef, 0xbb, 0xbf];
            bytes.extend_from_slice(text.as_bytes());
            bytes
        }
        Encoding::Windows1252 => {
            let mut bytes = Vec::with_capacity(text.len());
            for letter in text.chars() {
                match windows_1252(letter) {
                    Some(byte) => bytes.push(byte),
                    None => bytes.extend_from_slice(plain_letter(letter).unwrap_or("?").as_bytes()),
                }
            }
            bytes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::tables::Tables;

    #[test]
    fn windows_1252_drops_what_it_lacks() {
        assert_eq!(encode("Şükrü ß€".into(), Encoding::Windows1252), b"S\xfckr\xfc \xdf\x80");
        assert_eq!(encode("ä".into(), Encoding::Utf8Mark), b"\xef\xbb\xbf\xc3\xa4");
    }

    #[test]
    fn every_letter_of_the_name_lists_can_be_written() {
        let tables = Tables::load().unwrap();
        let lists = tables.others.iter();
        let names = lists.flat_map(|list| [&list.surnames, &list.male, &list.female]).flatten();
        for letter in names.flat_map(|name| name.chars()) {
            let known = windows_1252(letter).is_some() || plain_letter(letter).is_some();
            assert!(known, "{letter}");
        }
    }
}
