//! Calls that the calling thread waits for, the dispatcher on another.

use std::thread;
use std::time::Duration;

use serde_json::json;
use testkit::{NatsServer, eventually};
use tokio::sync::oneshot;
use veritech_client::blocking::{Client, ConnectError};
use veritech_client::{
    Bindings, CallOptions, Cancellation, Options, Pointer, Prop, ResolverBackend, Schema,
};
use veritech_protocol::{FailureCode, Kind};

use crate::dispatcher::{Dispatcher, accepted, failure, output, started, value};
use crate::{LIMIT, once, request};

const IMAGE: &str = "builtin/quickjs";

/// Runs `caller` on a thread of its own, as a program without a runtime does.
async fn on_a_thread<T: Send + 'static>(
    server: &NatsServer,
    caller: impl FnOnce(Client) -> T + Send + 'static,
) -> T {
    let url = server.url();
    let (done, called) = oneshot::channel();
    // One of the runtime's own threads would lend it to the client.
    let thread = thread::spawn(move || {
        let result = caller(Client::connect(&url, Options::default()).expect("connects"));
        drop(done.send(result));
    });
    let result = called.await.expect("no panic");
    thread.join().expect("no panic at the end either");
    result
}

#[tokio::test]
async fn the_events_of_a_call_are_iterated_over() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let script = async {
        let mut taken = dispatcher.take().await;
        for body in [accepted(1000), started(), output("hi"), value("7")] {
            taken.say(body).await;
        }
        taken.id()
    };
    let caller = on_a_thread(&server, |client| {
        let mut call = client.call(request(Kind::Resolver));
        let names: Vec<_> = call
            .by_ref()
            .map(|event| event.body.name().to_owned())
            .collect();
        (names, call.id(), call.result())
    });
    let (id, (names, called, result)) = tokio::join!(script, caller);

    assert_eq!(names, ["accepted", "started", "output", "result"]);
    assert_eq!(called, id);
    let seven: u8 = result.expect("a result").value().expect("a number");
    assert_eq!(seven, 7);
}

#[tokio::test]
async fn a_kind_has_the_same_result_as_without_blocking() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let script = async {
        let mut judged = dispatcher.take().await;
        let json = r#"{"result":"warning","message":"old"}"#;
        judged.say(value(json)).await;
        let mut failed = dispatcher.take().await;
        failed.say(failure(FailureCode::Exception)).await;
        [judged.request.kind, failed.request.kind]
    };
    let caller = on_a_thread(&server, |client| {
        let call = client.qualification(IMAGE, "q");
        let judged = call.inputs(&[1]).expect("JSON").result();
        (judged, client.action(IMAGE, "a").result())
    });
    let (kinds, (judged, failed)) = tokio::join!(script, caller);

    assert_eq!(kinds, [Kind::Qualification, Kind::Action]);
    let judged = judged.expect("a result").value;
    assert_eq!(judged.message.as_deref(), Some("old"));
    let error = failed.expect_err("a failure");
    assert_eq!(error.code(), FailureCode::Exception);
}

#[tokio::test]
async fn a_call_is_cancelled_from_another_thread() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        let cancelled = dispatcher.cancellation().await;
        taken.say(failure(FailureCode::Cancelled)).await;
        (taken.id(), cancelled)
    };
    let caller = on_a_thread(&server, |client| {
        let mut call = client.validation(IMAGE, "v").call();
        let first = call.next().expect("an event");
        assert_eq!(first.body.name(), "accepted");
        let canceller = call.canceller();
        let other = thread::spawn(move || canceller.cancel());
        (call.result(), other.join().expect("no panic"))
    });
    let ((id, cancelled), (result, cancellation)) = tokio::join!(script, caller);

    assert_eq!(id.as_str(), cancelled);
    let error = result.expect_err("cancelled");
    assert_eq!(error.code(), FailureCode::Cancelled);
    let instance = "one".to_owned();
    assert_eq!(
        cancellation.expect("asked"),
        Cancellation::Cancelled { instance }
    );
}

