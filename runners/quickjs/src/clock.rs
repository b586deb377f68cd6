//! Time as the runner measures it: monotonic, and passed by sleeping.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Milliseconds since some moment before the runner started, with their fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "a double holds microseconds of a machine's uptime for centuries"
)]
pub(crate) fn monotonic_ms() -> f64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// Whole milliseconds since the same moment.
pub(crate) fn now_ms() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(now.tv_nsec).unwrap_or(0);
    seconds * 1000 + nanoseconds / 1_000_000
}

/// Sleeps until [`now_ms`] is `moment_ms`.
pub(crate) fn sleep_until_ms(moment_ms: u64) {
    // Interrupted sleeps are gone on with; a moment that has passed is not waited for.
    std::thread::sleep(Duration::from_millis(moment_ms.saturating_sub(now_ms())));
}
