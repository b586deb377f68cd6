//! Things that are measured in turn, so that whatever else the machine does hits all alike.

use futures_util::future::LocalBoxFuture;

use super::effort::Rounds;
use super::samples::{Sample, Samples};

/// Something that is measured over and over.
pub(crate) trait Measured {
    /// Does it once, and says what that took. Preparations are not a part of that.
    ///
    /// # Errors
    ///
    /// Returns why it cannot be measured; it is not tried again.
    fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>>;
}

/// One of the things of a contest.
pub(crate) struct Contestant<'a> {
    measured: Box<dyn Measured + 'a>,
    samples: Samples,
    failure: Option<anyhow::Error>,
}

impl<'a> Contestant<'a> {
    /// Returns one that takes part in each round.
    pub(crate) fn new(measured: impl Measured + 'a) -> Self {
        Self {
            measured: Box::new(measured),
            samples: Samples::default(),
            failure: None,
        }
    }

    /// Returns the samples, or why there are none.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended its part, even after some rounds.
    pub(crate) fn outcome(self) -> anyhow::Result<Samples> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.samples),
        }
    }

    async fn take_part(&mut self, round: Round) {
        if self.failure.is_some() {
            return;
        }
        match self.measured.measure().await {
            Ok(sample) if round.counts => self.samples.add(sample),
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure),
        }
    }
}

/// One turn of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    /// Its number, of those that count and those that do not.
    number: u32,
    counts: bool,
}

/// Returns each round: those to get warm, then those that count.
fn each(rounds: Rounds) -> impl Iterator<Item = Round> {
    let round = |counts| move |number| Round { number, counts };
    let warm_up = (0..rounds.warm_up).map(round(false));
    warm_up.chain((0..rounds.counted).map(round(true)))
}

/// Measures all in turn. Each round begins with another one, so that none always
/// follows the same.
pub(crate) async fn interleave(rounds: Rounds, contestants: &mut [Contestant<'_>]) {
    for round in each(rounds) {
        let count = contestants.len();
        for place in 0..count {
            let next = order(round.number, place, count);
            if let Some(contestant) = contestants.get_mut(next) {
                contestant.take_part(round).await;
            }
        }
    }
}

/// Returns who is at a place of a round.
fn order(round: u32, place: usize, count: usize) -> usize {
    let first = usize::try_from(round).unwrap_or_default();
    first.wrapping_add(place) % count.max(1)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::super::effort::Effort;
    use super::*;

    /// Writes down its name; fails from the `limit`th time on.
    struct Scribe<'a> {
        name: char,
        limit: usize,
        book: &'a RefCell<String>,
    }

    impl Measured for Scribe<'_> {
        fn measure(&mut self) -> LocalBoxFuture<'_, anyhow::Result<Sample>> {
            async {
                let mut book = self.book.borrow_mut();
                book.push(self.name);
                let times = book.matches(self.name).count();
                anyhow::ensure!(times < self.limit, "{} gives up", self.name);
                Ok(Sample::of(Duration::from_millis(1)))
            }
            .boxed_local()
        }
    }

    fn scribe(name: char, limit: usize, book: &RefCell<String>) -> Contestant<'_> {
        Contestant::new(Scribe { name, limit, book })
    }

    #[tokio::test]
    async fn all_are_measured_in_each_round_and_the_first_changes() {
        let book = RefCell::default();
        let mut all = ['a', 'b', 'c'].map(|name| scribe(name, usize::MAX, &book));
        interleave(Effort::Quick.many(), &mut all).await;

        assert!(book.borrow().starts_with("abcbcacab"), "{book:?}");
        for contestant in all {
            let samples = contestant.outcome().expect("measured");
            let count = samples.summary().expect("some").count;
            assert_eq!(
                count,
                u64::from(Effort::Quick.many().counted),
                "warm-up counted"
            );
        }
    }

    #[tokio::test]
    async fn one_that_fails_leaves_and_the_others_go_on() {
        let book = RefCell::default();
        let mut all = [scribe('a', 2, &book), scribe('b', usize::MAX, &book)];
        interleave(Effort::Quick.many(), &mut all).await;

        assert_eq!(book.borrow().matches('a').count(), 2);
        let [failed, other] = all;
        let failure = failed.outcome().expect_err("it failed");
        assert_eq!(failure.to_string(), "a gives up");
        other.outcome().expect("the other did not");
    }
}