#[tokio::test]
async fn threads_that_share_a_client_do_not_wait_for_each_other() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let script = async {
        // Each is answered only when all have come.
        let mut all = Vec::new();
        for _ in 0..8 {
            all.push(dispatcher.take().await);
        }
        for taken in &mut all {
            let id = taken.id();
            taken.say(value(&format!("\"{id}\""))).await;
        }
    };
    let caller = on_a_thread(&server, |client| {
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let client = client.clone();
                thread::spawn(move || client.resolver(IMAGE, "r").result())
            })
            .collect();
        for call in calls {
            let result = call.join().expect("no panic").expect("a result");
            let value: String = result.value().expect("a string");
            assert_eq!(value, result.id.as_str());
        }
    });
    tokio::join!(script, caller);
}

#[tokio::test]
async fn within_an_async_runtime_it_blocks_and_does_not_panic() {
    let server = NatsServer::start().await;
    let client = Client::connect(&server.url(), Options::default()).expect("connects");
    assert_eq!(client.status().expect("asked"), []);
    let nobody = client.cancel(&"x-1".parse().expect("valid"));
    assert_eq!(nobody.expect("asked"), Cancellation::NotFound);
    let mut call = client.call_with(request(Kind::Action), once(LIMIT));
    assert_eq!(call.next().expect("an event").body.name(), "result");
    let error = call.result().expect_err("nobody");
    assert_eq!(error.code(), FailureCode::NoResponders);
    drop(client);
}

#[tokio::test]
async fn a_client_keeps_its_connection_as_long_as_anyone_has_it_and_no_longer() {
    let mut server = NatsServer::start().await;
    let client = Client::connect(&server.url(), Options::default()).expect("connects");
    let connected = async |server: &NatsServer, expected| {
        eventually(LIMIT, "connections", async || {
            let found = server.connections().await;
            (found == expected).then_some(()).ok_or(found)
        })
        .await;
    };
    connected(&server, 1).await;
    server.restart().await;
    // Nobody calls anything.
    connected(&server, 1).await;

    let call = client.action(IMAGE, "a").call();
    drop(client);
    let nobody = call.cancel().expect("asked");
    assert_eq!(nobody, Cancellation::NotFound);
    drop(call);
    connected(&server, 0).await;
}

#[tokio::test]
async fn a_client_dropped_at_once_has_still_cancelled_what_was_too_late() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        (taken.id(), dispatcher.cancellation().await)
    };
    let caller = on_a_thread(&server, |client| {
        let options = CallOptions {
            deadline: Some(Duration::from_millis(200)),
            ..CallOptions::default()
        };
        client.call_with(request(Kind::Resolver), options).result()
    });
    let ((id, cancelled), result) = tokio::join!(script, caller);
    let error = result.expect_err("too late");
    assert_eq!(error.code(), FailureCode::DeadlineExceeded);
    assert_eq!(id.as_str(), cancelled);
}

#[tokio::test]
async fn where_no_server_listens_no_client_is_made() {
    let mut server = NatsServer::start().await;
    let url = server.url();
    server.kill();
    let error = Client::connect(&url, Options::default()).expect_err("nobody listens");
    assert!(matches!(error, ConnectError::Nats(_)), "{error:?}");
}

#[tokio::test]
async fn properties_are_resolved_while_the_calling_thread_waits() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let script = async {
        for answer in ["8080", r#"{"port":8081}"#, "[]"] {
            dispatcher.take().await.say(value(answer)).await;
        }
    };
    let caller = on_a_thread(&server, |client| {
        let function = || ResolverBackend::javascript(IMAGE, "export default () => {}");
        let port = Schema::try_new(Prop::integer()).expect("a schema");
        let one = client.resolve(&function(), &port);

        let ports = Schema::try_new(Prop::object().prop("port", Prop::integer()));
        let bindings = Bindings::new(ports.expect("a schema"));
        let bindings = bindings.bind(Pointer::root(), function());
        let bindings = bindings.expect("can be bound");
        (
            one,
            client.resolve_all(&bindings),
            client.resolve_all(&bindings),
        )
    });
    let ((), (one, all, failed)) = tokio::join!(script, caller);

    assert_eq!(one.expect("a tree").to_json(), json!(8080));
    let all = all.expect("no cycle").into_complete();
    assert_eq!(all.expect("a tree").to_json(), json!({"port": 8081}));
    let failed = failed.expect("no cycle");
    assert!(failed.unresolved().contains_key(&Pointer::root()));
}
