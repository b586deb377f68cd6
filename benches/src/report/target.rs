//! What is wanted of a figure.

use serde::{Deserialize, Serialize};

/// A bound, and what was measured beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    /// The bound in words, as a ratio to what it depends on.
    pub(crate) wanted: String,
    pub(crate) direction: Direction,
    /// What was measured, in the unit of the bound.
    pub(crate) measured: f64,
    /// The bound as it comes out in this run.
    pub(crate) bound: f64,
    /// The floor that the bound depends on, if it depends on one.
    pub(crate) floor: Option<f64>,
}

/// On which side of the bound it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    AtMost,
    AtLeast,
}

impl Target {
    /// Wants `measured` to be no more than `bound`.
    pub(crate) fn at_most(wanted: impl Into<String>, measured: f64, bound: f64) -> Self {
        Self {
            wanted: wanted.into(),
            direction: Direction::AtMost,
            measured,
            bound,
            floor: None,
        }
    }

    /// Wants `measured` to be no less than `bound`.
    pub(crate) fn at_least(wanted: impl Into<String>, measured: f64, bound: f64) -> Self {
        Self {
            direction: Direction::AtLeast,
            ..Self::at_most(wanted, measured, bound)
        }
    }

    /// Names the floor that the bound is made of.
    pub(crate) fn beside(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self
    }

    /// Returns whether it is met.
    pub(crate) fn is_met(&self) -> bool {
        match self.direction {
            Direction::AtMost => self.measured <= self.bound,
            Direction::AtLeast => self.measured >= self.bound,
        }
    }

    /// Returns what was measured as a multiple of the floor.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let ratio = self.measured / self.floor?;
        ratio.is_finite().then_some(ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_itself_meets_the_target() {
        assert!(Target::at_most("", 2.0, 2.0).is_met());
        assert!(!Target::at_most("", 2.1, 2.0).is_met());
        assert!(Target::at_least("", 400.0, 400.0).is_met());
        assert!(!Target::at_least("", 399.0, 400.0).is_met());
        assert!(!Target::at_most("", f64::NAN, 2.0).is_met());
    }

    #[test]
    fn the_ratio_is_to_the_floor_and_not_to_the_bound() {
        let target = Target::at_most("≤ 2 × bare", 3.0, 4.0).beside(2.0);
        assert_eq!(target.ratio(), Some(1.5));
        assert_eq!(Target::at_most("", 3.0, 4.0).ratio(), None);
        assert_eq!(Target::at_most("", 3.0, 4.0).beside(0.0).ratio(), None);
    }
}
