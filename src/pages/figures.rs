//! Budgets and probabilities as German readers write them, from integers.

/// Nano-rho in rho, exactly: `0,04997445`.
pub(super) fn rho(nano: u64) -> String {
    let fraction = format!("{:09}", nano % 1_000_000_000);
    let fraction = fraction.trim_end_matches('0');
    let whole = nano / 1_000_000_000;
    if fraction.is_empty() { whole.to_string() } else { format!("{whole},{fraction}") }
}

/// Nano-rho in rho with three decimals, rounded up: what is spent must not look like less.
pub(super) fn rho_rounded(nano: u64) -> String {
    let thousandths = nano.div_ceil(1_000_000);
    format!("{},{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// How much of `cap` is spent, per mille, rounded up; 1000 where nothing is left.
pub(super) fn per_mille(spent: u64, cap: u64) -> u64 {
    if spent >= cap {
        return 1_000;
    }
    let share = (u128::from(spent) * 1_000).div_ceil(u128::from(cap));
    u64::try_from(share).unwrap_or(1_000)
}

/// A part of a whole in per cent with one decimal, rounded to the nearer: `98,7 %`.
pub(super) fn percent_of(part: u64, whole: u64) -> String {
    let whole = u128::from(whole.max(1));
    let per_mille = (u128::from(part) * 2_000 + whole) / (2 * whole);
    format!("{},{}\u{a0}%", per_mille / 10, per_mille % 10)
}

/// `15 %` or `15,1 %`.
pub(super) fn percent(per_mille: u64) -> String {
    match per_mille % 10 {
        0 => format!("{}\u{a0}%", per_mille / 10),
        tenth => format!("{},{tenth}\u{a0}%", per_mille / 10),
    }
}

/// A probability in 1e-15 as a power of ten: `10⁻⁶`, `5 · 10⁻⁷`.
pub(super) fn delta(femto: u64) -> String {
    if femto == 0 {
        return "0".to_owned();
    }
    let (mut digits, mut exponent) = (femto, -15_i32);
    while digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    let power: String = exponent.to_string().chars().map(raised).collect();
    if digits == 1 { format!("10{power}") } else { format!("{digits}\u{a0}·\u{a0}10{power}") }
}

fn raised(character: char) -> char {
    match character {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        // The others follow each other in Unicode from U+2070 on.
        digit => {
            digit.to_digit(10).and_then(|digit| char::from_u32(0x2070 + digit)).unwrap_or(digit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_to_the_nearer() {
        for (part, whole, text) in [
            (0, 0, "0,0"),
            (1, 3, "33,3"),
            (2, 3, "66,7"),
            (9_995, 10_000, "100,0"),
            (7, 7, "100,0"),
        ] {
            assert_eq!(percent_of(part, whole), format!("{text}\u{a0}%"));
        }
    }

    #[test]
    fn budgets_are_exact_or_rounded_up() {
        assert_eq!(
            [0, 1, 49_974_450, 1_000_000_000].map(rho),
            ["0", "0,000000001", "0,04997445", "1"]
        );
        assert_eq!(
            [0, 1, 149_923_350, 1_000_000_000].map(rho_rounded),
            ["0,000", "0,001", "0,150", "1,000"]
        );
        let shares = [(0, 9), (1, 1_000_000), (150, 1_000), (9, 9), (10, 9), (0, 0)];
        assert_eq!(
            shares.map(|(spent, cap)| per_mille(spent, cap)),
            [0, 1, 150, 1_000, 1_000, 1_000]
        );
        assert_eq!(per_mille(u64::MAX - 1, u64::MAX), 1_000);
        assert_eq!(
            [0, 1, 150, 1_000].map(percent),
            ["0\u{a0}%", "0,1\u{a0}%", "15\u{a0}%", "100\u{a0}%"]
        );
    }

    #[test]
    fn small_probabilities_are_powers_of_ten() {
        let femto = [0, 1, 1_000_000_000, 500_000_000, 1_000_000_000_000, 123];
        let expected =
            ["0", "10⁻¹⁵", "10⁻⁶", "5\u{a0}·\u{a0}10⁻⁷", "10⁻³", "123\u{a0}·\u{a0}10⁻¹⁵"];
        assert_eq!(femto.map(delta), expected);
    }
}
