//! What the rules for names, streets and towns share: where a text breaks, and umlauts folded.

use zeroize::Zeroizing;

use super::parts::Parts;

/// What a character of a search form does to the word it stands in.
enum Role {
    /// Belongs to a word.
    Letter,
    /// Ends a word: spaces, hyphens, full stops, commas, brackets, control characters.
    Break,
    /// Vanishes and joins its neighbours: apostrophes, invisible marks, slips of the keyboard.
    Nothing,
}

fn role(character: char) -> Role {
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

/// Appends the words of a search form, umlauts not yet folded.
pub(super) fn push_words(form: &str, words: &mut Parts) {
    for character in form.chars() {
        match role(character) {
            Role::Letter => words.text().push(character),
            Role::Nothing => {}
            Role::Break => words.end(),
        }
    }
    words.end();
}

/// Appends `word` with AE, OE and UE folded to A, O and U, so that ä, ae and a are one, whichever
/// was written.
///
/// UE stays after A, E and Q, where it is no umlaut (Bauer, Neuer, Quell).
pub(super) fn push_folded(word: &str, folded: &mut String) {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::search_form;

    fn folded(word: &str) -> String {
        let mut folded = String::new();
        push_folded(word, &mut folded);
        folded
    }

    fn words(raw: &str) -> Vec<String> {
        let mut words = Parts::default();
        push_words(&search_form(raw), &mut words);
        words.iter().map(str::to_owned).collect()
    }

    #[test]
    fn umlauts_fold_on_both_sides() {
        for (one, other) in
            [("MUELLER", "MULLER"), ("KAETHE", "KATHE"), ("GOETZ", "GOTZ"), ("BAEUERLE", "BAUERLE")]
        {
            assert_eq!(folded(one), folded(other));
        }
        assert_eq!(folded("BAUER"), "BAUER");
        assert_eq!(folded("QUELL"), "QUELL");
    }

    #[test]
    fn words_break_at_hyphens_and_join_at_apostrophes() {
        assert_eq!(words("Müller–Lüd'ke  (alt)\0x"), ["MUELLER", "LUEDKE", "ALT", "X"]);
        assert_eq!(words("A\u{200f}b\u{202e}c"), ["ABC"]);
        assert!(words(" -- ").is_empty());
    }
}
