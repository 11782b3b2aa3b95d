//! How much noise a budget buys: calibration on a grid, in integers.

use policy::{Femto, NanoRho};

use crate::{Error, laplace, mechanism::privacy_map};

/// The parameter of the noise, sigma of a Gaussian or b of a Laplace: a multiple of 2^-10 with at most 21 significant bits.
///
/// Such a value is exact as a double, and its short numerator keeps the sampler's rational
/// arithmetic small.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    units: u64,
}

/// Units of 2^-10 in one.
const UNITS: u64 = 1 << 10;
/// Significant bits below which a coarser grid begins.
const PRECISION: u32 = 20;
/// Steps that may be needed above the exact root: one for its floor, one for the rounding of the
/// sensitivity, and one to spare.
const STEPS: u64 = 4;
/// Nano-rho in one rho.
const NANO: u128 = 1_000_000_000;
/// Units of 1e-15 in one.
const FEMTO: u128 = 1_000_000_000_000_000;

impl Scale {
    /// The number itself: sigma of a Gaussian, b of a Laplace.
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "exact: at most 21 significant bits, divided by a power of two"
    )]
    pub(crate) fn sigma(self) -> f64 {
        self.units as f64 / UNITS as f64
    }

    /// The number itself in units of 2^-10.
    pub(crate) fn units(self) -> u64 {
        self.units
    }

    /// The smallest scale of a Gaussian on the grid whose charge is at most `budget`, with that
    /// charge.
    ///
    /// The charge is opendp's privacy map of the sensitivity, rounded up, itself rounded up to a
    /// whole nano-rho. Comparing integers, it never passes the budget.
    pub(crate) fn calibrate(l2_squared: u64, budget: NanoRho) -> Result<(Self, NanoRho), Error> {
        Self::search(l2_squared, budget, |scale| scale.charge(l2_squared))
    }

    /// The same for a Laplace: eps = Δ1/b costs eps²/2, so b² ≥ Δ1² / (2·rho).
    pub(crate) fn calibrate_laplace(l1: u64, budget: NanoRho) -> Result<(Self, NanoRho), Error> {
        let square = l1.checked_mul(l1).ok_or(Error::Overflow)?;
        Self::search(square, budget, |scale| charged(laplace::privacy_map(scale, l1)?))
    }

    /// Walks up the grid from the root of `squared` / (2·rho) until the charge fits.
    fn search(
        squared: u64,
        budget: NanoRho,
        charge: impl Fn(Self) -> Result<NanoRho, Error>,
    ) -> Result<(Self, NanoRho), Error> {
        let doubled = u128::from(budget.get()).checked_mul(2).filter(|doubled| *doubled > 0);
        // scale² ≥ Δ² / (2·rho), in units of 2^-20.
        let square = u128::from(squared)
            .checked_mul(NANO)
            .and_then(|nano| nano.checked_mul(u128::from(UNITS)))
            .and_then(|nano| nano.checked_mul(u128::from(UNITS)))
            .zip(doubled)
            .and_then(|(nano, doubled)| nano.checked_div(doubled))
            .ok_or(Error::Scale)?;
        let root = u64::try_from(square.isqrt()).map_err(|_| Error::Scale)?;
        let coarser = root.checked_ilog2().unwrap_or(0).saturating_sub(PRECISION);
        // Never 0: noise of scale 0 is none.
        let first = root.checked_shr(coarser).unwrap_or(0).max(1);
        for step in 0..STEPS {
            let units = first.checked_add(step).and_then(|steps| shifted(steps, coarser));
            let scale = Self { units: units.ok_or(Error::Scale)? };
            let charge = charge(scale)?;
            if charge <= budget {
                return Ok((scale, charge));
            }
        }
        Err(Error::Scale)
    }

    /// What noise of this scale costs for that sensitivity.
    fn charge(self, l2_squared: u64) -> Result<NanoRho, Error> {
        charged(privacy_map(self, root_up(l2_squared).ok_or(Error::Scale)?)?)
    }
}

