//! Waiting for a condition instead of for a time.
//!
//! A test that sleeps is slow when it passes and wrong when the machine is
//! busy. These functions look again and again until what they look for is
//! there, and fail with the last thing they saw.

use std::fmt::Debug;
use std::panic::Location;
use std::thread;
use std::time::Duration;

use tokio::time::{self, Instant};

/// How long to wait between two looks.
const INTERVAL: Duration = Duration::from_millis(5);

/// What one look at a condition found.
///
/// Implemented for `bool`, for `Option` (the value that is awaited) and for
/// `Result` (whose error says what was there instead).
pub trait Observation {
    /// What there is once the condition holds.
    type Value;

    /// Returns the value, or a text saying what was seen instead.
    ///
    /// # Errors
    ///
    /// Returns that text while the condition does not hold.
    fn settled(self) -> Result<Self::Value, String>;
}

impl Observation for bool {
    type Value = ();

    fn settled(self) -> Result<(), String> {
        if self {
            Ok(())
        } else {
            Err("false".to_owned())
        }
    }
}

impl<T> Observation for Option<T> {
    type Value = T;

    fn settled(self) -> Result<T, String> {
        self.ok_or_else(|| "nothing".to_owned())
    }
}

impl<T, E: Debug> Observation for Result<T, E> {
    type Value = T;

    fn settled(self) -> Result<T, String> {
        self.map_err(|error| format!("{error:?}"))
    }
}

/// Waits until `look` finds what it looks for, and returns that.
///
/// `what` completes the sentence "there was no … within …".
///
/// # Panics
///
/// If it is not found within `limit`; the message has what was seen last.
///
/// # Cancellation
///
/// Safe to drop.
///
/// # Examples
///
/// ```no_run
/// # async fn example(server: testkit::NatsServer) {
/// use std::time::Duration;
/// use testkit::eventually;
///
/// eventually(Duration::from_secs(5), "subscription", async || {
///     !server.subscriptions().await.is_empty()
/// })
/// .await;
/// # }
/// ```
#[track_caller]
pub fn eventually<F, O>(limit: Duration, what: &str, mut look: F) -> impl Future<Output = O::Value>
where
    F: AsyncFnMut() -> O,
    O: Observation,
{
    let asked_at = Location::caller();
    async move {
        let deadline = Instant::now() + limit;
        loop {
            match look().await.settled() {
                Ok(value) => return value,
                Err(seen) if Instant::now() >= deadline => give_up(what, limit, &seen, asked_at),
                Err(_) => time::sleep(INTERVAL).await,
            }
        }
    }
}

/// Waits like [`eventually`], where there is no async runtime.
///
/// # Panics
///
/// If it is not found within `limit`; the message has what was seen last.
#[track_caller]
pub fn eventually_blocking<O: Observation>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> O,
) -> O::Value {
    let deadline = Instant::now() + limit;
    loop {
        match look().settled() {
            Ok(value) => return value,
            Err(seen) if Instant::now() >= deadline => {
                give_up(what, limit, &seen, Location::caller())
            }
            Err(_) => thread::sleep(INTERVAL),
        }
    }
}

fn give_up(what: &str, limit: Duration, seen: &str, asked_at: &Location<'_>) -> ! {
    panic!("there was no {what} within {limit:?}, asked for at {asked_at}; seen last: {seen}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_condition_that_comes_true_gives_its_value() {
        let mut looks = 0;

        let found = eventually(Duration::from_secs(1), "third look", async || {
            looks += 1;
            (looks == 3).then_some("third")
        })
        .await;

        assert_eq!(found, "third");
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "there was no luck within 1s")]
    async fn a_condition_that_never_holds_fails_at_its_limit() {
        eventually(Duration::from_secs(1), "luck", async || false).await;
    }

    #[test]
    #[should_panic(expected = "seen last: \"3 of 4\"")]
    fn the_failure_says_what_was_seen_last() {
        eventually_blocking(Duration::from_millis(1), "fourth", || {
            Err::<(), _>("3 of 4")
        });
    }
}
