//! The one-line text of a secret: a prefix that names its kind, and 256 bits in hexadecimal.

use data_encoding::HEXLOWER;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of every secret of this crate.
pub(crate) const BYTES: usize = 32;
/// 32 random bytes have fewer distinct values with a chance below 2^-150.
const LEAST_DISTINCT_BYTES: usize = 8;
/// Below this a secret can be searched for.
const LEAST_BITS: usize = 128;

/// Why a line is no secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Another form or length.
    Form,
    /// Hexadecimal digits after the right prefix, but for fewer than 128 bits.
    Short(usize),
    /// Bytes that no random source gives.
    Placeholder,
}

/// The line of a secret, with its line end.
pub(crate) fn write(prefix: &str, secret: &[u8; BYTES]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 2 * BYTES + 1));
    text.push_str(prefix);
    HEXLOWER.encode_append(secret, &mut text);
    text.push('\n');
    text
}

/// Reads the line of a secret; one line end may follow.
pub(crate) fn read(prefix: &str, text: &str) -> Result<Zeroizing<[u8; BYTES]>, Fault> {
    let line = text.strip_suffix('\n').map_or(text, |t| t.strip_suffix('\r').unwrap_or(t));
    let digits = line.strip_prefix(prefix).ok_or(Fault::Form)?;
    if digits.len() != 2 * BYTES {
        let hexadecimal = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let bits = 4 * digits.len();
        return Err(if hexadecimal && bits < LEAST_BITS {
            Fault::Short(bits)
        } else {
            Fault::Form
        });
    }
    let mut secret = Zeroizing::new([0; BYTES]);
    if HEXLOWER.decode_mut(digits.as_bytes(), &mut *secret).is_err() {
        secret.zeroize();
        return Err(Fault::Form);
    }
    let distinct = (0..=u8::MAX).filter(|byte| secret.contains(byte)).count();
    if distinct < LEAST_DISTINCT_BYTES { Err(Fault::Placeholder) } else { Ok(secret) }
}
