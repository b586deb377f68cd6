//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sandbox::OwnRunner;

use crate::config::EngineChoice;

/// The version; of a build with its walls left out, a warning too.
const VERSION: &str = if cfg!(veritech_weakened) {
    concat!(env!("CARGO_PKG_VERSION"), " WEAKENED")
} else {
    env!("CARGO_PKG_VERSION")
};

/// Dispatches remote function calls: untrusted code, each call in a sandbox of its own.
#[derive(Debug, Parser)]
#[command(
    name = "veritech",
    version = VERSION,
    propagate_version = true,
    after_help = "Try: veritech run examples/greet.js --inputs '{\"name\":\"Ada\"}'\n\
                  Exit codes: 0 success, 1 the function failed, 2 usage or invalid request, \
                  3 infrastructure, 124 timed out, 130 cancelled, \
                  141 standard output was closed."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Configuration file (TOML); default: /etc/veritech/veritech.toml if it exists.
    #[arg(long, global = true, env = "VERITECH_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What is logged: error, warn, info, debug, trace, or a filter [default: info for serve, otherwise warn].
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,

    /// How log lines are written, to standard error [default: text].
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// For a person.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Execute a function here, in a sandbox, with nothing else running.
    Run(RunArgs),
    /// Execute a function on a dispatcher, over NATS.
    Call(CallArgs),
    /// Take requests from NATS and execute them.
    Serve(ServeArgs),
    /// Cancel an execution by its id.
    Cancel(CancelArgs),
    /// Show the dispatchers that serve.
    Status(StatusArgs),
    /// Check whether this host can run sandboxes, and say what to do if not.
    Doctor(DoctorArgs),
    /// Pull, list, remove and import the images of the native engine.
    #[cfg(target_os = "linux")]
    #[command(subcommand)]
    Image(ImageCommand),
    /// Show or check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// The runner to inject into an image that brings none along: quickjs, node, deno, python [default: by the image's name].
    #[arg(long, value_name = "NAME")]
    pub(crate) runner: Option<OwnRunner>,
}

/// Arguments of `call`.
#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    /// Names the execution, so that it can be cancelled; drawn at random by default.
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// How long the request may wait for a sandbox, such as 10s.
    #[arg(long, value_name = "DURATION")]
    pub(crate) queue_timeout: Option<humantime::Duration>,
    /// How long all attempts together may take [default: what the request allows, and 30s].
    #[arg(long, value_name = "DURATION")]
    pub(crate) deadline: Option<humantime::Duration>,
    /// Send again what failed without being the function's doing: what never started, everything, or nothing.
    #[arg(long, value_name = "WHEN", default_value = "safe")]
    pub(crate) retry: RetryArg,
}

/// When a failed call is sent again.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RetryArg {
    /// Never.
    Never,
    /// If it never started.
    Safe,
    /// Also if it may have started.
    Always,
}

/// Which engine makes sandboxes.
#[derive(Clone, Debug, Args)]
pub(crate) struct EngineArgs {
    /// What makes the sandboxes [default: native; environment: VERITECH_ENGINE].
    #[arg(long, value_name = "ENGINE")]
    pub(crate) engine: Option<EngineChoice>,
}

/// Where NATS is.
#[derive(Clone, Debug, Args)]
pub(crate) struct NatsArgs {
    /// URL of the NATS server [default: nats://127.0.0.1:4222; environment: VERITECH_NATS_URL].
    #[arg(long, value_name = "URL")]
    pub(crate) nats_url: Option<String>,
}

/// A function and what it may use.
#[derive(Debug, Args)]
pub(crate) struct FunctionArgs {
    /// File with the function's source.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The handler's first argument: JSON, @FILE, or - for standard input [default: {}].
    #[arg(long, short, value_name = "JSON|@FILE|-")]
    pub(crate) inputs: Option<String>,

    /// What the function is for: resolver, qualification, validation, code_generation, action.
    #[arg(long, default_value = "resolver")]
    pub(crate) kind: String,

    /// The export to call [default: the default export].
    #[arg(long)]
    pub(crate) handler: Option<String>,

