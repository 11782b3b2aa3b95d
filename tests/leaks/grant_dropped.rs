//! A grant that nobody uses is budget thrown away.
#![deny(unused_must_use)]

use statistics::{Charge, Durable, charge};

async fn throw_away<L: Durable>(ledger: &mut L, asked: Charge) -> Result<(), L::Error> {
    charge(ledger, asked).await?;
    Ok(())
}

fn main() {}
