//! What several clusters lose together: a person split by missed links, a household.

use std::ops::RangeInclusive;

use policy::{Femto, NanoRho};
use serde::Serialize;

use crate::{Error, mechanism::epsilon};

/// What s clusters lose together: a person whose records were linked as s persons, or a household
/// of s.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct GroupLoss {
    /// How many clusters.
    pub size: u64,
    /// s² times the charge, in 1e-9 rho.
    pub rho_nano: u64,
    /// The same as epsilon at the public delta of the conversion; for showing.
    pub eps: f64,
}

/// What groups of `sizes` lose by a charge of `rho`, epsilon shown at `delta_conv`.
///
/// zCDP of s persons added or removed costs s² times as much (Bun and Steinke 2016, proposition
/// 1.9). Charges add up before they are squared: the same holds for a cap.
///
/// # Errors
/// [`Error::Overflow`] beyond rho = 100, the largest amount that there is, [`Error::Delta`].
pub fn group_losses(
    rho: NanoRho,
    delta_conv: Femto,
    sizes: RangeInclusive<u64>,
) -> Result<Vec<GroupLoss>, Error> {
    let loss = |size: u64| {
        let squared = size.checked_mul(size).ok_or(Error::Overflow)?;
        let rho_nano = rho.get().checked_mul(squared).ok_or(Error::Overflow)?;
        let whole = NanoRho::new(rho_nano).map_err(|_| Error::Overflow)?;
        Ok(GroupLoss { size, rho_nano, eps: epsilon(whole, delta_conv)? })
    };
    sizes.map(loss).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Price;

    #[test]
    fn losses_grow_with_the_square_and_exist_for_the_greatest_price() {
        let delta = Femto::new(1_000_000_000).unwrap();
        let losses = group_losses(NanoRho::new(50_000_000).unwrap(), delta, 1..=4).unwrap();
        let rho: Vec<(u64, u64)> = losses.iter().map(|own| (own.size, own.rho_nano)).collect();
        assert_eq!(rho, [(1, 50_000_000), (2, 200_000_000), (3, 450_000_000), (4, 800_000_000)]);
        // Not above Bun and Steinke's own conversion (proposition 1.3), and above rho alone.
        for own in &losses {
            let rho = own.rho_nano as f64 / 1e9;
            let bound = rho + 2.0 * (rho * 1e6_f64.ln()).sqrt();
            assert!(own.eps > rho && own.eps <= bound, "{own:?}, at most {bound}");
        }
        assert!(group_losses(NanoRho::new(Price::MAX_RHO_NANO).unwrap(), delta, 2..=4).is_ok());
        assert!(matches!(group_losses(NanoRho::MAX, delta, 2..=2), Err(Error::Overflow)));
    }
}
