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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wiped_text_is_empty_and_keeps_its_room() {
        let mut text = String::with_capacity(100);
        text.push_str("Weber");
        wipe(&mut text);
        assert!(text.is_empty() && text.capacity() >= 100);
    }
}
