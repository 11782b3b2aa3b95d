//! Slips of fingers, eyes and habit on one cell.

use super::draw::Draw;
use super::encoding::plain_letter;

const ROWS: [&str; 3] = ["qwertzuiopü", "asdfghjklöä", "yxcvbnm"];

/// Positions of letters behind the first one, where slips mostly happen.
fn inner(letters: &[char]) -> Vec<usize> {
    (1..letters.len()).filter(|&at| letters[at].is_lowercase()).collect()
}

/// One letter replaced by its neighbour on the keyboard.
pub(super) fn neighbour_key(draw: &mut Draw, cell: &str) -> String {
    let mut letters: Vec<char> = cell.chars().collect();
    let at = draw.one(&inner(&letters)).copied();
    let found = at.and_then(|at| {
        let row = ROWS.iter().find(|row| row.contains(letters[at]))?;
        let keys: Vec<char> = row.chars().collect();
        let place = keys.iter().position(|&key| key == letters[at])?;
        let right = place == 0 || (place + 1 < keys.len() && draw.per_mille(500));
        Some((at, keys[if right { place + 1 } else { place - 1 }]))
    });
    if let Some((at, key)) = found {
        letters[at] = key;
    }
    letters.into_iter().collect()
}

/// One pair of the table of misread characters applied, in either direction.
pub(super) fn misread(draw: &mut Draw, cell: &str, pairs: &[(&str, &str)]) -> String {
    let both = pairs.iter().flat_map(|&(one, other)| [(one, other), (other, one)]);
    let fits: Vec<(&str, &str)> = both.filter(|(from, _)| cell.contains(from)).collect();
    draw.one(&fits).map_or_else(|| cell.to_owned(), |(from, to)| cell.replacen(from, to, 1))
}

/// Two neighbouring letters transposed.
pub(super) fn transposed(draw: &mut Draw, cell: &str) -> String {
    let mut letters: Vec<char> = cell.chars().collect();
    let mut places = inner(&letters);
    places.retain(|&at| letters.get(at + 1).is_some_and(|next| next.is_lowercase()));
    if let Some(&at) = draw.one(&places) {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

/// One letter left out.
pub(super) fn without_a_letter(draw: &mut Draw, cell: &str) -> String {
    let mut letters: Vec<char> = cell.chars().collect();
    if let Some(&at) = draw.one(&inner(&letters)).filter(|_| letters.len() > 2) {
        letters.remove(at);
    }
    letters.into_iter().collect()
}

/// Whether a cell has a letter that not every keyboard has.
pub(super) fn has_special(cell: &str) -> bool {
    cell.chars().any(|letter| {
        matches!(letter, 'ä' | 'ö' | 'ü' | 'Ä' | 'Ö' | 'Ü' | 'ß') || plain_letter(letter).is_some()
    })
}

/// All special letters written otherwise: `ä` as `ae` or `a`, `ß` as `ss`, `ł` as `l`.
pub(super) fn without_special(draw: &mut Draw, cell: &str) -> String {
    let bare = draw.per_mille(250);
    let mut text = String::with_capacity(cell.len() + 4);
    for letter in cell.chars() {
        let base = match letter {
            'ä' => 'a',
            'ö' => 'o',
            'ü' => 'u',
            'Ä' => 'A',
            'Ö' => 'O',
            'Ü' => 'U',
            'ß' => {
                text.push_str("ss");
                continue;
            }
            other => {
                match plain_letter(other) {
                    Some(plain) => text.push_str(plain),
                    None => text.push(other),
                }
                continue;
            }
        };
        text.push(base);
        if !bare {
            text.push('e');
        }
    }
    text
}

/// Two different neighbouring digits transposed.
pub(super) fn transposed_digits(draw: &mut Draw, cell: &str) -> String {
    let mut digits: Vec<char> = cell.chars().collect();
    let differing = (1..digits.len()).filter(|&at| digits[at - 1] != digits[at]);
    let places: Vec<usize> = differing.collect();
    if let Some(&at) = draw.one(&places) {
        digits.swap(at - 1, at);
    }
    digits.into_iter().collect()
}

/// A street name cut short: `Schiller` for `Schillerstr.`, `F.-Ebert-Str.`, `Bahnhofstr`.
pub(super) fn shortened_street(cell: &str) -> String {
    if let Some((first, rest)) = cell.split_once('-') {
        let initial: String = first.chars().take(1).collect();
        return format!("{initial}.-{rest}");
    }
    if cell.contains("straße") || cell.contains("Straße") {
        return cell.replace("straße", "str").replace("Straße", "Str");
    }
    if cell.contains("str.") || cell.contains("Str.") {
        return cell.replace("str.", "").replace("Str.", "").replace("  ", " ");
    }
    cell.replace("weg", "w.").replace("gasse", "g.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::draw::Purpose;

    #[test]
    fn slips_change_one_place() {
        let mut draw = Draw::new(3, Purpose::Record, 0, 0);
        assert_eq!(without_a_letter(&mut draw, "Schneider").chars().count(), 8);
        let swapped = transposed(&mut draw, "Schneider");
        assert_eq!(swapped.chars().filter(|&letter| letter == 'e').count(), 2);
        assert_ne!(neighbour_key(&mut draw, "Schneider"), "Schneider");
        assert_eq!(transposed_digits(&mut draw, "66666"), "66666");
        assert_eq!(misread(&mut draw, "Xaver", &[("rn", "m")]), "Xaver");
        assert_eq!(misread(&mut draw, "Kern", &[("rn", "m")]), "Kem");
    }

    #[test]
    fn special_letters_are_folded() {
        let mut draw = Draw::new(3, Purpose::Record, 0, 0);
        let folded = without_special(&mut draw, "Groß Wójcik");
        assert_eq!(folded, "Gross Wojcik");
        assert!(!has_special("Mueller"));
    }

    #[test]
    fn streets_are_cut() {
        assert_eq!(shortened_street("Bahnhofstraße"), "Bahnhofstr");
        assert_eq!(shortened_street("Friedrich-Ebert-Str."), "F.-Ebert-Str.");
        assert_eq!(shortened_street("Am Bahnhof"), "Am Bahnhof");
    }
}
