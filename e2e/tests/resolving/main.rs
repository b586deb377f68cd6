//! Properties resolved by real functions.

mod examples;
mod golden;
