//! The command line.

use cyclone_server::{Config, DEFAULT_MAX_REQUEST_BYTES, Listen, RunnerCommand, RunnerOrigin};
use descriptors::Identity;
use lexopt::{Arg, Error, Parser, ValueExt as _};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Executes one function in a sandbox, as its first process.

Usage: cyclone --listen ADDRESS --runner 'COMMAND ARGUMENT…' [OPTIONS]
       cyclone --self-check
       cyclone conformance [--language LANGUAGE] [--filter TEXT] [--list] -- COMMAND ARGUMENT…

Options:
  --listen ADDRESS     fd://N               an inherited socket, listening or connected
                       unix:PATH            a Unix socket
                       tcp://ADDRESS:PORT   a TCP socket
                       stdio:               standard input and output
                       With unix: and tcp:, the first line of standard input is a token, and
                       `Authorization: Bearer TOKEN` is required for every route.
  --runner COMMAND     what executes functions; split into words as a shell does
  --runner-uid N       the user that it runs as; needs --runner-gid
  --runner-gid N       the group that it runs as; needs --runner-uid
  --runner-env N=V     a variable of its environment, which is empty otherwise; may be repeated
  --adopt-runner PID   instead of --runner: one that is a child of this process already, with the
                       near ends of its pipes at 4 to 7: stdin, stdout, stderr, events
  --max-request BYTES  the largest execution that is accepted; 33554432 by default
  --self-check         is the runner of a sandbox whose walls are to be tried from inside
  --help               prints this
  --version            prints the version

conformance runs every case of the runners' conformance suite against a command, prints one
line for each, and exits with 0 if all passed, 1 if one failed.
";

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Serve one execution.
    Serve(Box<Config>),
    /// Try the walls of the sandbox that this is in.
    SelfCheck,
    /// Check a runner.
    #[cfg(feature = "conformance")]
    Conformance(conformance::Options),
}

/// Reads the command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, Error> {
    let mut listen = None;
    let mut runner = None;
    let mut adopted = None;
    let mut uid = None;
    let mut gid = None;
    let mut env = Vec::new();
    let mut max_request_bytes = DEFAULT_MAX_REQUEST_BYTES;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long("version") | Arg::Short('V') => return Ok(Command::Version),
            Arg::Long("self-check") => return Ok(Command::SelfCheck),
            Arg::Long("listen") => listen = Some(parser.value()?.parse::<Listen>()?),
            Arg::Long("runner") => runner = Some(parser.value()?.parse::<RunnerCommand>()?),
            Arg::Long("adopt-runner") => adopted = Some(parser.value()?.parse()?),
            Arg::Long("runner-uid") => uid = Some(parser.value()?.parse()?),
            Arg::Long("runner-gid") => gid = Some(parser.value()?.parse()?),
            Arg::Long("runner-env") => env.push(variable(&parser.value()?.string()?)?),
            Arg::Long("max-request") => max_request_bytes = parser.value()?.parse()?,
            #[cfg(feature = "conformance")]
            Arg::Value(word) if word == "conformance" => return conformance(parser),
            other => return Err(other.unexpected()),
        }
    }
    let identity = match (uid, gid) {
        (Some(uid), Some(gid)) => Some(Identity { uid, gid }),
        (None, None) => None,
        _ => return Err("--runner-uid and --runner-gid go together".into()),
    };
    let runner = match (runner, adopted) {
        (Some(runner), None) => {
            let runner = env
                .into_iter()
                .fold(runner, |runner, (name, value)| runner.with_env(name, value));
            RunnerOrigin::Command(runner.with_identity(identity))
        }
        (None, Some(pid)) => RunnerOrigin::Child(pid),
        (None, None) => return Err("--runner is missing".into()),
        (Some(_), Some(_)) => return Err("--runner and --adopt-runner exclude each other".into()),
    };
    Ok(Command::Serve(Box::new(Config {
        listen: listen.ok_or("--listen is missing")?,
        token: None,
        runner,
        max_request_bytes,
    })))
}

/// Splits `NAME=VALUE`.
fn variable(written: &str) -> Result<(String, String), Error> {
    match written.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{written}` is not NAME=VALUE").into()),
    }
}

/// Reads what follows the word `conformance`.
#[cfg(feature = "conformance")]
fn conformance(mut parser: Parser) -> Result<Command, Error> {
    let mut options = conformance::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long("language") => options.language = parser.value()?.parse()?,
            Arg::Long("filter") => options.filter = Some(parser.value()?.string()?),
            Arg::Long("list") => options.list = true,
            Arg::Value(word) => {
                options.command.push(word.string()?);
                for word in parser.raw_args()? {
                    options.command.push(word.string()?);
                }
            }
            other => return Err(other.unexpected()),
        }
    }
    if options.command.is_empty() && !options.list {
        return Err("the runner's command is missing".into());
    }
    Ok(Command::Conformance(options))
}
