//! More of everything than anybody should send or write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use e2e::functions::resolver;
use e2e::{LIMIT, World};
use futures_util::StreamExt as _;
use testkit::eventually;
use testkit::malformed::{MAX_REQUEST_BYTES, Malformed};
use tokio_util::task::TaskTracker;
use veritech_client::{Call, Client, Options, Retry};
use veritech_protocol::{EventBody, FailureCode, RemoteFunctionRequest};

const MIB: u64 = 1 << 20;

/// Callers do not give a dispatcher up because the machine is busy.
const PATIENT: &str = "heartbeat = \"10s\"\n";

/// Writes lines for ever.
fn flooder() -> RemoteFunctionRequest {
    let mut request = resolver("export default () => { for (;;) console.log('x'.repeat(40)); }");
    request.timeout_ms = Some(120_000);
    request.limits.output_bytes = Some(64 * MIB);
    request
}

/// Reads a call to its end, counting its output, and returns how it failed.
async fn drain(mut call: Call, lines: Arc<AtomicU64>) -> Option<FailureCode> {
    while let Some(event) = call.next().await {
        if matches!(event.body, EventBody::Output(_)) {
            lines.fetch_add(1, Ordering::Relaxed);
        }
    }
    call.result().await.err().map(|error| error.code())
}

#[tokio::test]
async fn thousands_of_malformed_requests_are_refused_and_start_nothing() {
    const COUNT: u64 = 4000;
    let configuration = format!("places = 4\nqueue = 8\nmax_request = \"{MAX_REQUEST_BYTES}\"\n");
    let world = World::start(&configuration).await;
    let idle = world.instance.processes();
    let wire = world.wire().await;

    let sent = usize::try_from(COUNT).expect("fits");
    for request in Malformed::new(2).take(sent) {
        let subject = format!("veritech.function.{}", request.subject_kind);
        let headers = async_nats::HeaderMap::new();
        let mut inbox = wire.send_bytes(&subject, request.payload, headers).await;
        let only = inbox.next().await;
        assert_eq!(
            (only.name(), only.sequence()),
            ("result", 1),
            "{}",
            request.fault
        );
        assert_eq!(only.failure()["origin"], "request", "{}", request.fault);
    }

    assert_eq!(world.instance.processes(), idle);
    world.figure_is("refused", COUNT).await;
    for figure in ["running", "waiting", "quarantined", "cold_starts"] {
        world.figure_is(figure, 0).await;
    }
    let value = world.value(resolver("export default () => 'here'")).await;
    assert_eq!(value, "here");
}

#[tokio::test]
async fn innocent_calls_get_through_beside_functions_that_write_without_end() {
    let mut world = World::start(&format!("places = 6\n{PATIENT}")).await;
    let innocent = world.patient_client().await;
    // The floods are read by one who may fall behind for long and loses nothing.
    let options = Options {
        retry: Retry::Never,
        mailbox_capacity: 1 << 21,
        ..Options::default()
    };
    let reader = Client::connect(&world.server.url(), options).await;
    world.client = reader.expect("the client connects");
    let tasks = TaskTracker::new();
    let mut flooders = Vec::new();
    for _ in 0..4 {
        let started = world.started(flooder()).await;
        let lines = Arc::new(AtomicU64::new(0));
        let canceller = started.call.canceller();
        let drained = tasks.spawn(drain(started.call, Arc::clone(&lines)));
        flooders.push((canceller, lines, drained));
    }
    for (_, lines, _) in &flooders {
        eventually(LIMIT, "flood", async || {
            lines.load(Ordering::Relaxed) > 1000
        })
        .await;
    }

    for number in 0..20 {
        let call = innocent.call(resolver(format!("export default () => {number}")));
        let called = call.result().await.expect("an innocent call gets through");
        assert_eq!((called.value().ok(), called.attempts), (Some(number), 1));
    }

    for (canceller, _, drained) in flooders {
        assert!(!drained.is_finished(), "it was to write all the time");
        canceller.cancel().await.expect("can be asked");
        let code = drained.await.expect("it is read");
        assert_eq!(code, Some(FailureCode::Cancelled));
    }
}

#[tokio::test]
async fn serial_the_memory_of_a_dispatcher_is_flat_under_floods() {
    let world = World::start(&format!("places = 4\n{PATIENT}")).await;
    let tasks = TaskTracker::new();
    let flood = async || {
        let mut drained = Vec::new();
        for _ in 0..4 {
            // More than is let through.
            let mut request = resolver(
                "export default () => {
                   const line = 'x'.repeat(8192);
                   for (let i = 0; i < 1000; i++) console.log(line);
                 }",
            );
            request.timeout_ms = Some(120_000);
            request.limits.output_bytes = Some(6 * MIB);
            let lines = Arc::new(AtomicU64::new(0));
            let call = world.client.call(request);
            drained.push((tasks.spawn(drain(call, Arc::clone(&lines))), lines));
        }
        for (drained, lines) in drained {
            assert_eq!(drained.await.expect("it is read"), None);
            assert!(lines.load(Ordering::Relaxed) > 700, "{lines:?}");
        }
    };
    // Threads, buffers and whatever else there is once.
    flood().await;
    let (before, _) = world.instance.memory_bytes();
    for _ in 0..2 {
        flood().await;
    }
    let (after, most) = world.instance.memory_bytes();

    println!("{before} bytes before, {after} after, {most} at most");
    assert!(after < before + 12 * MIB, "{before} bytes became {after}");
    // Less than what one flood lets through.
    assert!(most < before + 20 * MIB, "{before} bytes became {most}");
    world.figure_is("succeeded", 12).await;
}
