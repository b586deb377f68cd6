//! Properties resolved by real functions.

mod golden;
