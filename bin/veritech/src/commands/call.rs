//! `veritech call` and `veritech cancel`: a caller's side.

use std::future;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use tokio::time;
use veritech_client::{Call, CallOptions, Cancellation, Canceller, Client, Options, Retry};
use veritech_protocol::{Event, EventBody, ExecutionId};

use crate::cli::{CallArgs, CancelArgs, OutputFormat, RetryArg};
use crate::config::Settings;
use crate::exit::{Exit, UsageError};
use crate::function;
use crate::interrupt::Interrupts;
use crate::present::Presenter;
use crate::redact;
use crate::terminal::say;

/// How often to look whether a call is being sent again.
const NOTICE_AFTER: Duration = Duration::from_millis(500);

/// Calls the function and shows what comes back.
pub(crate) async fn run(settings: Settings, arguments: CallArgs) -> anyhow::Result<Exit> {
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

    let mut interrupts = Interrupts::listen().context("could not listen for signals")?;
    let client = interrupts.unless(connect(&settings)).await?;
    let options = CallOptions {
        deadline: arguments.deadline.map(Into::into),
        retry: Some(retry),
        ..CallOptions::default()
    };
    let call = client.call_with(request, options);
    let canceller = call.canceller();
    let interrupted = async {
        interrupts.next().await;
        let cancel = async {
            cancel_call(&canceller).await;
            // How it ended shows in the call's own result.
            future::pending::<()>().await;
        };
        tokio::select! {
            () = interrupts.next() => {}
            () = cancel => {}
        }
    };
    let shown = tokio::select! {
        shown = show(call, format) => shown,
        () = interrupted => return Ok(Exit::Cancelled),
    };
    if shown.is_err() {
        // Nobody reads what the function does any more.
        tokio::select! {
            () = cancel_call(&canceller) => {}
            () = interrupts.next() => {}
        }
    }
    shown
}

async fn cancel_call(canceller: &Canceller) {
    if let Err(error) = canceller.cancel().await {
        tracing::warn!(%error, "the cancellation was not sent");
    }
}

async fn show(mut call: Call, format: OutputFormat) -> anyhow::Result<Exit> {
    let mut presenter = Presenter::new(format);
    let mut patience = Patience::new(format);
    while let Some(event) = patience.next(&mut call).await {
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

/// Says once that nobody takes the call, while it is sent again and again.
struct Patience {
    exhausted: bool,
}

impl Patience {
    fn new(format: OutputFormat) -> Self {
        // Programs read the events, and do not get impatient.
        Self {
            exhausted: format != OutputFormat::Text,
        }
    }

    async fn next(&mut self, call: &mut Call) -> Option<Event> {
        while !self.exhausted {
            tokio::select! {
                event = call.next() => {
                    self.exhausted = true;
                    return event;
                }
                () = time::sleep(NOTICE_AFTER) => {}
            }
            if call.attempts() > 1 {
                self.exhausted = true;
                say("waiting for a dispatcher: none has taken the call yet; Ctrl-C gives up");
            }
        }
        call.next().await
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
            redact::url(&settings.nats_url)
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

fn execution_id(text: &str) -> Result<ExecutionId, UsageError> {
    text.parse()
        .map_err(|error| UsageError(format!("the id `{text}` {error}")))
}
