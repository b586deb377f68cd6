//! `veritech`: executes functions, dispatches calls, makes calls.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod config;
mod exit;
mod function;
mod interrupt;
mod present;
mod progress;
mod redact;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cfg!(veritech_weakened) {
        present::error(
            "this build is WEAKENED: its sandboxes hold nobody back, it is for tests alone",
        );
    }
    let exit = match commands::run(cli) {
        Ok(exit) => exit,
        Err(error) => {
            let exit = Exit::of(&error);
            if exit.is_worth_a_word() {
                present::error(&format!("{error:#}"));
            }
            exit
        }
    };
    exit.into()
}
