//! The dispatcher over a scripted engine, on a paused clock.

mod floods;
mod pool;
mod refusals;

use std::num::NonZeroUsize;

use futures_util::{SinkExt as _, StreamExt as _};
use sandbox::scripted::{Inside, ScriptedEngine};
use sandbox::{Ending, Limit, LimitHit, Report};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use veritech_protocol::execution::SESSION_PROTOCOL;
use veritech_protocol::{Event, Kind, Replies};

use super::*;
use crate::mailbox::Undeliverable;

const READY: &str = r#"{"event":"ready"}"#;
const SUCCESS: &str = r#"{"event":"result","status":"success","value":42}"#;

/// A dispatcher with one place, and the insides of its sandboxes.
struct Stage {
    dispatcher: Dispatcher<ScriptedEngine>,
    engine: ScriptedEngine,
    insides: mpsc::UnboundedReceiver<Inside>,
    tasks: Tasks,
}

fn stage() -> Stage {
    stage_with(Config::default())
}

fn stage_with(config: Config) -> Stage {
    let (engine, insides) = ScriptedEngine::new(Duration::from_millis(2));
    let tasks = Tasks::default();
    let config = Config {
        places: NonZeroUsize::MIN,
        ..config
    };
    let dispatcher = Dispatcher::new(engine.clone(), config, tasks.clone());
    Stage {
        dispatcher,
        engine,
        insides,
        tasks,
    }
}

/// A mailbox that keeps everything.
struct Kept(mpsc::UnboundedSender<Event>);

impl Mailbox for Kept {
    async fn send(&mut self, event: Event, _replies: Replies) -> Result<(), Undeliverable> {
        let sent = self.0.send(event);
        sent.map_err(|_| Undeliverable("the test has gone".to_owned()))
    }
}

fn received(members: &str) -> Received {
    let text =
        format!(r#"{{"kind":"resolver","container_image":"builtin/quickjs","code":""{members}}}"#);
    Received {
        kind: Some("resolver".to_owned()),
        payload: text.into(),
        at: Instant::now(),
        trace: None,
    }
}

/// Executes a request and returns the names of its events, and its result.
async fn execute(dispatcher: &Dispatcher<ScriptedEngine>, received: Received) -> Mail {
    let (mailbox, mut events) = mpsc::unbounded_channel();
    dispatcher.execute(received, Kept(mailbox)).await;
    let mut names = Vec::new();
    let mut results = Vec::new();
    while let Some(event) = events.recv().await {
        names.push(event.body.name().to_owned());
        if let EventBody::Result(result) = event.body {
            results.push(result);
        }
    }
    assert_eq!(results.len(), 1, "results among {names:?}");
    assert_eq!(
        names.last().map(String::as_str),
        Some("result"),
        "{names:?}"
    );
    Mail {
        names,
        result: results.remove(0),
    }
}

/// What a mailbox held in the end.
#[derive(Debug)]
struct Mail {
    names: Vec<String>,
    result: ExecutionResult,
}

impl Mail {
    fn code(&self) -> Option<FailureCode> {
        match &self.result.outcome {
            Outcome::Failure(failure) => Some(failure.code),
            _ => None,
        }
    }
}

/// Plays a cyclone of the dispatcher's generation up to the session.
async fn upgrade(stream: DuplexStream) -> WebSocketStream<DuplexStream> {
    #[expect(clippy::result_large_err, reason = "the library's callback is so")]
    let agree = |_: &Request, mut response: Response| {
        response.headers_mut().insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SESSION_PROTOCOL),
        );
        Ok(response)
    };
    tokio_tungstenite::accept_hdr_async(stream, agree)
        .await
        .expect("upgrades")
}

/// Plays a cyclone whose runner is ready, up to the execution.
async fn ready(inside: Inside) -> (WebSocketStream<DuplexStream>, Played) {
    let Inside {
        stream,
        ending,
        report,
        ..
    } = inside;
    let mut socket = upgrade(stream).await;
    socket.send(Message::text(READY)).await.expect("sent");
    socket.next().await.expect("an execution").expect("a frame");
    (socket, Played { ending, report })
}

/// What the test says about a sandbox from outside.
struct Played {
    ending: tokio::sync::watch::Sender<Option<Ending>>,
    report: tokio::sync::watch::Sender<Report>,
}

#[tokio::test(start_paused = true)]
async fn a_request_ends_in_its_value_and_its_sandbox_is_gone() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    let play = async {
        let (mut socket, _played) = ready(insides.recv().await.expect("launched")).await;
        socket.send(Message::text(SUCCESS)).await.expect("sent");
        // Nothing of this may reach the mailbox.
        drop(socket.send(Message::text(SUCCESS)).await);
    };
    let (ended, ()) = tokio::join!(execute(&dispatcher, received("")), play);

    assert_eq!(ended.names, ["accepted", "started", "result"]);
    assert!(matches!(&ended.result.outcome, Outcome::Value(value) if value.get() == "42"));
    assert_eq!(engine.live(), 0);
    assert_eq!(dispatcher.stats().running, 0);
}

