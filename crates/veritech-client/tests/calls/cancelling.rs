//! Calls that are ended by their caller or by their deadline.

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use testkit::{NatsServer, eventually};
use veritech_client::{Backoff, CallOptions, Cancellation, FoundBy, Options};
use veritech_protocol::{ExecutionId, FailureCode, Kind};

use crate::dispatcher::{Dispatcher, accepted, failure};
use crate::{LIMIT, client, mailboxes, quick, request};

#[tokio::test]
async fn the_deadline_ends_the_call_and_the_execution() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        (taken.id(), dispatcher.cancellation().await)
    };
    let options = CallOptions {
        deadline: Some(Duration::from_millis(50)),
        ..CallOptions::default()
    };
    let call = client.call_with(request(Kind::Resolver), options).result();
    let ((id, cancelled), result) = tokio::join!(script, call);

    let error = result.expect_err("too late");
    assert_eq!(error.code(), FailureCode::DeadlineExceeded);
    assert_eq!(id.as_str(), cancelled);
}

#[tokio::test]
async fn a_cancelled_call_ends_with_what_the_dispatcher_says() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let mut call = client.call(request(Kind::Resolver));

    let (mut taken, first) = tokio::join!(
        async {
            let mut taken = dispatcher.take().await;
            taken.say(accepted(1000)).await;
            taken
        },
        call.next()
    );
    assert_eq!(first.expect("an event").body.name(), "accepted");
    let (cancellation, cancelled) = tokio::join!(call.cancel(), dispatcher.cancellation());
    let instance = "one".to_owned();
    assert_eq!(
        cancellation.expect("asked"),
        Cancellation::Cancelled { instance }
    );
    assert_eq!(cancelled, call.id().as_str());

    // A failure that would be repeated otherwise.
    taken.say(failure(FailureCode::ShuttingDown)).await;
    let error = call.result().await.expect_err("cancelled");
    assert_eq!(error.code(), FailureCode::ShuttingDown);
    assert_eq!(error.attempts, 1);
}

#[tokio::test]
async fn a_cancellation_that_came_too_early_is_repeated() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;
    let mut call = client.call(request(Kind::Resolver));
    let mut taken = tokio::select! {
        event = call.next() => panic!("{event:?}"),
        taken = dispatcher.take() => taken,
    };
    let (_, early) = tokio::join!(call.cancel(), dispatcher.cancellation());

    taken.say(accepted(1000)).await;
    let (event, repeated) = tokio::join!(call.next(), dispatcher.cancellation());
    assert_eq!(event.expect("an event").body.name(), "accepted");
    assert_eq!(early, call.id().as_str());
    assert_eq!(repeated, early);
}

#[tokio::test]
async fn a_call_between_two_attempts_is_cancelled_at_once() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let slow = Options {
        backoff: Backoff {
            first: Duration::from_secs(20),
            longest: Duration::from_secs(20),
            ..Backoff::default()
        },
        ..Options::default()
    };
    let client = client(&server, slow).await;
    let mut call = client.call(request(Kind::Resolver));
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(failure(FailureCode::Overloaded)).await;
    };
    tokio::select! {
        event = call.next() => panic!("{event:?}"),
        () = script => {}
    }
    eventually(LIMIT, "call between two attempts", async || {
        let event = call.next().now_or_never();
        assert!(event.is_none(), "{event:?}");
        mailboxes(&server).await == 0
    })
    .await;

    let (cancellation, _) = tokio::join!(call.cancel(), dispatcher.cancellation());
    cancellation.expect("asked");
    let error = call.result().await.expect_err("cancelled");
    assert_eq!(error.code(), FailureCode::Cancelled);
    assert_eq!(error.found_by, FoundBy::Client);
    assert_eq!(error.attempts, 1);
}

#[tokio::test]
async fn a_call_cancelled_before_it_began_is_never_sent() {
    let server = NatsServer::start().await;
    let client = client(&server, Options::default()).await;
    let call = client.call(request(Kind::Resolver));
    let nobody = call.canceller().cancel().await.expect("asked");
    assert_eq!(nobody, Cancellation::NotFound);

    let error = call.result().await.expect_err("cancelled");
    assert_eq!((error.code(), error.attempts), (FailureCode::Cancelled, 0));
}

#[tokio::test]
async fn an_execution_is_cancelled_by_its_id() {
    let server = NatsServer::start().await;
    let client = client(&server, Options::default()).await;
    let id: ExecutionId = "x-1".parse().expect("valid");
    let nobody = client.cancel(&id).await.expect("asked");
    assert_eq!(nobody, Cancellation::NotFound);

    let mut dispatcher = Dispatcher::start(&server).await;
    let (answer, cancelled) = tokio::join!(client.cancel(&id), dispatcher.cancellation());
    let instance = "one".to_owned();
    assert_eq!(answer.expect("asked"), Cancellation::Cancelled { instance });
    assert_eq!(cancelled, "x-1");
}
