//! One spelling per word for comparisons inside the department; nothing here is encoded.

/// Letters and digits in lower case, umlauts and `ß` written out, everything else left out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spellings_of_one_town_fold_to_one_word() {
        for town in ["Groß-Umstadt", "Gross Umstadt", "GROSS-UMSTADT", " groß\numstadt"] {
            assert_eq!(fold(town), "grossumstadt");
        }
        assert_ne!(fold("Klein-Umstadt"), fold("Groß-Umstadt"));
    }
}
