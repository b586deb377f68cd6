//! How much is measured.

use std::time::Duration;

/// How long a run may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Each thing once: shows that the bench works, and says nothing of speed.
    Smoke,
    /// About a minute.
    Quick,
    /// What figures are published from.
    #[default]
    Full,
}

/// How many turns all have in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rounds {
    /// Those before the ones that count.
    pub(crate) warm_up: u32,
    pub(crate) counted: u32,
}

impl Effort {
    /// Returns its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }

    /// Returns how often each thing of a contest is measured.
    pub(crate) fn many(self) -> Rounds {
        let (warm_up, counted) = match self {
            Self::Smoke => (0, 1),
            Self::Quick => (3, 30),
            Self::Full => (10, 100),
        };
        Rounds { warm_up, counted }
    }

    /// Returns the same for things that take long.
    pub(crate) fn few(self) -> Rounds {
        let (warm_up, counted) = match self {
            Self::Smoke => (0, 1),
            Self::Quick => (1, 5),
            Self::Full => (2, 30),
        };
        Rounds { warm_up, counted }
    }

    /// Returns for how long a load is applied.
    pub(crate) fn stretch(self) -> Duration {
        match self {
            Self::Smoke => Duration::from_millis(100),
            Self::Quick => Duration::from_secs(2),
            Self::Full => Duration::from_secs(10),
        }
    }

    /// Returns `number`, or only one of what takes so many.
    pub(crate) fn of(self, number: u32) -> u32 {
        match self {
            Self::Smoke => number.min(2),
            Self::Quick | Self::Full => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_effort_measures_less() {
        let efforts = [Effort::Smoke, Effort::Quick, Effort::Full];
        for pair in efforts.windows(2) {
            let [smaller, larger] = [pair[0], pair[1]];
            for rounds in [Effort::many, Effort::few] {
                let (smaller, larger) = (rounds(smaller), rounds(larger));
                assert!(smaller.warm_up < larger.warm_up);
                assert!(smaller.counted < larger.counted);
            }
            assert!(smaller.stretch() < larger.stretch());
        }
    }
}
