//! `cargo xtask ci`: what continuous integration runs, in its order.

use crate::{check, test};

/// Runs the checks, then every test.
pub(crate) fn run() -> anyhow::Result<()> {
    check::run()?;
    test::run(&test::Options::default())
}
