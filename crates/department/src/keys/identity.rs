//! A department's key pair for wrapped linkage keys, in the text forms of age.

use std::fmt;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use ring::rand::SecureRandom;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

use super::fault::KeyFault;

const RECIPIENT: &str = "age";
const IDENTITY: &str = "age-secret-key-";

/// The secret half: an X25519 key, overwritten on drop. No Clone, Debug or Serialize.
pub struct Identity(StaticSecret);

/// The public half, to which a linkage key is wrapped; may be printed and sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

impl Identity {
    /// The text of a new identity file, as `age-keygen` writes it: the public key in a comment,
    /// then `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// [`KeyFault::Random`] if the random source fails.
    pub(super) fn generate(
        random: &dyn SecureRandom,
    ) -> Result<(Zeroizing<String>, Recipient), KeyFault> {
        let mut secret = Zeroizing::new([0; 32]);
        random.fill(&mut *secret).map_err(|_| KeyFault::Random)?;
        let recipient = Self(StaticSecret::from(*secret)).recipient();
        let line = Zeroizing::new(encode(IDENTITY, &secret).to_ascii_uppercase());
        let mut text = Zeroizing::new(String::with_capacity(256));
        text.push_str("# public key: ");
        text.push_str(&recipient.to_string());
        text.push('\n');
        text.push_str(&line);
        text.push('\n');
        Ok((text, recipient))
    }

    /// Reads an identity file: one secret key, comments and empty lines around it.
    ///
    /// # Errors
    /// [`KeyFault::IdentityForm`] for anything else.
    pub(super) fn from_file_text(text: &str) -> Result<Self, KeyFault> {
        let line = only_line(text).ok_or(KeyFault::IdentityForm)?;
        // The standard form is in capitals; a mixed one is refused by the checksum's rule.
        if line.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err(KeyFault::IdentityForm);
        }
        let bytes = decode(IDENTITY, line).ok_or(KeyFault::IdentityForm)?;
        Ok(Self(StaticSecret::from(*bytes)))
    }

    /// The public half.
    #[must_use]
    pub fn recipient(&self) -> Recipient {
        Recipient(PublicKey::from(&self.0).to_bytes())
    }

    pub(super) fn secret(&self) -> &StaticSecret {
        &self.0
    }
}

impl Recipient {
    /// Reads a recipient file: one `age1…`, comments and empty lines around it.
    ///
    /// # Errors
    /// [`KeyFault::RecipientForm`] for anything else.
    pub(super) fn from_file_text(text: &str) -> Result<Self, KeyFault> {
        let line = only_line(text).ok_or(KeyFault::RecipientForm)?;
        if line.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(KeyFault::RecipientForm);
        }
        decode(RECIPIENT, line).map(|bytes| Self(*bytes)).ok_or(KeyFault::RecipientForm)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(RECIPIENT, &self.0))
    }
}

/// The only line that is neither empty nor a comment.
fn only_line(text: &str) -> Option<&str> {
    let mut lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.next().filter(|_| lines.next().is_none())
}

/// Bech32 (BIP 173) in lower case; empty only if the constant prefix were none.
fn encode(prefix: &str, bytes: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(96));
    if let Ok(prefix) = Hrp::parse(prefix) {
        let written = bech32::encode_lower_to_fmt::<Bech32, String>(&mut text, prefix, bytes);
        if written.is_err() {
            text.zeroize();
        }
    }
    text
}

fn decode(prefix: &str, line: &str) -> Option<Zeroizing<[u8; 32]>> {
    let checked = CheckedHrpstring::new::<Bech32>(line).ok()?;
    if checked.hrp() != Hrp::parse(prefix).ok()? {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let mut given = checked.byte_iter();
    for byte in bytes.iter_mut() {
        *byte = given.next()?;
    }
    given.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;

    use super::*;

    #[test]
    fn identities_and_recipients_read_back() {
        let (text, recipient) = Identity::generate(&SystemRandom::new()).unwrap();
        assert!(text.contains("\nAGE-SECRET-KEY-1"));
        assert!(Identity::from_file_text(&text).unwrap().recipient() == recipient);
        let public = recipient.to_string();
        assert!(public.starts_with("age1") && public.len() == 62);
        for form in [public.clone(), format!("# Jugendamt\r\n\r\n {public} \r\n")] {
            assert!(Recipient::from_file_text(&form).is_ok_and(|read| read == recipient));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let (text, recipient) = Identity::generate(&SystemRandom::new()).unwrap();
        let public = recipient.to_string();
        let secret = text.lines().last().unwrap();
        let typo = public.replace(&public[10..11], if &public[10..11] == "q" { "p" } else { "q" });
        for other in [
            "",
            "# nothing\n",
            secret,
            &public[..61],
            &typo,
            &public.to_uppercase(),
            &format!("{public}\n{public}"),
            "ssh-ed25519 AAAA",
        ] {
            assert!(Recipient::from_file_text(other).err() == Some(KeyFault::RecipientForm));
        }
        for other in
            ["", &public, &secret[..40], &secret.to_lowercase(), &format!("{secret}\n{secret}")]
        {
            assert!(Identity::from_file_text(other).err() == Some(KeyFault::IdentityForm));
        }
    }
}
