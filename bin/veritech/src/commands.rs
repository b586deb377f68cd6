//! What each command does.

mod call;
mod config;
mod doctor;
mod engine;
#[cfg(target_os = "linux")]
mod image;
mod run;
mod serve;
mod status;

use clap::CommandFactory as _;
use telemetry::LogFormat;

use crate::cli::{self, Cli, Command, EngineArgs, Global, NatsArgs};
use crate::config::{EngineChoice, Layers, Settings};
use crate::exit::{Exit, UsageError};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Exit> {
    let Cli { global, command } = cli;
    match command {
        Command::Run(arguments) => {
            let settings = settings(&global, "warn", |layers| {
                engine_choice(layers, &arguments.engine);
            })?;
            block_on(run::run(settings, arguments))
        }
        Command::Call(arguments) => {
            let settings = settings(&global, "warn", |layers| nats(layers, &arguments.nats))?;
            block_on(call::run(settings, arguments))
        }
        Command::Serve(_) if cfg!(veritech_weakened) => {
            Err(UsageError("a weakened build does not serve".to_owned()).into())
        }
        Command::Serve(arguments) => {
            let settings = settings(&global, "info,async_nats=warn", |layers| {
                nats(layers, &arguments.nats);
                engine_choice(layers, &arguments.engine);
                layers.set_if("instance", arguments.instance.clone());
                layers.set_if("places", arguments.places.map(whole));
                layers.set_if("queue", arguments.queue.map(whole));
                layers.set_if("insecure_nats", arguments.insecure_nats.then_some(true));
            })?;
            block_on(serve::run(settings))
        }
        Command::Cancel(arguments) => {
            let settings = settings(&global, "warn", |layers| nats(layers, &arguments.nats))?;
            block_on(call::cancel(settings, arguments))
        }
        Command::Status(arguments) => {
            let settings = settings(&global, "warn", |layers| nats(layers, &arguments.nats))?;
            block_on(status::run(settings, arguments))
        }
        Command::Doctor(arguments) => {
            let settings = settings(&global, "warn", |layers| {
                engine_choice(layers, &arguments.engine);
            })?;
            block_on(doctor::run(settings, arguments))
        }
        #[cfg(target_os = "linux")]
        Command::Image(command) => {
            let settings = settings(&global, "warn", |_| {})?;
            block_on(image::run(settings, command))
        }
        Command::Config(command) => {
            let settings = settings(&global, "warn", |_| {})?;
            config::run(&settings, &command)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "veritech", &mut script);
            crate::terminal::print_line(String::from_utf8_lossy(&script).trim_end())?;
            Ok(Exit::Success)
        }
    }
}

/// Collects and checks the configuration, and begins to log.
fn settings(
    global: &Global,
    default_level: &str,
    flags: impl FnOnce(&mut Layers),
) -> anyhow::Result<Settings> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut layers = Layers::collect(global.config.as_deref(), environment)
        .map_err(|error| UsageError(chain(&error)))?;
    layers.set_if("log_level", global.log_level.clone());
    layers.set_if(
        "log_format",
        global.log_format.map(|format| match format {
            cli::LogFormat::Text => "text",
            cli::LogFormat::Json => "json",
        }),
    );
    flags(&mut layers);
    let settings = Settings::from_layers(&layers)?;
    let level = settings.log_level.as_deref().unwrap_or(default_level);
    let format: LogFormat = settings.log_format;
    telemetry::init(level, format, settings.log_rate)
        .map_err(|error| UsageError(format!("configuration key `log_level` {error}")))?;
    Ok(settings)
}

fn nats(layers: &mut Layers, arguments: &NatsArgs) {
    layers.set_if("nats_url", arguments.nats_url.clone());
}

fn engine_choice(layers: &mut Layers, arguments: &EngineArgs) {
    layers.set_if("engine", arguments.engine.map(EngineChoice::name));
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn block_on(command: impl Future<Output = anyhow::Result<Exit>>) -> anyhow::Result<Exit> {
    // The other half is the sandboxes'; a call that is passed between fewer threads is answered
    // sooner.
    let workers = std::thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()?
        .block_on(command)
}
