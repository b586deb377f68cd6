//! Numbers by value: how they are spelled in JSON makes no difference.

use serde_json::{Number, Value};

/// The largest integer that a double, and so JavaScript, tells from its neighbours.
pub(crate) const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// Returns the whole number within ±[`MAX_INTEGER`] that this is, if it is one.
pub(crate) fn to_integer(number: &Number) -> Option<i64> {
    let integer = number
        .as_i64()
        .or_else(|| number.as_f64().and_then(whole))?;
    (-MAX_INTEGER..=MAX_INTEGER)
        .contains(&integer)
        .then_some(integer)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a whole double within the bound is an i64"
)]
fn whole(number: f64) -> Option<i64> {
    let bound = to_double(MAX_INTEGER);
    (number.fract() == 0.0 && number.abs() <= bound).then_some(number as i64)
}

/// Returns an integer within ±[`MAX_INTEGER`] as the double it is.
#[expect(
    clippy::cast_precision_loss,
    reason = "integers within the bound are doubles"
)]
pub(crate) fn to_double(integer: i64) -> f64 {
    integer as f64
}

/// Returns the double nearest to a number, `0` for `-0`; nothing if it is too large.
pub(crate) fn to_finite(number: &Number) -> Option<f64> {
    let double = number.as_f64().filter(|double| double.is_finite())?;
    // The sum of the two zeros is the positive one.
    Some(double + 0.0)
}

/// Returns a number as JSON: an integer if it is a whole one within ±[`MAX_INTEGER`].
pub(crate) fn to_json(number: f64) -> Value {
    whole(number).map_or_else(|| number.into(), Value::from)
}

/// Returns a number as [`to_json`] writes its value, or unchanged if it has none.
pub(crate) fn normalised(number: &Number) -> Value {
    to_finite(number).map_or_else(|| number.clone().into(), to_json)
}
