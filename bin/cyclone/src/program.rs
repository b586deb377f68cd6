//! The program: arguments, what they ask for, and how it went.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use cyclone_server::{Config, Token};

use crate::arguments::{self, Command, HELP};

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    let command = match arguments::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            complain(&format!("{error}; see `cyclone --help`"));
            return ExitCode::from(2);
        }
    };
    let done = match command {
        Command::Help => say(HELP),
        Command::Version => say(concat!("cyclone ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::SelfCheck => self_check::run().context("could not check this sandbox"),
        Command::Serve(config) => serve(*config),
        #[cfg(feature = "conformance")]
        Command::Conformance(options) => return conform(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Serves one execution.
fn serve(mut config: Config) -> anyhow::Result<()> {
    // Before anything else: what is started later could read this process's memory.
    cyclone_server::shield()?;
    if config.listen.needs_token() {
        config.token = Some(Token::read_line(io::stdin().lock())?);
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?
        .block_on(cyclone_server::serve(config))?;
    Ok(())
}

/// Checks a runner.
#[cfg(feature = "conformance")]
fn conform(options: &conformance::Options) -> ExitCode {
    match conformance::run(options, &mut io::stdout().lock()) {
        Ok(summary) if summary.is_success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            complain(&format!("{:#}", anyhow::Error::from(error)));
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    io::stdout()
        .write_all(text.as_bytes())
        .context("failed to write to standard output")
}

/// Writes one line to standard error.
fn complain(message: &str) {
    // There is nobody left to tell if this fails.
    writeln!(io::stderr(), "cyclone: {message}").ok();
}
