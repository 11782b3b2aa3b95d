//! Bound, aggregate, account, noise.
