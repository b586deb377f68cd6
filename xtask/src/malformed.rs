//! `cargo xtask malformed`: malformed requests, in the number that is asked for.
//!
//! The ordinary tests try some thousands; this is the same test for an evening.

use crate::process;

/// How many, and which.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many requests to make.
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    /// Which ones: the same seed makes the same requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Makes them, and fails at the first that is not refused.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    process::run(
        process::cargo()
            .args(["test", "--release", "--package", "veritech-server"])
            .args(["--test", "malformed", "in_numbers", "--", "--nocapture"])
            .env("VERITECH_TEST_MALFORMED", options.count.to_string())
            .env("VERITECH_TEST_SEED", options.seed.to_string()),
    )
}
