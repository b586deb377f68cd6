//! The cases for runners of Python: what those for JavaScript demand, as far as it
//! makes sense there, and what is peculiar to Python.

mod failures;
mod handlers;
mod host;
mod limits;
mod logging;
mod results;
mod tampering;
mod text;

use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    [
        handlers::cases(),
        results::cases(),
        failures::cases(),
        logging::cases(),
        text::cases(),
        host::cases(),
        tampering::cases(),
        limits::cases(),
    ]
    .concat()
}
