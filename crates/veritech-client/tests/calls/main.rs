//! Calls over a real NATS server, to a dispatcher that says what it is told to.

#[cfg(feature = "blocking")]
mod blocking;
mod cancelling;
mod dispatcher;
mod kinds;
mod resolving;

use std::time::Duration;

use futures_util::StreamExt as _;
use testkit::{NatsServer, eventually};
use veritech_client::{
    Backoff, CallError, CallOptions, Client, FoundBy, Options, Retry, Tenant, TraceContext,
};
use veritech_protocol::{
    EventBody, ExecutionId, FailureCode, Kind, Outcome, Part, RemoteFunctionRequest, Replies,
};

use self::dispatcher::{Dispatcher, accepted, failure, output, result, settle, started, value};

/// How long a condition may take on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(10);

fn quick() -> Options {
    Options {
        backoff: Backoff {
            first: Duration::from_millis(5),
            ..Backoff::default()
        },
        ..Options::default()
    }
}

async fn client(server: &NatsServer, options: Options) -> Client {
    let connected = Client::connect(&server.url(), options).await;
    connected.expect("connects")
}

fn request(kind: Kind) -> RemoteFunctionRequest {
    RemoteFunctionRequest::new(kind, "builtin/quickjs", "export default () => 1")
}

fn once(call_deadline: Duration) -> CallOptions {
    CallOptions {
        deadline: Some(call_deadline),
        retry: Some(Retry::Never),
        ..CallOptions::default()
    }
}

/// How many mailboxes of clients the server knows.
async fn mailboxes(server: &NatsServer) -> usize {
    let subscriptions = server.subscriptions().await;
    let inboxes = subscriptions.iter();
    inboxes
        .filter(|known| known.subject.starts_with("_INBOX."))
        .count()
}

#[tokio::test]
async fn events_come_in_order_and_the_result_last() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;
    let mut call = client.call(request(Kind::Resolver));

    let script = async {
        let mut taken = dispatcher.take().await;
        for body in [
            accepted(1000),
            started(),
            output("hi"),
            value("{\"b\": 1.0}"),
        ] {
            taken.say(body).await;
        }
        // Nothing after the result is read.
        taken.say(value("2")).await;
        taken.id()
    };
    let read = async {
        let mut names = Vec::new();
        while let Some(event) = call.next().await {
            names.push(event.body.name().to_owned());
        }
        names
    };
    let (id, names) = tokio::join!(script, read);

    assert_eq!(names, ["accepted", "started", "output", "result"]);
    assert_eq!(call.id(), id);
    let result = call.result().await.expect("a value");
    assert_eq!(result.json.expect("a value").get(), "{\"b\": 1.0}");
    assert_eq!((result.id, result.attempts), (id, 1));
}

#[tokio::test]
async fn a_value_in_parts_is_put_together() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        for (index, data) in ["{\"a", "\":1}"].into_iter().enumerate() {
            let index = u32::try_from(index).expect("small");
            let data = data.to_owned();
            taken.say(EventBody::Part(Part { index, data })).await;
        }
        let sha256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862".to_owned();
        taken.say(result(Outcome::Parts { parts: 2, sha256 })).await;
    };
    let call = client.call(request(Kind::Resolver)).result();
    let ((), result) = tokio::join!(script, call);

    let result = result.expect("a value");
    let value: serde_json::Value = result.value().expect("an object");
    assert_eq!(value, serde_json::json!({"a": 1}));
    let event = result.into_event().encode().expect("encodes");
    assert!(event.contains(r#""value":{"a":1}"#), "{event}");
}

#[tokio::test]
async fn a_missing_event_ends_the_call() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        taken.say_as(3, value("1")).await;
    };
    let call = client.call(request(Kind::Resolver)).result();
    let ((), result) = tokio::join!(script, call);

    let error = result.expect_err("a gap");
    assert_eq!(error.code(), FailureCode::SequenceGap);
    assert_eq!(error.failure.details["found"], 3);
    assert_eq!(error.found_by, FoundBy::Client);
}

#[tokio::test]
async fn a_silent_dispatcher_is_lost_and_so_is_one_behind_a_dead_server() {
    let mut server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let mut call = client.call(request(Kind::Resolver));
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(20)).await;
        taken.say(started()).await;
    };
    let ((), first) = tokio::join!(script, call.next());
    assert_eq!(first.expect("an event").body.name(), "accepted");
    let error = call.result().await.expect_err("silence");
    assert_eq!(error.code(), FailureCode::DispatcherLost);
    assert_eq!(error.attempts, 1, "what was started is not repeated");

    let mut call = client.call(request(Kind::Resolver));
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(20)).await;
    };
    let ((), first) = tokio::join!(script, call.next());
    assert_eq!(first.expect("an event").body.name(), "accepted");
    server.kill();
    let error = call.result().await.expect_err("silence");
    assert_eq!(error.code(), FailureCode::DispatcherLost);
}

