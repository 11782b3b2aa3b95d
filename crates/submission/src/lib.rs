//! What may travel between the parties.
