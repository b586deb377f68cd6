//! Hostile functions: each comes to what it must, leaves nothing behind, and disturbs
//! nobody beside it. And a Veritech with its walls left out fails the same suite.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod control;
mod groups;
mod neighbours;
