//! How the budget of an event year was spent over time: what is left after each charge.
//!
//! Amounts come in as integers and are divided for the picture only.

mod draw;

use jiff::civil::Date;

use crate::picture::{Words, finish};
use crate::{ChartStyle, Error, GridStyle};

/// Most charges of a burn-down.
pub const MAX_CHARGES: usize = 2_000;

/// What an event year may cost and did cost, in nano-rho.
#[derive(Clone, Debug)]
pub struct BurnDown {
    /// The event year whose data was charged.
    pub year: u16,
    /// The promise: all charges together are never more.
    pub cap: u64,
    /// Set aside for plans that have not run yet.
    pub reserved: u64,
    /// The charges, in the order of the log.
    pub charges: Vec<Charge>,
    /// The day up to which it is known.
    pub until: Date,
}

/// One charge.
#[derive(Clone, Debug)]
pub struct Charge {
    /// The day on which it was committed.
    pub day: Date,
    /// What was paid for, for readers.
    pub label: String,
    /// In nano-rho.
    pub rho_nano: u64,
}

/// What is left after a charge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Left {
    /// The day.
    pub day: Date,
    /// In nano-rho.
    pub rho_nano: u64,
}

impl BurnDown {
    /// What was left after each charge; charges beyond the cap leave nothing.
    #[must_use]
    pub fn left(&self) -> Vec<Left> {
        let mut rest = self.cap;
        let left = |own: &Charge| {
            rest = rest.saturating_sub(own.rho_nano);
            Left { day: own.day, rho_nano: rest }
        };
        self.charges.iter().map(left).collect()
    }

    /// What is neither spent nor set aside.
    #[must_use]
    pub fn free(&self) -> u64 {
        let rest = self.left().last().map_or(self.cap, |own| own.rho_nano);
        rest.saturating_sub(self.reserved)
    }

    /// The table behind the picture: heads, and one row per charge.
    #[must_use]
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let heads = ["Tag", "Wofür", "ρ", "danach übrig (ρ)"].map(str::to_owned).to_vec();
        let row = |(charge, left): (&Charge, Left)| {
            vec![
                day(charge.day),
                charge.label.clone(),
                rho(charge.rho_nano, Round::Up),
                rho(left.rho_nano, Round::Down),
            ]
        };
        (heads, self.charges.iter().zip(self.left()).map(row).collect())
    }

    /// Draws it as an SVG document; the same budget and style give the same bytes.
    ///
    /// Classes: those of [`chart`](crate::chart()), `mg-c1` for what is left.
    ///
    /// # Errors
    /// [`Error::Width`], [`Error::TooManyRows`] beyond [`MAX_CHARGES`], [`Error::Drawing`].
    pub fn svg(&self, style: &GridStyle) -> Result<String, Error> {
        ChartStyle::check_width(style.width)?;
        if self.charges.len() > MAX_CHARGES {
            return Err(Error::TooManyRows { most: MAX_CHARGES });
        }
        let layout = draw::Layout::of(self, style);
        let drawn = draw::draw(self, &layout)?;
        finish(
            &drawn,
            &Words {
                name: &self.name(),
                description: &self.description(),
                below: "",
                above: &draw::tips(self, &layout),
            },
        )
    }

    fn name(&self) -> String {
        format!("Schutzbudget für Daten des Jahres {}, nach Tagen", self.year)
    }

    /// The picture for whoever does not see it.
    fn description(&self) -> String {
        let spent = self.cap - self.left().last().map_or(self.cap, |own| own.rho_nano);
        let (spent, cap) = (rho(spent, Round::Up), rho(self.cap, Round::Down));
        let mut text = format!(
            "Stufenlinie: Von der Obergrenze ρ = {cap} sind bis zum {} nach {} Abbuchungen ρ = {spent} \
             verbraucht.",
            day(self.until),
            self.charges.len()
        );
        if self.reserved > 0 {
            let reserved = rho(self.reserved, Round::Up);
            text.push_str(&format!(" Vorgesehen für Pläne: ρ = {reserved}."));
        }
        text.push_str(&format!(
            " Frei: ρ = {}. Alle Werte stehen in der Tabelle.",
            rho(self.free(), Round::Down)
        ));
        text
    }

    /// Parts of the cap in per mille.
    fn per_mille(&self, rho_nano: u64) -> u32 {
        let parts = u128::from(rho_nano) * 1_000 / u128::from(self.cap.max(1));
        u32::try_from(parts).unwrap_or(u32::MAX).min(1_000)
    }
}

/// Which way the last digit goes: what is spent must not look like less, what is left not like more.
#[derive(Clone, Copy)]
enum Round {
    Up,
    Down,
}

/// Nano-rho with three decimals: `0,125`.
fn rho(nano: u64, round: Round) -> String {
    const STEP: u64 = 1_000_000;
    let thousandths = match round {
        Round::Up => nano.div_ceil(STEP),
        Round::Down => nano / STEP,
    };
    format!("{},{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// A day as German readers write it.
fn day(date: Date) -> String {
    format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
}
