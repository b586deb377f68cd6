//! `veritech call` and `veritech cancel`: a caller's side.

use anyhow::Context as _;
use futures_util::StreamExt as _;
use veritech_client::{Call, CallOptions, Cancellation, Client, Options, Retry};
use veritech_protocol::{Event, EventBody, ExecutionId};

use crate::cli::{CallArgs, CancelArgs, OutputFormat, RetryArg};
use crate::config::Settings;
use crate::exit::{Exit, UsageError};
use crate::function;
use crate::interrupt::Interrupts;
use crate::present::{Presenter, say};

/// Calls the function and shows what comes back.
pub(crate) async fn run(settings: Settings, arguments: CallArgs) -> anyhow::Result<Exit> {
    let mut interrupts = Interrupts::listen().context("could not listen for signals")?;
    let format = arguments.function.output;
    let mut request = function::request(&arguments.function)?;
    request.id = arguments.id.as_deref().map(execution_id).transpose()?;
    request.queue_timeout_ms = arguments
        .queue_timeout
        .map(|timeout| function::millis(*timeout));
    let retry = match arguments.retry {
        RetryArg::Never => Retry::Never,
        RetryArg::Safe => Retry::Safe,
        RetryArg::Always => Retry::Always,
    };

    let client = connect(&settings).await?;
    let options = CallOptions {
        retry: Some(retry),
        ..CallOptions::default()
    };
    let call = client.call_with(request, options);
    let canceller = call.canceller();
    let interrupted = async {
        interrupts.next().await;
        // The failure of a cancellation shows in the call's own result.
        if let Err(error) = canceller.cancel().await {
            tracing::warn!(%error, "the cancellation was not sent");
        }
        interrupts.next().await;
    };
    tokio::select! {
        exit = show(call, format) => exit,
        () = interrupted => Ok(Exit::Cancelled),
    }
}

async fn show(mut call: Call, format: OutputFormat) -> anyhow::Result<Exit> {
    let mut presenter = Presenter::new(format);
    while let Some(event) = call.next().await {
        presenter.event(&event)?;
        if matches!(event.body, EventBody::Result(_)) {
            break;
        }
    }
    let last: Event = match call.result().await {
        Ok(result) => result.into_event(),
        Err(error) => error.into_event(),
    };
    match &last.body {
        EventBody::Result(result) => presenter.result(&last, result),
        other => anyhow::bail!("the call ended with `{}`", other.name()),
    }
}

/// Cancels an execution.
pub(crate) async fn cancel(settings: Settings, arguments: CancelArgs) -> anyhow::Result<Exit> {
    let id = execution_id(&arguments.id)?;
    match connect(&settings).await?.cancel(&id).await? {
        Cancellation::Cancelled { instance } => {
            say(&format!("cancelled {id} on {instance}"));
            Ok(Exit::Success)
        }
        Cancellation::NotFound => {
            say(&format!("no dispatcher runs or queues {id}"));
            Ok(Exit::FunctionFailed)
        }
    }
}

/// Connects a client.
pub(crate) async fn connect(settings: &Settings) -> anyhow::Result<Client> {
    let options = Options {
        subjects: settings.dispatcher.subjects.clone(),
        ..Options::default()
    };
    let unreachable = || {
        format!(
            "could not connect; is a nats-server running at `{}`?",
            host(&settings.nats_url)
        )
    };
    let Some(file) = &settings.nats_credentials else {
        let client = Client::connect(&settings.nats_url, options).await;
        return client.with_context(unreachable);
    };
    let connection = async_nats::ConnectOptions::with_credentials_file(file)
        .await
        .with_context(|| {
            format!(
                "could not read the NATS credentials in `{}`",
                file.display()
            )
        })?
        .connect(&settings.nats_url)
        .await
        .with_context(unreachable)?;
    Ok(Client::new(connection, options))
}

/// A URL without its credentials.
fn host(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, host)| host)
}

fn execution_id(text: &str) -> Result<ExecutionId, UsageError> {
    text.parse()
        .map_err(|error| UsageError(format!("the id `{text}` {error}")))
}
