//! How much room a text takes.
//!
//! The reader's fonts are not known here, so widths are estimated for a wide sans-serif.

/// Widest average character, in font sizes: DejaVu Sans, the widest common sans-serif.
pub(crate) const CHARACTER: f64 = 0.6;
/// Same for bold text.
pub(crate) const BOLD_CHARACTER: f64 = 0.68;

/// Height of lines of text, in pixels.
pub(crate) fn height(texts: &[String], line: i32) -> i32 {
    i32::try_from(texts.len()).unwrap_or(i32::MAX).saturating_mul(line)
}

/// Estimated width of a text in pixels.
#[expect(
    clippy::cast_possible_truncation,
    reason = "labels have at most a few thousand characters"
)]
#[expect(clippy::cast_precision_loss, reason = "as above")]
pub(crate) fn extent(text: &str, size: f64) -> i32 {
    (text.chars().count() as f64 * size * CHARACTER).ceil() as i32
}

/// How many characters of `width` pixels each fit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
pub(crate) fn characters(pixels: i32, width: f64) -> usize {
    (f64::from(pixels) / width).max(8.0) as usize
}

/// Breaks at spaces; a word longer than a line is cut.
pub(crate) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let Some(line) = lines.last_mut() else { break };
            let used = line.chars().count();
            let space = usize::from(used > 0);
            if used + space + rest.len() <= most {
                if space == 1 {
                    line.push(' ');
                }
                line.extend(rest.drain(..));
            } else if used > 0 {
                lines.push(String::new());
            } else {
                line.extend(rest.drain(..most));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_spaces_and_long_words_are_cut() {
        assert_eq!(wrap("nur Wohngeld", 20), ["nur Wohngeld"]);
        assert_eq!(
            wrap("Wohngeld + Hilfe zur Erziehung", 12),
            ["Wohngeld +", "Hilfe zur", "Erziehung"]
        );
        assert_eq!(wrap("Eingliederungshilfe ab", 10), ["Einglieder", "ungshilfe", "ab"]);
        assert_eq!(wrap("", 10), [""]);
    }
}
