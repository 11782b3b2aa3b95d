//! What can be wrong with a key file beyond its form.

use thiserror::Error;

/// What it means and what to do; holds nothing of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// The path leads elsewhere.
    #[error("it is a symbolic link; name the file itself, so that nobody can exchange it")]
    Link,
    /// A folder, a pipe or a device.
    #[error("it is not a file")]
    NotAFile,
    /// A secret that can be searched for.
    #[error(
        "its secret has only {bits} bits, below 128 it can be guessed; where the file was cut off, \
         fetch it again, else create another with keygen"
    )]
    Short {
        /// Bits that the file holds.
        bits: usize,
    },
    /// A secret that no random source gives.
    #[error("its secret is a placeholder, not random; create another key")]
    Placeholder,
    /// A file that `keys wrap` did not write.
    #[error(
        "it is not a wrapped linkage key (a file of `keys wrap`, or of age without armour); ask \
         the key custodian for it again"
    )]
    NotWrapped,
    /// No part of it opens with this identity.
    #[error(
        "it does not open with this identity: it is wrapped for another department, or was \
         altered; compare the public key with the key custodian"
    )]
    OtherRecipient,
    /// Header or content are not what was written.
    #[error("it was altered or cut off on its way; ask the key custodian for it again")]
    Altered,
    /// Something was wrapped, but no linkage key.
    #[error("what it holds is no linkage key; ask the key custodian for it again")]
    OtherContent,
    /// No public key of age.
    #[error(
        "it is not a department's public key (one line age1…); ask for the file that `keygen \
         department` wrote beside the identity"
    )]
    RecipientForm,
    /// The same public key twice.
    #[error("its public key is named a second time; name each department once")]
    RecipientTwice,
    /// No secret key of age.
    #[error(
        "it is not a department's identity (one line AGE-SECRET-KEY-1…); create one with: \
         milchglas-department keygen department --output FILE"
    )]
    IdentityForm,
    /// The new epoch would go on under the earlier key.
    #[error(
        "the new epoch would have the same key as this one; give it a name of its own, records \
         of two epochs must not be comparable"
    )]
    SameKey,
    /// The random source failed.
    #[error("the system's random source is not available")]
    Random,
}
