//! Executions that are ended before they end by themselves.

use std::time::Duration;

use e2e::functions::{endless, resolver};
use e2e::{Instance, LIMIT, World};
use testkit::eventually;
use veritech_client::Cancellation;
use veritech_protocol::{FailureCode, OnCallerLost, Subjects};

/// Heartbeats in quick succession, so that a lost caller is noticed soon.
const QUICK: &str = "heartbeat = \"100ms\"\n";

#[tokio::test]
async fn a_running_execution_is_cancelled_by_its_id_and_its_sandbox_is_gone() {
    let world = World::start("").await;
    let idle = world.instance.processes();
    let mut request = endless();
    request.id = Some("running-1".parse().expect("an id"));
    let started = world.started(request).await;

    let id = started.call.id();
    let cancellation = world.client.cancel(&id).await.expect("can be asked");

    let instance = "one".to_owned();
    assert_eq!(cancellation, Cancellation::Cancelled { instance });
    let error = started.call.result().await.expect_err("cancelled");
    assert_eq!(error.code(), FailureCode::Cancelled, "{error}");
    // The failure is published when the sandbox is proved gone.
    let mut left = world.instance.processes();
    left.retain(|process| !idle.contains(process));
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_queued_execution_is_cancelled_before_it_gets_a_sandbox() {
    let world = World::start("places = 1\nqueue = 1\n").await;
    let first = world.started(endless()).await;
    let mut request = resolver("export default () => 2");
    request.id = Some("queued-1".parse().expect("an id"));
    let mut inbox = world.wire().await.send(&request).await;
    inbox.until("accepted").await;

    let id = request.id.expect("it has one");
    let cancellation = world.client.cancel(&id).await.expect("can be asked");

    assert_ne!(cancellation, Cancellation::NotFound);
    let letters = inbox.all().await;
    let last = letters.last().expect("a result");
    assert_eq!(last.failure()["code"], "cancelled", "{letters:?}");
    assert!(letters.iter().all(|letter| letter.name() != "started"));
    drop(first);
}

#[tokio::test]
async fn no_dispatcher_answers_for_an_id_that_it_does_not_have() {
    let world = World::start("").await;
    let id = "nobody-1".parse().expect("an id");

    let cancellation = world.client.cancel(&id).await.expect("can be asked");

    assert_eq!(cancellation, Cancellation::NotFound);
}

#[tokio::test]
async fn an_execution_that_lasts_longer_than_its_timeout_is_ended() {
    let world = World::start("").await;
    let idle = world.instance.processes();
    let mut request = endless();
    request.timeout_ms = Some(300);

    let failure = world.failure(request).await;

    assert_eq!(failure.code, FailureCode::TimedOut, "{failure}");
    assert_eq!(
        failure.details.get("limit"),
        Some(&300.into()),
        "{failure:?}"
    );
    world.sandboxes_are_gone(&idle).await;
}

#[tokio::test]
async fn an_execution_whose_caller_is_lost_is_cancelled_if_it_asked_for_that() {
    let world = World::start(QUICK).await;
    let idle = world.instance.processes();
    let mut request = endless();
    request.on_caller_lost = OnCallerLost::Cancel;
    let mut inbox = world.wire().await.send(&request).await;
    inbox.until("started").await;

    drop(inbox);

    world.figure_is("failed_request", 1).await;
    world.figure_is("running", 0).await;
    world.sandboxes_are_gone(&idle).await;
}

#[tokio::test]
async fn an_execution_whose_caller_is_lost_goes_on_otherwise() {
    let world = World::start(QUICK).await;
    let request = e2e::functions::pause(600);
    let mut inbox = world.wire().await.send(&request).await;
    inbox.until("started").await;

    drop(inbox);

    world.figure_is("succeeded", 1).await;
}

#[tokio::test]
async fn heartbeats_are_sent_while_there_is_nothing_else_to_say() {
    let world = World::start(QUICK).await;
    let mut inbox = world.wire().await.send(&endless()).await;
    let accepted = inbox.until("accepted").await;
    assert_eq!(accepted.event["heartbeat_ms"], 100, "{accepted:?}");
    inbox.until("started").await;

    let first = eventually(Duration::from_secs(5), "heartbeat", async || {
        Some(inbox.until("heartbeat").await)
    })
    .await;
    let mut expected = first.sequence();
    for _ in 0..3 {
        let next = tokio::time::timeout(LIMIT, inbox.next()).await;
        let next = next.expect("the next heartbeat comes");
        expected += 1;
        assert_eq!((next.name(), next.sequence()), ("heartbeat", expected));
    }
}

#[tokio::test]
async fn of_many_dispatchers_the_one_that_has_the_execution_answers() {
    let world = World::start("").await;
    let other = Instance::start(&world.server.url(), "two", "").await;
    let mut request = endless();
    request.id = Some("one-of-two".parse().expect("an id"));
    let started = world.started(request).await;

    let wire = world.wire().await;
    let subject = Subjects::default().cancel(&started.call.id());
    let mut answers = wire
        .send_text(&subject, "", async_nats::HeaderMap::new())
        .await;
    let error = started.call.result().await.expect_err("cancelled");
    assert_eq!(error.code(), FailureCode::Cancelled, "{error}");
    // Whatever either has to say, it says before it stops.
    other.stop().await;
    world.instance.stop().await;

    let first = answers.next().await;
    assert_eq!(first.event["cancelled"], true, "{first:?}");
    assert!(answers.is_empty().await, "there was more than one answer");
}
