//! Only `charge` makes a grant, after the ledger has committed.

use statistics::{Charge, Grant, Receipt};

fn forge(charge: Charge, receipt: Receipt) -> Grant {
    Grant { charge, receipt }
}

fn main() {}
