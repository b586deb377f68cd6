//! `veritech run`: one function, here, with nothing else running.

use std::future;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use lifecycle::Tasks;
use tokio::sync::mpsc;
use tokio::time::Instant;
use veritech_protocol::{Event, EventBody, ExecutionId, Replies};
use veritech_server::{Dispatcher, Mailbox, Received, Undeliverable};

use super::engine;
use crate::cli::RunArgs;
use crate::config::Settings;
use crate::exit::Exit;
use crate::function;
use crate::interrupt::Interrupts;
use crate::present::Presenter;

/// Events that wait to be shown; while there are this many the function waits.
const SHOWN_LATER: usize = 256;

/// How long what is left of the execution may take to go away.
const GRACE: Duration = Duration::from_secs(5);

/// Executes the function and shows what it does.
pub(crate) async fn run(mut settings: Settings, arguments: RunArgs) -> anyhow::Result<Exit> {
    let format = arguments.function.output;
    let mut request = function::request(&arguments.function)?;
    let id: ExecutionId = uuid::Uuid::new_v4().to_string().parse()?;
    request.id = Some(id.clone());
    // Whoever runs a function here decides what it may be given.
    settings.allow_all(arguments.runner, request.network);

    let mut interrupts = Interrupts::listen().context("could not listen for signals")?;
    let engine = interrupts
        .unless(Box::pin(engine::for_run(
            &settings,
            &request.container_image,
        )))
        .await?;
    let tasks = Tasks::default();
    let dispatcher = Dispatcher::new(engine, settings.dispatcher, tasks.clone());
    let (mailbox, mut events) = mpsc::channel(SHOWN_LATER);
    let received = Received {
        kind: None,
        payload: Bytes::from(request.encode()?),
        at: Instant::now(),
        trace: None,
    };
    let execution = dispatcher.execute(received, Local(mailbox));
    let mut presenter = Presenter::new(format);
    let show = async {
        let shown = show(&mut presenter, &mut events).await;
        if shown.is_err() {
            // Nobody reads what the function does any more.
            let outcome = dispatcher.cancel(&id);
            tracing::info!(?outcome, "nobody reads the events");
            while events.recv().await.is_some() {}
        }
        shown
    };
    let interrupted = async {
        interrupts.next().await;
        let outcome = dispatcher.cancel(&id);
        tracing::info!(?outcome, "interrupted");
        interrupts.next().await;
    };
    let exit = tokio::select! {
        biased;
        // First, so that there is something to cancel when a signal comes.
        ((), exit) = async { tokio::join!(execution, show) } => exit,
        // Leaving takes every sandbox along.
        () = interrupted => return Ok(Exit::Cancelled),
    };
    tokio::select! {
        drained = tasks.shutdown(GRACE, future::pending()) => tracing::debug!(?drained, "done"),
        () = interrupts.next() => {}
    }
    exit
}

/// Shows every event up to the result.
async fn show(
    presenter: &mut Presenter,
    events: &mut mpsc::Receiver<Event>,
) -> anyhow::Result<Exit> {
    while let Some(event) = events.recv().await {
        presenter.event(&event)?;
        if let EventBody::Result(result) = &event.body {
            return presenter.result(&event, result);
        }
    }
    anyhow::bail!("the execution ended without a result")
}

/// A mailbox in the same process.
#[derive(Debug)]
struct Local(mpsc::Sender<Event>);

impl Mailbox for Local {
    async fn send(&mut self, event: Event, _replies: Replies) -> Result<(), Undeliverable> {
        let sent = self.0.send(event).await;
        sent.map_err(|_| Undeliverable("nobody shows it".to_owned()))
    }
}
