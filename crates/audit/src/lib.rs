//! Hash chain, checkpoints and their offline verification.