/// A loss as it is charged: in whole nano-rho, rounded up, and never nothing.
pub(crate) fn charged(rho: f64) -> Result<NanoRho, Error> {
    let nano = rounded_up(rho, NANO).ok_or(Error::Scale)?;
    NanoRho::new(nano.max(1)).map_err(|_| Error::Scale)
}

/// A probability in whole 1e-15, rounded up; `None` beyond any that may be charged.
pub(crate) fn femto_up(delta: f64) -> Option<Femto> {
    Femto::new(rounded_up(delta, FEMTO)?).ok()
}

fn shifted(steps: u64, by: u32) -> Option<u64> {
    steps.checked_mul(1_u64.checked_shl(by)?)
}

/// The square root as a double, exact for squares and else rounded up.
fn root_up(square: u64) -> Option<f64> {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let root = square.isqrt();
    #[expect(clippy::cast_precision_loss, reason = "both are below 2^53 where they are used")]
    let (root_double, square_double) = (root as f64, square as f64);
    if root.checked_mul(root) == Some(square) {
        return (root <= EXACT).then_some(root_double);
    }
    // `sqrt` is correctly rounded, so the next double is above the root.
    (square <= EXACT).then(|| square_double.sqrt().next_up())
}

/// `value` in units of which `units` make one, rounded up without an intermediate rounding: a double
/// is an integer times a power of two.
fn rounded_up(value: f64, units: u128) -> Option<u64> {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    if !value.is_finite() || value.is_sign_negative() {
        return None;
    }
    let bits = value.to_bits();
    let biased = u32::try_from(bits.checked_shr(FRACTION)?).ok()?;
    let fraction = bits & (1_u64.checked_shl(FRACTION)?.checked_sub(1)?);
    if biased == 0 {
        // Below 2^-1022: one unit, or nothing for zero itself.
        return Some(u64::from(fraction != 0));
    }
    let mantissa = fraction | 1_u64.checked_shl(FRACTION)?;
    let scaled = u128::from(mantissa).checked_mul(units)?;
    // value = mantissa · 2^(biased − 1075)
    let Some(left) = biased.checked_sub(1075) else {
        let right = 1075_u32.checked_sub(biased)?;
        let Some(whole) = scaled.checked_shr(right) else { return Some(1) };
        let rest = whole.checked_shl(right)? != scaled;
        return u64::try_from(whole).ok()?.checked_add(u64::from(rest));
    };
    let factor = 1_u128.checked_shl(left)?;
    u64::try_from(scaled.checked_mul(factor)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nano_up(rho: f64) -> Option<u64> {
        rounded_up(rho, NANO)
    }

    fn exact_cost(scale: Scale, l2_squared: u64) -> (u128, u128) {
        // rho in nano = Δ² · 1e9 · 2^20 / (2 · units²)
        let above = u128::from(l2_squared) * NANO * u128::from(UNITS * UNITS);
        (above, 2 * u128::from(scale.units) * u128::from(scale.units))
    }

    proptest! {
        #[test]
        fn a_charge_covers_the_loss_and_never_passes_the_budget(
            nano in 1_000_u64..2_000_000_000, l2_squared in 1_u64..10_000
        ) {
            let budget = NanoRho::new(nano).unwrap();
            let (scale, charge) = Scale::calibrate(l2_squared, budget).unwrap();
            prop_assert!(charge <= budget);
            let (above, below) = exact_cost(scale, l2_squared);
            prop_assert!(u128::from(charge.get()) * below >= above, "charged below the loss");
        }

        #[test]
        fn sums_of_amounts_calibrate_too(nano in 500_u64..1_000_000_000, bound in 1_u64..1_000_000_000) {
            let budget = NanoRho::new(nano).unwrap();
            let (scale, charge) = Scale::calibrate(bound * bound, budget).unwrap();
            prop_assert!(charge <= budget);
            let (above, below) = exact_cost(scale, bound * bound);
            prop_assert!(u128::from(charge.get()) * below >= above);
            // A coarser grid may waste a little, a wrong one would waste much.
            prop_assert!(above * 100 >= u128::from(nano) * below * 99 || scale.units < 200);
        }

        /// eps²/2 with eps = Δ1/b is Δ1² / (2·b²): the cost of a Gaussian with Δ1 for Δ2.
        #[test]
        fn a_laplace_charge_covers_the_loss_and_never_passes_the_budget(
            nano in 1_000_u64..2_000_000_000, l1 in prop_oneof![1_u64..100, 1_u64..1_000_000_000]
        ) {
            let budget = NanoRho::new(nano).unwrap();
            let (scale, charge) = Scale::calibrate_laplace(l1, budget).unwrap();
            prop_assert!(charge <= budget && scale.units > 0);
            let (above, below) = exact_cost(scale, l1 * l1);
            prop_assert!(u128::from(charge.get()) * below >= above, "charged below the loss");
            prop_assert!(above * 100 >= u128::from(nano) * below * 99 || scale.units < 200);
        }

        #[test]
        fn rounding_up_to_nano_is_exact(mantissa in 1_u64..(1 << 53), shift in 0_u32..90) {
            let value = mantissa as f64 / 2_f64.powi(shift as i32);
            let scaled = u128::from(mantissa) * NANO;
            let expected = if shift < 90 { scaled.div_ceil(1_u128 << shift) } else { 1 };
            prop_assert_eq!(nano_up(value).map(u128::from), u64::try_from(expected).ok().map(u128::from));
        }
    }

    #[test]
    fn every_power_of_ten_keeps_its_budget() {
        for exponent in 3..=9 {
            for l2_squared in [1, 2, 3, 5, 8, 100, 750 * 750] {
                let budget = NanoRho::new(10_u64.pow(exponent)).unwrap();
                let (_, charge) = Scale::calibrate(l2_squared, budget).unwrap();
                assert!(charge <= budget);
            }
        }
    }

    #[test]
    fn nothing_buys_no_noise() {
        assert!(Scale::calibrate(1, NanoRho::ZERO).is_err());
        assert!(Scale::calibrate_laplace(1, NanoRho::ZERO).is_err());
        assert!(matches!(Scale::calibrate_laplace(u64::MAX, NanoRho::MAX), Err(Error::Overflow)));
    }

    #[test]
    fn roots_are_exact_for_squares_and_above_otherwise() {
        assert_eq!(root_up(1), Some(1.0));
        assert_eq!(root_up(562_500), Some(750.0));
        for square in [2_u64, 3, 7, 9_999] {
            let root = root_up(square).unwrap();
            assert!(root > (square as f64).sqrt());
        }
        assert_eq!(root_up(u64::MAX), None);
    }

    #[test]
    fn probabilities_round_up_to_femto() {
        assert_eq!(femto_up(0.0), Some(Femto::ZERO));
        assert_eq!(femto_up(1e-30).map(Femto::get), Some(1));
        assert_eq!(femto_up(2_f64.powi(-40)).map(Femto::get), Some(910), "909.49");
        assert_eq!(femto_up(0.5), None, "above every delta that may be charged");
    }

    #[test]
    fn odd_doubles_round_up_or_are_refused() {
        assert_eq!(nano_up(0.0), Some(0));
        assert_eq!(nano_up(f64::MIN_POSITIVE), Some(1));
        assert_eq!(nano_up(f64::from_bits(1)), Some(1));
        assert_eq!(nano_up(0.05), Some(50_000_001), "the double nearest to 0.05 lies above it");
        assert_eq!(nano_up(1.0), Some(1_000_000_000));
        for bad in [f64::NAN, f64::INFINITY, -1.0, f64::MAX] {
            assert_eq!(nano_up(bad), None);
        }
    }
}
