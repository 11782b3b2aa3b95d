//! The service that holds measures, the ledger and the releases.
