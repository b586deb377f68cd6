//! What is taken, what is refused, and what is dropped.

use e2e::World;
use e2e::functions::{endless, pause, resolver};
use e2e::wire::Letter;
use serde_json::{Value, json};
use veritech_client::{Client, Options};
use veritech_protocol::{FailureCode, Kind, RemoteFunctionRequest, Subjects, headers};

const RESOLVER: &str = "veritech.function.resolver";

/// One dispatcher with one place and nowhere to wait.
const ONE_PLACE: &str = "places = 1\nqueue = 0\n";

async fn refusal(world: &World, subject: &str, request: &Value) -> Letter {
    let wire = world.wire().await;
    let mut inbox = wire
        .send_text(subject, &request.to_string(), async_nats::HeaderMap::new())
        .await;
    let only = inbox.next().await;
    assert_eq!((only.name(), only.sequence()), ("result", 1), "{only:?}");
    only
}

#[tokio::test]
async fn a_malformed_request_is_refused_by_the_name_of_its_field() {
    let world = World::start("").await;
    let request = |member: &str, value: Value| {
        let mut request = json!({
            "kind": "resolver", "container_image": "builtin/quickjs", "id": "wrong-1",
            "code": "export default () => 1",
        });
        request[member] = value;
        request
    };
    for (member, value, expected) in [
        (
            "limits",
            json!({"memory_bytes": 1_u64 << 60}),
            "limits.memory_bytes",
        ),
        ("limits", json!({"processes": "many"}), "limits.processes"),
        ("timeout_ms", json!(0), "timeout_ms"),
        ("container_image", json!("../etc"), "container_image"),
        ("network", json!("egress"), "network"),
        ("kind", json!("action"), "kind"),
        ("colour", json!("red"), "colour"),
    ] {
        let refused = refusal(&world, RESOLVER, &request(member, value)).await;
        let failure = refused.failure();
        assert_eq!(failure["code"], "invalid_request", "{failure}");
        assert_eq!(failure["origin"], "request", "{failure}");
        let message = failure["message"].as_str().unwrap_or_default();
        assert!(message.contains(expected), "{expected}: {failure}");
        assert_eq!(refused.text("id"), "wrong-1", "{refused:?}");
        assert_eq!(refused.header(headers::SERVICE_ERROR_CODE), "400");
    }
}

#[tokio::test]
async fn a_kind_that_there_is_not_is_refused_as_such() {
    let world = World::start("").await;
    let request = json!({"kind": "oracle", "container_image": "builtin/quickjs", "code": ""});

    let refused = refusal(&world, "veritech.function.oracle", &request).await;

    assert_eq!(refused.failure()["code"], "unsupported_kind", "{refused:?}");
}

#[tokio::test]
async fn the_hosts_interpreters_are_no_images_unless_the_configuration_says_so() {
    let world = World::start("").await;

    let failure = world
        .failure(RemoteFunctionRequest::new(
            Kind::Resolver,
            "host/node",
            "export default () => 1",
        ))
        .await;

    assert_eq!(failure.code, FailureCode::UnsupportedImage, "{failure}");
}

#[tokio::test]
async fn a_request_that_cannot_be_answered_is_dropped_and_counted() {
    let world = World::start("").await;
    let wire = world.wire().await;
    let mut overheard = wire.listen("elsewhere.>").await;
    let request = resolver("export default () => 1");

    wire.send_with_reply(&request, None).await;
    wire.send_with_reply(&request, Some("elsewhere.box")).await;

    world.figure_is("dropped", 2).await;
    world.figure_is("requests", 0).await;
    let heard =
        futures_util::FutureExt::now_or_never(futures_util::StreamExt::next(&mut overheard));
    assert!(heard.is_none(), "{heard:?}");
}

#[tokio::test]
async fn an_id_that_is_in_flight_is_refused() {
    let world = World::start("").await;
    let mut request = endless();
    request.id = Some("twice-1".parse().expect("an id"));
    let first = world.started(request.clone()).await;

    let failure = world.failure(request).await;

    assert_eq!(failure.code, FailureCode::DuplicateId, "{failure}");
    first
        .call
        .cancel()
        .await
        .expect("the first can be cancelled");
    let ended = first.call.result().await.expect_err("cancelled");
    assert_eq!(ended.code(), FailureCode::Cancelled, "{ended}");
}

#[tokio::test]
async fn a_request_that_waits_for_a_place_too_long_expires() {
    let world = World::start("places = 1\nqueue = 1\n").await;
    let first = world.started(endless()).await;

    let mut second = resolver("export default () => 2");
    second.queue_timeout_ms = Some(200);
    let failure = world.failure(second).await;

    assert_eq!(failure.code, FailureCode::Expired, "{failure}");
    assert!(failure.retryable, "{failure:?}");
    drop(first);
}

#[tokio::test]
async fn where_every_place_is_taken_nats_says_at_once_that_nobody_takes_requests() {
    let world = World::start(ONE_PLACE).await;
    let first = world.started(endless()).await;
    let second = resolver("export default () => 2");

    let mut inbox = world.wire().await.send(&second).await;
    assert!(inbox.says_no_responders().await);
    let failure = world.failure(second).await;
    assert_eq!(failure.code, FailureCode::NoResponders, "{failure}");
    drop(first);
}

#[tokio::test]
async fn a_client_waits_for_a_place_by_asking_again() {
    let world = World::start(ONE_PLACE).await;
    let first = world.started(pause(500)).await;

    let client = world.patient_client().await;
    let (first, second) = tokio::join!(
        first.call.result(),
        client.call(resolver("export default () => 2")).result(),
    );

    let second = second.expect("the second gets the place");
    assert_eq!(second.value::<u64>().expect("a number"), 2);
    assert!(second.attempts > 1, "{second:?}");
    first.expect("the first is not disturbed");
}

#[tokio::test]
async fn requests_that_are_refused_take_no_place_for_good() {
    let world = World::start(ONE_PLACE).await;
    let wire = world.wire().await;
    for text in ["", "{", "[]", "{\"kind\":\"resolver\"}", "\u{0}"] {
        for _ in 0..10 {
            let headers = async_nats::HeaderMap::new();
            let mut inbox = wire.send_text(RESOLVER, text, headers).await;
            // A refusal, or that nobody has a place while one is being refused.
            inbox.any().await;
        }
    }

    let client = world.patient_client().await;
    let called = client.call(resolver("export default () => 1")).result();
    let value = called.await.expect("it is executed").value::<u64>();
    assert_eq!(value.expect("a number"), 1);
}

#[tokio::test]
async fn dispatchers_under_different_prefixes_do_not_meet() {
    let world = World::start("subject_prefix = \"staging\"\n").await;

    let failure = world.failure(resolver("export default () => 1")).await;
    assert_eq!(failure.code, FailureCode::NoResponders, "{failure}");

    let options = Options {
        subjects: Subjects::try_new("staging").expect("a prefix"),
        ..Options::default()
    };
    let client = Client::connect(&world.server.url(), options).await;
    let client = client.expect("the client connects");
    let called = client.call(resolver("export default () => 1")).result();
    called.await.expect("it is executed");
}