    /// The image to run it in: builtin/quickjs, host/node, host/deno, host/python, or one of a registry.
    #[arg(long, value_name = "NAME[:TAG]", default_value = "builtin/quickjs")]
    pub(crate) image: String,

    /// The language of the source: javascript, typescript, python [default: by the file's ending].
    #[arg(long)]
    pub(crate) language: Option<String>,

    /// The type that a resolver's value must have: any, string, integer, number, boolean, object, array.
    #[arg(long, value_name = "TYPE")]
    pub(crate) response_type: Option<String>,

    /// How long the function may run, such as 30s.
    #[arg(long, value_name = "DURATION")]
    pub(crate) timeout: Option<humantime::Duration>,

    /// What the function can reach: none, or egress (outward connections).
    #[arg(long, value_name = "NETWORK")]
    pub(crate) network: Option<String>,

    /// A variable for the function, set inside its language; may be given several times.
    #[arg(long, value_name = "K=V")]
    pub(crate) env: Vec<String>,

    /// Memory, such as 256MiB.
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<bytesize::ByteSize>,

    /// Processors, such as 0.5.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) cpus: Option<f64>,

    /// Processor time, such as 10s.
    #[arg(long, value_name = "DURATION")]
    pub(crate) cpu_time: Option<humantime::Duration>,

    /// Processes and threads.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) processes: Option<u32>,

    /// Scratch files, such as 64MiB.
    #[arg(long, value_name = "SIZE")]
    pub(crate) disk: Option<bytesize::ByteSize>,

    /// Output, such as 1MiB; more is cut.
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_output: Option<bytesize::ByteSize>,

    /// The value's JSON text, such as 1MiB.
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_result: Option<bytesize::ByteSize>,

    /// What is printed: text (output on stderr, the value on stdout), json (the result event), events (every event).
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: OutputFormat,
}

/// What `run` and `call` print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Output on standard error, the value on standard output.
    Text,
    /// The result event on standard output.
    Json,
    /// Every event on standard output, one a line.
    Events,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Names this instance [default: the host's name and the process id].
    #[arg(long)]
    pub(crate) instance: Option<String>,
    /// Executions at once [default: 8].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) places: Option<usize>,
    /// Requests that may wait for a place [default: 32].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) queue: Option<usize>,
    /// Take requests from a NATS server on another host that has neither TLS nor users.
    #[arg(long)]
    pub(crate) insecure_nats: bool,
}

/// Arguments of `cancel`.
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// The execution's id.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
    /// What is printed: a table, or JSON.
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: ReportFormat,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// What is printed: text, or JSON.
    #[arg(long, short, value_name = "FORMAT", default_value = "text")]
    pub(crate) output: ReportFormat,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a person.
    Text,
    /// For a program.
    Json,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the configuration that is in force, secrets left out.
    Show,
    /// Say whether the configuration is valid.
    Check,
}

/// What to do with the images of the native engine.
#[cfg(target_os = "linux")]
#[derive(Debug, Subcommand)]
pub(crate) enum ImageCommand {
    /// Pull an image from its registry, and unpack it.
    Pull {
        /// The image: NAME, NAME:TAG or NAME@sha256:DIGEST.
        #[arg(value_name = "IMAGE")]
        image: String,
        /// Ask the registry even if the image is here.
        #[arg(long)]
        always: bool,
    },
    /// List the images that are here.
    List {
        /// Also say what was left out or changed when they were unpacked.
        #[arg(long, short)]
        verbose: bool,
        /// What is printed: a table, or JSON.
        #[arg(long, short, value_name = "FORMAT", default_value = "text")]
        output: ReportFormat,
    },
    /// Remove images that nothing runs in.
    Remove {
        /// The images: names, or digests.
        #[arg(value_name = "IMAGE", required = true)]
        images: Vec<String>,
    },
    /// Import images from an OCI layout (a directory or a tar archive) or from what `docker save` wrote.
    Import {
        /// The directory or the archive.
        path: PathBuf,
        /// What to call it, NAME or NAME:TAG; by default what it says itself.
        #[arg(long, value_name = "IMAGE")]
        name: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
