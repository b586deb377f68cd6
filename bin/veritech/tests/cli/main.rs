//! The `veritech` command: what it prints and how it exits.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod rig;

mod calling;
mod configuring;
mod examples;
mod exit_codes;
mod helping;
mod images;
mod leaving;
mod ordinary_user;
mod printing;
mod refusing;
mod terminal;
