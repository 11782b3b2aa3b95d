//! Overwriting buffers that are used again.

use zeroize::Zeroize;

/// Empties a text and overwrites what it held.
///
/// Only that: `String::zeroize` overwrites all the room there is, which is what drops are for.
/// Whoever empties a buffer by this function alone has nothing left behind its end.
pub(crate) fn wipe(text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    wipe_bytes(&mut bytes);
    // No byte is left that could be malformed, and the room stays.
    *text = String::from_utf8(bytes).unwrap_or_default();
}

/// Empties a list of numbers or bytes and overwrites what it held.
pub(crate) fn wipe_bytes<T>(list: &mut Vec<T>)
where
    [T]: Zeroize,
{
    list.as_mut_slice().zeroize();
    list.clear();
}

/// Makes room for `more` entries; what has to move is overwritten where it lay, which a list that
/// grows by itself leaves behind.
pub(crate) fn make_room<T: Copy>(list: &mut Vec<T>, more: usize)
where
    [T]: Zeroize,
{
    let wanted = list.len() + more;
    if wanted > list.capacity() {
        let mut larger = Vec::with_capacity(wanted.max(2 * list.capacity()));
        larger.extend_from_slice(list);
        wipe_bytes(list);
        *list = larger;
    }
}

/// As [`make_room`], for a text.
pub(crate) fn make_text_room(text: &mut String, more: usize) {
    let mut bytes = std::mem::take(text).into_bytes();
    make_room(&mut bytes, more);
    // The bytes are those of a text.
    *text = String::from_utf8(bytes).unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_made_without_a_loss_and_seldom() {
        let (mut list, mut text) = (Vec::new(), String::new());
        let mut moves = 0;
        for number in 0..1_000_u64 {
            let before = list.capacity();
            make_room(&mut list, 1);
            moves += usize::from(list.capacity() != before);
            list.push(number);
            make_text_room(&mut text, 2);
            text.push('ü');
        }
        assert!(list.iter().copied().eq(0..1_000) && text == "ü".repeat(1_000));
        assert!(moves <= 11, "{moves}");
    }

    #[test]
    fn a_wiped_text_is_empty_and_keeps_its_room() {
        let mut text = String::with_capacity(100);
        text.push_str("Weber");
        wipe(&mut text);
        assert!(text.is_empty() && text.capacity() >= 100);
    }
}
