//! What the rules for names, streets and towns share: where a text breaks, and umlauts folded.

use zeroize::Zeroizing;

use super::search_form;

/// What a character of a search form does to the word it stands in.
pub(super) enum Role {
    /// Belongs to a word.
    Letter,
    /// Ends a word: spaces, hyphens, full stops, commas, brackets, control characters.
    Break,
    /// Vanishes and joins its neighbours: apostrophes, invisible marks, slips of the keyboard.
    Nothing,
}

pub(super) fn role(character: char) -> Role {
    match character {
        _ if character.is_alphanumeric() => Role::Letter,
        _ if is_invisible(character) => Role::Nothing,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Role::Break,
        _ if character.is_whitespace() || character.is_control() => Role::Break,
        '-' | '.' | ',' | ';' | '/' | '(' | ')' | '+' | '&' | '_' => Role::Break,
        _ => Role::Nothing,
    }
}

/// Marks of text direction and other characters that nobody sees.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// Does `work` on the text without its invisible characters, which programs put around dates and
/// numbers when they are copied.
pub(super) fn visible<T>(raw: &str, work: impl FnOnce(&str) -> T) -> T {
    if raw.is_ascii() || !raw.contains(is_invisible) {
        return work(raw);
    }
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    text.extend(raw.chars().filter(|character| !is_invisible(*character)));
    work(&text)
}

/// The words of the search form of `raw`, umlauts not yet folded.
pub(super) fn words(raw: &str) -> Zeroizing<Vec<String>> {
    let form = search_form(raw);
    let mut words = Zeroizing::new(Vec::new());
    let mut word = String::with_capacity(form.len());
    for character in form.chars() {
        match role(character) {
            Role::Letter => word.push(character),
            Role::Nothing => {}
            Role::Break if word.is_empty() => {}
            Role::Break => {
                words.push(std::mem::replace(&mut word, String::with_capacity(form.len())));
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Folds AE, OE and UE to A, O and U, so that ä, ae and a are one, whichever was written.
///
/// UE stays after A, E and Q, where it is no umlaut (Bauer, Neuer, Quell).
pub(super) fn fold_umlauts(word: &str) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(word.len()));
    let (mut before, mut last) = ('_', '_');
    for character in word.chars() {
        let umlaut = match (last, character) {
            ('A' | 'O', 'E') => true,
            ('U', 'E') => !matches!(before, 'A' | 'E' | 'Q'),
            _ => false,
        };
        if !umlaut {
            folded.push(character);
        }
        (before, last) = (last, character);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn umlauts_fold_on_both_sides() {
        for (one, other) in
            [("MUELLER", "MULLER"), ("KAETHE", "KATHE"), ("GOETZ", "GOTZ"), ("BAEUERLE", "BAUERLE")]
        {
            assert_eq!(fold_umlauts(one), fold_umlauts(other));
        }
        assert_eq!(*fold_umlauts("BAUER"), "BAUER");
        assert_eq!(*fold_umlauts("QUELL"), "QUELL");
    }

    #[test]
    fn words_break_at_hyphens_and_join_at_apostrophes() {
        assert_eq!(*words("Müller–Lüd'ke  (alt)\0x"), ["MUELLER", "LUEDKE", "ALT", "X"]);
        assert_eq!(*words("A\u{200f}b\u{202e}c"), ["ABC"]);
        assert!(words(" -- ").is_empty());
    }
}
