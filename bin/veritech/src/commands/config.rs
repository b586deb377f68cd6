//! `veritech config`: shows and checks the configuration.

use crate::cli::ConfigCommand;
use crate::config::Settings;
use crate::exit::Exit;
use crate::terminal::{print_line, say};

/// Shows the configuration, or says that it is valid: it has been read already.
pub(crate) fn run(settings: &Settings, command: &ConfigCommand) -> anyhow::Result<Exit> {
    match command {
        ConfigCommand::Show => print_line(settings.shown.trim_end())?,
        ConfigCommand::Check => say("the configuration is valid"),
    }
    Ok(Exit::Success)
}
