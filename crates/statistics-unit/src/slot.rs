//! When an answer leaves: at the end of a slot whose length everybody can compute beforehand.
//!
//! Noise takes the longer to draw the larger it is (rejection sampling; Jin, McMurtry, Rubinstein,
//! Ohrimenko 2022, "Are We There Yet? Timing and Floating-Point Attacks on Differential Privacy
//! Systems"). So nothing that comes after facts were looked at leaves when it is ready.

use std::time::Duration;

use policy::Plan;
use statistics::Price;
use tokio::time::Instant;

/// How fast a unit takes its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Slot of a question with no more than a thousand cells.
    pub slot: Duration,
    /// What each further thousand noised cells adds.
    pub per_thousand_cells: Duration,
    /// A wait before each step of a charge. Zero, but in a trial that ends the process between two
    /// steps.
    pub between_steps: Duration,
}

impl Pace {
    /// Two seconds, and a tenth for each further thousand cells.
    pub const USUAL: Self = Self {
        slot: Duration::from_secs(2),
        per_thousand_cells: Duration::from_millis(100),
        between_steps: Duration::ZERO,
    };

    /// As usual, with another slot for small questions.
    #[must_use]
    pub const fn with_slot(slot: Duration) -> Self {
        Self { slot, ..Self::USUAL }
    }

    /// The slot of a question, from its plan and price alone, which are public.
    #[must_use]
    pub fn slot_of(&self, plan: &Plan, price: &Price) -> Duration {
        let cells = plan.cells.len().saturating_mul(price.noise().len());
        let further = u32::try_from(cells.saturating_sub(1) / 1_000).unwrap_or(u32::MAX);
        self.slot.saturating_add(self.per_thousand_cells.saturating_mul(further))
    }
}

/// The slot of one question.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    taken: Instant,
    length: Duration,
}

impl Slot {
    /// Begins now.
    pub(crate) fn begin(length: Duration) -> Self {
        Self { taken: Instant::now(), length: length.max(Duration::from_millis(1)) }
    }

    /// Until when the exact answer has to be there: half of the slot. Later nothing is charged.
    pub(crate) fn to_compute(self) -> Instant {
        self.taken + self.length / 2
    }

    /// Until when the receipt of the witness has to be there: three quarters of the slot.
    pub(crate) fn to_witness(self) -> Instant {
        self.taken + self.length / 4 * 3
    }

    /// Until when the noise has to be drawn, so that an eighth of the slot is left to store it.
    pub(crate) fn to_draw(self) -> Instant {
        self.taken + self.length / 8 * 7
    }

    /// Waits until the end of the slot. Where storing took longer, until the end of as many slots as
    /// are needed.
    pub(crate) async fn end(self) {
        tokio::time::sleep_until(self.end_after(Instant::now())).await;
    }

    fn end_after(self, ready: Instant) -> Instant {
        let mut end = self.taken + self.length;
        while end < ready {
            end += self.length;
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_leaves_at_the_end_of_a_slot() {
        let length = Duration::from_secs(2);
        let slot = Slot::begin(length);
        for (busy, slots) in [(0, 1), (1_000, 1), (2_000, 1), (2_001, 2), (5_500, 3)] {
            let leaves = slot.end_after(slot.taken + Duration::from_millis(busy));
            assert_eq!(leaves - slot.taken, length * slots, "{busy}");
        }
        let slot = Slot::begin(4 * length);
        assert_eq!(slot.to_draw() - slot.to_compute(), Duration::from_secs(3));
    }

    #[tokio::test]
    async fn it_does_not_leave_before() {
        let slot = Slot::begin(Duration::from_millis(40));
        slot.end().await;
        assert!(slot.taken.elapsed() >= slot.length);
    }
}
