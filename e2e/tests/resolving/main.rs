//! Properties resolved by real functions.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::panic, reason = "a panic is how a test fails")]

mod examples;
mod golden;