#[tokio::test]
async fn where_nobody_is_the_call_fails_at_once_with_a_result_event() {
    let server = NatsServer::start().await;
    let client = client(&server, Options::default()).await;
    let mut call = client.call_with(request(Kind::Action), once(LIMIT));

    let event = call.next().await.expect("an event");
    assert_eq!(event.id, Some(call.id()));
    match event.body {
        EventBody::Result(result) => match result.outcome {
            Outcome::Failure(failure) => assert_eq!(failure.code, FailureCode::NoResponders),
            outcome => panic!("{outcome:?}"),
        },
        body => panic!("{body:?}"),
    }
    assert!(call.next().await.is_none(), "the result is the last event");
    let error = call.result().await.expect_err("nobody");
    assert_eq!(error.code(), FailureCode::NoResponders);
}

#[tokio::test]
async fn a_call_waits_for_a_dispatcher_to_appear() {
    let server = NatsServer::start().await;
    let client = client(&server, quick()).await;
    let script = async {
        let mut dispatcher = Dispatcher::start(&server).await;
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        taken.say(value("7")).await;
        // Returned, lest it goes away before everything is sent.
        dispatcher
    };
    let call = client.call(request(Kind::Action)).result();
    let (_dispatcher, result) = tokio::join!(script, call);

    let result = result.expect("a value");
    assert_eq!(result.value::<u8>().expect("a number"), 7);
}

#[tokio::test]
async fn what_never_started_is_repeated_under_an_id_of_its_own() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;

    for chosen in [None, Some("mine".parse::<ExecutionId>().expect("valid"))] {
        let mut asked = request(Kind::Action);
        asked.id = chosen.clone();
        let script = async {
            let mut first = dispatcher.take().await;
            first.say(failure(FailureCode::Overloaded)).await;
            let mut second = dispatcher.take().await;
            second.say(accepted(1000)).await;
            second.say(failure(FailureCode::SandboxStartFailed)).await;
            let mut third = dispatcher.take().await;
            third.say(accepted(1000)).await;
            third.say(value("null")).await;
            [first.id(), second.id(), third.id()]
        };
        let call = client.call(asked).result();
        let ([first, second, third], result) = tokio::join!(script, call);

        let result = result.expect("a value");
        assert_eq!(result.attempts, 3);
        assert_eq!(result.id, third);
        match chosen {
            Some(id) => assert_eq!([&first, &second, &third], [&id; 3]),
            None => assert!(first != second && second != third && first != third),
        }
    }
}

#[tokio::test]
async fn what_failed_after_it_was_started_is_repeated_only_if_asked_for() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    for (retry, attempts) in [(Retry::Safe, 1), (Retry::Always, 2)] {
        let options = CallOptions {
            retry: Some(retry),
            ..CallOptions::default()
        };
        let script = async {
            for code in [FailureCode::SandboxLost, FailureCode::Exception]
                .into_iter()
                .take(attempts)
            {
                let mut taken = dispatcher.take().await;
                taken.say(accepted(1000)).await;
                taken.say(started()).await;
                taken.say(failure(code)).await;
            }
        };
        let call = client.call_with(request(Kind::Resolver), options).result();
        let ((), result) = tokio::join!(script, call);
        let error = result.expect_err("a failure");
        assert_eq!(usize::try_from(error.attempts), Ok(attempts));
        assert_eq!(error.found_by, FoundBy::Dispatcher);
    }
}

#[tokio::test]
async fn a_request_that_nobody_takes_is_cancelled_and_repeated_unless_it_acts() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let options = Options {
        accept_timeout: Duration::from_millis(500),
        ..quick()
    };
    let client = client(&server, options).await;

    let script = async {
        let ignored = dispatcher.take().await;
        (ignored.id(), dispatcher.cancellation().await)
    };
    let call = client.call(request(Kind::Action)).result();
    let ((ignored, cancelled), result) = tokio::join!(script, call);
    let error = result.expect_err("not accepted");
    assert_eq!(error.code(), FailureCode::NotAccepted);
    assert_eq!(error.attempts, 1);
    assert_eq!(ignored.as_str(), cancelled);

    let script = async {
        let ignored = dispatcher.take().await;
        let cancelled = dispatcher.cancellation().await;
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        taken.say(value("1")).await;
        (ignored.id(), cancelled)
    };
    let call = client.call(request(Kind::Resolver)).result();
    let ((ignored, cancelled), result) = tokio::join!(script, call);
    assert_eq!(result.expect("a value").attempts, 2);
    assert_eq!(ignored.as_str(), cancelled);
}

#[tokio::test]
async fn where_no_server_listens_no_client_is_made() {
    let mut server = NatsServer::start().await;
    let url = server.url();
    server.kill();
    let error = Client::connect(&url, Options::default()).await;
    let error = error.expect_err("nobody listens");
    assert_eq!(error.to_string(), "failed to connect to NATS");
}

