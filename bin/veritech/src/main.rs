//! `veritech`: executes functions, dispatches calls, makes calls.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod config;
mod exit;
mod function;
mod interrupt;
mod present;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = match commands::run(cli) {
        Ok(exit) => exit,
        Err(error) => {
            present::error(&format!("{error:#}"));
            Exit::of(&error)
        }
    };
    exit.into()
}