#[tokio::test(start_paused = true)]
async fn silence_ends_at_the_timeout_with_heartbeats_before_it() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    let before = Instant::now();
    let play = async {
        let kept = ready(insides.recv().await.expect("launched")).await;
        time::sleep(Duration::from_secs(60)).await;
        drop(kept);
    };
    let ended = tokio::select! {
        ended = execute(&dispatcher, received(r#","timeout_ms":5000"#)) => ended,
        () = play => panic!("no result within a minute"),
    };

    assert_eq!(ended.code(), Some(FailureCode::TimedOut));
    let beats = ended
        .names
        .iter()
        .filter(|name| *name == "heartbeat")
        .count();
    assert!((3..=5).contains(&beats), "{:?}", ended.names);
    assert!(
        before.elapsed() < Duration::from_millis(5100),
        "{:?}",
        before.elapsed()
    );
    assert_eq!(engine.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_too_long_expires_and_the_place_is_not_lost() {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage();
    let busy = async {
        let (mut socket, played) = ready(insides.recv().await.expect("launched")).await;
        time::sleep(Duration::from_secs(5)).await;
        socket.send(Message::text(SUCCESS)).await.expect("sent");
        drop(played);
        let (mut socket, _played) = ready(insides.recv().await.expect("launched")).await;
        socket.send(Message::text(SUCCESS)).await.expect("sent");
    };
    let queued = async {
        time::sleep(Duration::from_secs(1)).await;
        execute(&dispatcher, received(r#","queue_timeout_ms":2000"#)).await
    };
    let calls = async {
        let (first, second) = tokio::join!(execute(&dispatcher, received("")), queued);
        assert_eq!(first.code(), None);
        assert_eq!(second.code(), Some(FailureCode::Expired));
        execute(&dispatcher, received("")).await
    };
    let (third, ()) = tokio::join!(calls, busy);
    assert_eq!(third.code(), None);
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_a_running_execution_and_a_queued_one() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    let play = async {
        let kept = ready(insides.recv().await.expect("launched")).await;
        time::sleep(Duration::from_secs(1)).await;
        for id in ["queued", "running"] {
            let id = id.parse().expect("valid");
            assert_eq!(dispatcher.cancel(&id), CancelOutcome::Cancelled);
        }
        time::sleep(Duration::from_secs(1)).await;
        drop(kept);
    };
    let queued = async {
        time::sleep(Duration::from_millis(500)).await;
        execute(&dispatcher, received(r#","id":"queued""#)).await
    };
    let running = execute(&dispatcher, received(r#","id":"running""#));
    let (running, queued, ()) = tokio::join!(running, queued, play);

    assert_eq!(running.code(), Some(FailureCode::Cancelled));
    assert_eq!(queued.code(), Some(FailureCode::Cancelled));
    assert!(
        !queued.names.contains(&"started".to_owned()),
        "{:?}",
        queued.names
    );
    assert_eq!(engine.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_the_protocol_is_the_functions_failure() {
    for junk in [
        Message::text("not JSON"),
        Message::text(r#"{"event":"accepted","instance":"x","heartbeat_ms":1}"#),
        Message::text(READY),
        Message::binary(vec![0_u8; 10]),
        Message::text(
            r#"{"event":"result","status":"failure","failure":{"code":"internal","message":"x"}}"#,
        ),
    ] {
        let Stage {
            dispatcher,
            mut insides,
            ..
        } = stage();
        let play = async {
            let (mut socket, played) = ready(insides.recv().await.expect("launched")).await;
            drop(socket.send(junk.clone()).await);
            time::sleep(Duration::from_secs(1)).await;
            drop(played);
        };
        let (ended, ()) = tokio::join!(execute(&dispatcher, received("")), play);
        assert_eq!(ended.code(), Some(FailureCode::ProtocolError), "{junk:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_dies_of_its_memory_is_told_as_that() {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage();
    let play = async {
        let (socket, played) = ready(insides.recv().await.expect("launched")).await;
        let hit = LimitHit {
            limit: Limit::Memory,
            allowed: 1,
            measured: Some(2),
        };
        played.report.send_modify(|report| report.hits.push(hit));
        played.ending.send_replace(Some(Ending::Signalled(9)));
        drop(socket);
        time::sleep(Duration::from_secs(2)).await;
    };
    let (ended, ()) = tokio::join!(execute(&dispatcher, received("")), play);
    assert_eq!(ended.code(), Some(FailureCode::OutOfMemory));
}

#[tokio::test(start_paused = true)]
async fn draining_lets_the_running_finish_refuses_the_new_and_then_ends_all() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        tasks,
    } = stage();
    let play = async {
        let kept = ready(insides.recv().await.expect("launched")).await;
        let grace = Duration::from_secs(10);
        let refused = async {
            time::sleep(Duration::from_secs(1)).await;
            execute(&dispatcher, received("")).await
        };
        let watched = tasks.clone();
        tasks.spawn(Span::none(), async move { watched.aborting().await });
        let (drained, refused) =
            tokio::join!(tasks.shutdown(grace, std::future::pending()), refused);
        assert_eq!(drained, lifecycle::Drained::Forced);
        drop(kept);
        refused
    };
    let running = execute(&dispatcher, received(""));
    let (running, refused) = tokio::join!(running, play);

    assert_eq!(refused.names, ["result"]);
    assert_eq!(refused.code(), Some(FailureCode::ShuttingDown));
    assert_eq!(running.code(), Some(FailureCode::ShuttingDown));
    assert_eq!(engine.live(), 0);
}

#[tokio::test]
async fn a_flood_out_of_the_sandbox_switches_no_clock_off() {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage();
    let flood = async {
        let (mut socket, _played) = ready(insides.recv().await.expect("launched")).await;
        let line = r#"{"event":"output","stream":"stdout","message":""}"#;
        while socket.send(Message::text(line)).await.is_ok() {}
        std::future::pending::<()>().await;
    };
    let members = r#","timeout_ms":300,"limits":{"output_bytes":100}"#;
    let ended = tokio::select! {
        ended = execute(&dispatcher, received(members)) => ended,
        () = flood => unreachable!("the flood never ends"),
    };
    assert_eq!(ended.code(), Some(FailureCode::TimedOut));
    assert!(ended.result.usage.output_truncated);
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_the_engine_lost_is_never_the_functions_failure() {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage();
    let play = async {
        let (socket, played) = ready(insides.recv().await.expect("launched")).await;
        // The session breaks first, as it does in life.
        drop(socket);
        time::sleep(Duration::from_millis(200)).await;
        let lost = Ending::Lost("its launcher is gone".to_owned());
        played.ending.send_replace(Some(lost));
        time::sleep(Duration::from_secs(2)).await;
    };
    let (ended, ()) = tokio::join!(execute(&dispatcher, received("")), play);
    assert_eq!(ended.code(), Some(FailureCode::SandboxLost));
}

#[tokio::test(start_paused = true)]
async fn cancelling_while_the_runner_starts_leaves_nothing_when_it_is_told() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    let play = async {
        // A sandbox that never says anything.
        let kept = insides.recv().await.expect("launched");
        time::sleep(Duration::from_secs(1)).await;
        let id = "slow".parse().expect("valid");
        assert_eq!(dispatcher.cancel(&id), CancelOutcome::Cancelled);
        kept
    };
    let call = async {
        let ended = execute(&dispatcher, received(r#","id":"slow""#)).await;
        (ended, engine.live())
    };
    let ((ended, live), _kept) = tokio::join!(call, play);
    assert_eq!(ended.code(), Some(FailureCode::Cancelled));
    assert_eq!(live, 0);
}

#[tokio::test(start_paused = true)]
async fn a_runner_that_never_gets_ready_is_our_failure_within_the_start_limit() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    let before = Instant::now();
    let call = execute(&dispatcher, received(""));
    let (ended, kept) = tokio::join!(call, insides.recv());
    assert!(kept.is_some());
    assert_eq!(ended.code(), Some(FailureCode::SandboxStartFailed));
    assert!(
        before.elapsed() < Duration::from_secs(11),
        "{:?}",
        before.elapsed()
    );
    assert_eq!(engine.live(), 0);
}

/// A mailbox with a bug: it panics at the first `started`.
struct Buggy {
    kept: Kept,
    panicked: bool,
}

impl Mailbox for Buggy {
    async fn send(&mut self, event: Event, replies: Replies) -> Result<(), Undeliverable> {
        if matches!(event.body, EventBody::Started(_)) && !self.panicked {
            self.panicked = true;
            panic!("a bug");
        }
        self.kept.send(event, replies).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_bug_in_one_execution_is_told_as_internal_and_costs_no_place() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    let (mailbox, mut events) = mpsc::unbounded_channel();
    let buggy = Buggy {
        kept: Kept(mailbox),
        panicked: false,
    };
    let play = async {
        // The first execution never gets as far as its sandbox.
        let Inside { stream, .. } = insides.recv().await.expect("launched");
        let mut socket = upgrade(stream).await;
        socket.send(Message::text(READY)).await.expect("sent");
        let (mut socket, _played) = ready(insides.recv().await.expect("launched")).await;
        socket.send(Message::text(SUCCESS)).await.expect("sent");
    };
    let calls = async {
        dispatcher.execute(received(""), buggy).await;
        execute(&dispatcher, received("")).await
    };
    let (second, ()) = tokio::join!(calls, play);

    let mut last = None;
    while let Some(event) = events.recv().await {
        last = Some(event.body);
    }
    let Some(EventBody::Result(ExecutionResult {
        outcome: Outcome::Failure(failure),
        ..
    })) = last
    else {
        panic!("no failure came: {last:?}");
    };
    assert_eq!(failure.code, FailureCode::Internal);
    assert_eq!(second.code(), None);
    assert_eq!(engine.live(), 0);
}