#[tokio::test]
async fn a_request_too_large_for_the_server_costs_nothing_but_itself() {
    let server = NatsServer::start_with("max_payload: 4096").await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let mut large = request(Kind::Resolver);
    large.code = "x".repeat(5000);
    let error = client.call(large).result().await.expect_err("too large");
    assert_eq!(error.code(), FailureCode::RequestTooLarge);
    assert_eq!(error.failure.details["limit"], 4096);
    let bytes = error.failure.details["bytes"].as_u64();
    assert!(bytes.is_some_and(|bytes| bytes > 5000), "{error:?}");

    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(value("1")).await;
    };
    let call = client.call(request(Kind::Resolver)).result();
    let ((), result) = tokio::join!(script, call);
    result.expect("the connection is as good as before");
}

#[tokio::test]
async fn a_request_that_is_wrong_is_never_sent() {
    let server = NatsServer::start().await;
    let client = client(&server, Options::default()).await;
    let mut wrong = request(Kind::Resolver);
    wrong.limits.cpus = Some(f64::NAN);
    let error: CallError = client.call(wrong).result().await.expect_err("wrong");
    assert_eq!(error.code(), FailureCode::InvalidRequest);
    assert_eq!(error.failure.details["field"], "limits.cpus");
}

#[tokio::test]
async fn where_only_the_result_is_sent_silence_means_nothing() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let options = Options {
        accept_timeout: Duration::from_millis(1),
        ..Options::default()
    };
    let client = client(&server, options).await;
    let mut asked = request(Kind::Resolver);
    asked.replies = Replies::Result;

    let script = async {
        let taken = dispatcher.take().await;
        taken.say_as(4, value("1")).await;
    };
    let mut call = client.call(asked);
    let ((), event) = tokio::join!(script, call.next());
    assert_eq!(event.expect("an event").body.name(), "result");
    assert_eq!(call.result().await.expect("a value").attempts, 1);
}

#[tokio::test]
async fn the_trace_and_the_tenant_travel_with_the_request() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let options = CallOptions {
        trace: Some(TraceContext::try_new(parent, Some("a=b")).expect("valid")),
        tenant: Some(Tenant::try_new("billing").expect("valid")),
        ..CallOptions::default()
    };

    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(value("1")).await;
        ["traceparent", "tracestate", "Veritech-Tenant"]
            .map(|name| taken.header(name).unwrap_or_default().to_owned())
    };
    let call = client.call_with(request(Kind::Resolver), options).result();
    let (headers, result) = tokio::join!(script, call);
    assert_eq!(headers, [parent, "a=b", "billing"]);
    result.expect("a value");
}

#[tokio::test]
async fn a_dropped_call_releases_its_mailbox_and_cancels_nothing() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let mut call = client.call(request(Kind::Resolver));
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
    };
    let ((), first) = tokio::join!(script, call.next());
    first.expect("an event");
    assert_eq!(mailboxes(&server).await, 1);

    drop(call);
    eventually(LIMIT, "server without mailboxes", async || {
        mailboxes(&server).await == 0
    })
    .await;
    // The next cancellation is this one, so there was none before.
    let id: ExecutionId = "last".parse().expect("valid");
    let (_, cancelled) = tokio::join!(client.cancel(&id), dispatcher.cancellation());
    assert_eq!(cancelled, "last");
}

#[tokio::test]
async fn calls_go_on_when_a_lost_connection_comes_back() {
    let mut server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    server.restart().await;

    let answer = async {
        loop {
            let mut taken = dispatcher.take().await;
            taken.say(value("1")).await;
        }
    };
    tokio::select! {
        result = client.call(request(Kind::Resolver)).result() => {
            assert_eq!(result.expect("a value").value::<u8>().expect("a number"), 1);
        }
        () = answer => {}
    }
}

#[tokio::test]
async fn every_instance_is_asked_for_its_status() {
    let server = NatsServer::start().await;
    let client = client(&server, Options::default()).await;
    assert_eq!(client.status().await.expect("asked"), []);

    let dispatcher = Dispatcher::start(&server).await;
    let stats = dispatcher.client.subscribe("$SRV.STATS.veritech").await;
    let mut stats = stats.expect("subscribes");
    settle(&dispatcher.client).await;
    let script = async {
        let question = stats.next().await.expect("a question");
        let reply = question.reply.expect("a mailbox");
        for id in ["b", "a"] {
            let answer = format!(
                r#"{{"type":"io.nats.micro.v1.stats_response","name":"veritech","id":"{id}",
                "version":"0.1.0","metadata":{{}},"started":"2026-11-23T00:00:00Z","endpoints":[
                {{"name":"function","subject":"veritech.function.>","num_requests":3,
                "data":{{"places":4}}}}]}}"#
            );
            let sent = dispatcher.client.publish(reply.clone(), answer.into());
            sent.await.expect("publishes");
        }
        let sent = dispatcher.client.publish(reply, "no JSON".into()).await;
        sent.expect("publishes");
    };
    let ((), status) = tokio::join!(script, client.status());
    let status = status.expect("asked");
    let ids: Vec<_> = status.iter().map(|instance| instance.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(status[0].endpoints[0].data["places"], 4);
    assert_eq!(status[0].endpoints[0].num_requests, 3);
}
