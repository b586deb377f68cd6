//! What every client library must do alike.

use e2e::functions::{endless, resolver};
use e2e::{Instance, LIMIT, World, figure, figures};
use serde_json::{Value, json};
use testkit::{NatsServer, eventually};
use veritech_client::{Client, Options};
use veritech_protocol::{Kind, RawValue, RemoteFunctionRequest, Replies};

use crate::driver::{Driver, Told};

/// Says that it runs, and then does for as long as it may.
const SLOW: &str = "export default () => {
    console.log('here');
    return new Promise((done) => setTimeout(() => done('late'), 600_000));
}";

async fn world() -> World {
    World::start("places = 2\n").await
}

/// Waits until nothing is left of any execution.
async fn nothing_runs(world: &World) {
    for figure in ["running", "waiting"] {
        world.figure_is(figure, 0).await;
    }
}

pub(crate) async fn a_value_comes_back(driver: Driver) {
    let world = world().await;
    let mut request = resolver("export default ({ a, b }) => ({ sum: a + b })");
    request.inputs = RawValue::from_string(r#"{"a":1,"b":2}"#.to_owned()).expect("JSON");
    let outcome = driver.call(&world.server, &request).await.outcome().await;
    assert_eq!(outcome.attempts, 1);
    assert_eq!(outcome.value(), json!({"sum": 3}));
}

pub(crate) async fn nothing_comes_back_as_unset(driver: Driver) {
    let world = world().await;
    let call = driver
        .call(&world.server, &resolver("export default () => {}"))
        .await;
    let outcome = call.outcome().await;
    assert!(outcome.is_unset(), "{outcome:?}");
    let call = driver
        .call(&world.server, &resolver("export default () => null"))
        .await;
    assert_eq!(call.outcome().await.value(), Value::Null);
}

pub(crate) async fn every_kind_of_value_survives(driver: Driver) {
    let world = world().await;
    let values = json!([
        {}, [], [[]], "", "ä€😀\u{0}\u{7f}", "\\\"\n", 0, -1, 1.5, 1e300, 9_007_199_254_740_991_i64, true, null,
        {"": {"a/b": {"~": 1}}, "constructor": 2, "toString": [3]},
    ]);
    let mut request = resolver("export default ({ values }) => values");
    let inputs = json!({"values": values}).to_string();
    request.inputs = RawValue::from_string(inputs).expect("JSON");
    let outcome = driver.call(&world.server, &request).await.outcome().await;
    assert_eq!(outcome.value(), values);
}

pub(crate) async fn events_stream_in_order(driver: Driver) {
    let world = World::start("places = 2\nheartbeat = \"200ms\"\n").await;
    let request = resolver(
        "export default async () => {
            console.log('one');
            console.error('two');
            await new Promise((done) => setTimeout(done, 700));
            console.debug('three');
            return 'done';
        }",
    );
    let mut call = driver.call(&world.server, &request).await;
    let accepted = call.event().await;
    assert_eq!(
        (&accepted["event"], &accepted["instance"]),
        (&json!("accepted"), &json!("one"))
    );
    let started = call.event().await;
    assert_eq!(started["event"], "started");
    let mut said = Vec::new();
    let mut result = Value::Null;
    while result.is_null() {
        let event = call.event().await;
        match event["event"].as_str() {
            Some("output") => said.push((event["message"].clone(), event["level"].clone())),
            Some("heartbeat") => {}
            Some("result") => result = event,
            _ => panic!("unexpected: {event}"),
        }
    }
    let expected = [("one", "info"), ("two", "error"), ("three", "debug")];
    assert_eq!(
        said,
        expected.map(|(message, level)| (json!(message), json!(level)))
    );
    assert_eq!(result["value"], "done");
    assert!(
        result["timings"]["total_us"].as_u64() > Some(600_000),
        "{result}"
    );
    assert!(
        call.names.iter().any(|name| name == "heartbeat"),
        "{:?}",
        call.names
    );
    let outcome = call.outcome().await;
    assert_eq!(accepted["id"], outcome.id.as_str());
    assert_eq!(outcome.value(), "done");
}

pub(crate) async fn an_exception_is_told_with_its_place(driver: Driver) {
    let world = world().await;
    let request = resolver("export default () => {\n  throw new TypeError('no such host');\n}");
    let outcome = driver.call(&world.server, &request).await.outcome().await;
    let failure = outcome.failure("exception", "dispatcher");
    assert_eq!(
        (&failure["origin"], &failure["retryable"]),
        (&json!("user"), &json!(false))
    );
    assert_eq!(failure["details"]["class"], "TypeError", "{failure}");
    let stack = failure["details"]["stack"].as_str().unwrap_or_default();
    assert!(stack.contains(":2"), "{failure}");
    assert!(
        failure["message"]
            .as_str()
            .is_some_and(|message| message.contains("no such host"))
    );
}

pub(crate) async fn a_syntax_error_is_told_with_its_place(driver: Driver) {
    let world = world().await;
    let request = resolver("export default () => {\n  return 1 +;\n}");
    let outcome = driver.call(&world.server, &request).await.outcome().await;
    let failure = outcome.failure("syntax_error", "dispatcher");
    assert_eq!(failure["details"]["line"], 2, "{failure}");
}

pub(crate) async fn a_function_that_takes_too_long_is_told_as_timed_out(driver: Driver) {
    let world = world().await;
    let mut request = resolver("export default () => { for (;;); }");
    request.timeout_ms = Some(300);
    let outcome = driver.call(&world.server, &request).await.outcome().await;
    let failure = outcome.failure("timed_out", "dispatcher");
    assert_eq!(failure["details"]["limit"], 300, "{failure}");
    nothing_runs(&world).await;
}

pub(crate) async fn a_call_is_cancelled_while_it_runs(driver: Driver) {
    let world = world().await;
    let mut call = driver.call(&world.server, &resolver(SLOW)).await;
    call.until("output").await;
    let (answer, outcome) = call.cancel().await;
    assert_eq!(answer, json!({"cancelled": true, "instance": "one"}));
    let failure = outcome.failure("cancelled", "dispatcher");
    assert_eq!(failure["details"]["by"], "caller", "{failure}");
    nothing_runs(&world).await;
}

pub(crate) async fn a_large_value_comes_in_parts(driver: Driver) {
    let world = world().await;
    let mut request = resolver(
        "export default () => Array.from({ length: 90_000 }, (_, n) => `täxt ${n} ${'x'.repeat(20)}`)",
    );
    request.limits.result_bytes = Some(8 << 20);
    let mut call = driver.call(&world.server, &request).await;
    call.until("part").await;
    let result = call.until("result").await;
    let parts = result["parts"].as_u64().expect("it came in parts");
    assert!(parts >= 3, "{parts}");
    let count = call.names.iter().filter(|name| *name == "part").count();
    assert_eq!(u64::try_from(count), Ok(parts));
    let value = call.outcome().await.value();
    let lines = value.as_array().expect("an array");
    assert_eq!(lines.len(), 90_000);
    assert_eq!(lines[89_999], format!("täxt 89999 {}", "x".repeat(20)));
}

pub(crate) async fn a_value_that_the_client_does_not_want_that_large_is_refused(driver: Driver) {
    let world = world().await;
    let mut request = resolver("export default () => 'x'.repeat(3_000_000)");
    request.limits.result_bytes = Some(8 << 20);
    let told = Told {
        retry: Some("never"),
        max_value_bytes: Some(2_000_000),
        ..Told::default()
    };
    let call = driver.call_with(&world.server, &request, told).await;
    let outcome = call.outcome().await;
    let failure = outcome.failure("result_too_large", "client");
    assert_eq!(failure["details"]["limit"], 2_000_000, "{failure}");
}

pub(crate) async fn a_request_over_the_servers_limit_is_refused_unsent(driver: Driver) {
    let server = NatsServer::start_with("max_payload: 64KB").await;
    let world = World::start_on(server, "places = 2\n").await;
    let mut request = resolver("export default () => 1");
    request.code.push_str(&" ".repeat(70_000));
    let mut call = driver.call(&world.server, &request).await;
    let only = call.event().await;
    assert_eq!(only["event"], "result");
    let outcome = call.outcome().await;
    let failure = outcome.failure("request_too_large", "client");
    assert_eq!(failure["origin"], "request");
    assert_eq!(failure["details"]["limit"], 65_536, "{failure}");
    assert!(
        failure["details"]["bytes"].as_u64() > Some(70_000),
        "{failure}"
    );
    world.figure_is("requests", 0).await;

    let call = driver
        .call(&world.server, &resolver("export default () => 'next'"))
        .await;
    assert_eq!(call.outcome().await.value(), "next");
}

pub(crate) async fn an_invalid_request_is_refused_by_field(driver: Driver) {
    let world = world().await;
    let mut request = resolver("export default () => 1");
    request.timeout_ms = Some(u64::from(u32::MAX) * 1000);
    let mut call = driver.call(&world.server, &request).await;
    assert_eq!(call.event().await["event"], "result", "it is not accepted");
    let outcome = call.outcome().await;
    let failure = outcome.failure("invalid_request", "dispatcher");
    assert_eq!(failure["details"]["field"], "timeout_ms", "{failure}");
}

pub(crate) async fn without_a_dispatcher_attempts_are_made_until_the_deadline(driver: Driver) {
    let server = NatsServer::start().await;
    let told = Told {
        deadline_ms: Some(1500),
        ..Told::default()
    };
    let request = resolver("export default () => 1");
    let outcome = driver
        .call_with(&server, &request, told)
        .await
        .outcome()
        .await;
    let failure = outcome.failure("no_responders", "client");
    assert_eq!(
        (&failure["origin"], &failure["retryable"]),
        (&json!("system"), &json!(true))
    );
    assert!(outcome.attempts > 2, "{outcome:?}");

    let outcome = driver.call(&server, &request).await.outcome().await;
    outcome.failure("no_responders", "client");
    assert_eq!(outcome.attempts, 1);
}

pub(crate) async fn a_killed_dispatcher_is_noticed(driver: Driver) {
    let world = World::start("places = 2\nheartbeat = \"100ms\"\n").await;
    let mut call = driver.call(&world.server, &resolver(SLOW)).await;
    call.until("output").await;
    world.instance.kill();
    let outcome = call.outcome().await;
    let failure = outcome.failure("dispatcher_lost", "client");
    assert_eq!(failure["details"]["limit_ms"], 300, "{failure}");
    assert_eq!(failure["origin"], "system");
    assert_eq!(outcome.attempts, 1);
}

pub(crate) async fn a_call_ends_at_its_deadline_and_so_does_its_execution(driver: Driver) {
    let world = world().await;
    let told = Told {
        deadline_ms: Some(1500),
        ..Told::default()
    };
    let call = driver.call_with(&world.server, &endless(), told).await;
    let outcome = call.outcome().await;
    outcome.failure("deadline_exceeded", "client");
    nothing_runs(&world).await;
    world.figure_is("failed_request", 1).await;
}

pub(crate) async fn a_call_that_was_refused_is_repeated(driver: Driver) {
    let server = NatsServer::start().await;
    let told = Told {
        deadline_ms: Some(20_000),
        ..Told::default()
    };
    let request = resolver("export default () => 'at last'");
    let call = driver.call_with(&server, &request, told).await;
    eventually(LIMIT, "a request that nobody took", async || {
        let published = server.published().await;
        (published > 0).then_some(()).ok_or(published)
    })
    .await;
    let instance = Instance::start(&server.url(), "one", "places = 2\n").await;
    let outcome = call.outcome().await;
    assert!(outcome.attempts > 1, "{outcome:?}");
    assert_eq!(outcome.value(), "at last");
    drop(instance);
}

pub(crate) async fn only_the_result_comes_if_that_is_asked_for(driver: Driver) {
    let world = world().await;
    let mut request = resolver("export default () => { console.log('unheard'); return 7; }");
    request.replies = Replies::Result;
    let mut call = driver.call(&world.server, &request).await;
    assert_eq!(call.event().await["event"], "result");
    assert_eq!(call.outcome().await.value(), 7);
}

pub(crate) async fn what_ran_is_repeated_only_if_asked_for(driver: Driver) {
    for (retry, code, attempts) in [("safe", "dispatcher_lost", 1), ("always", "", 2)] {
        let server = NatsServer::start().await;
        let first = Instance::start(
            &server.url(),
            "first",
            "places = 2\nheartbeat = \"100ms\"\n",
        )
        .await;
        let told = Told {
            retry: Some(retry),
            deadline_ms: Some(20_000),
            ..Told::default()
        };
        let mut request = RemoteFunctionRequest::new(Kind::Action, e2e::functions::QUICKJS, "");
        request.container_image = resolver("").container_image;
        request.code = "export default () => {
            console.log('here');
            return new Promise((done) => setTimeout(() => done({ status: 'ok' }), 2000));
        }"
        .to_owned();
        let mut call = driver.call_with(&server, &request, told).await;
        call.until("output").await;
        first.kill();
        let second = Instance::start(&server.url(), "second", "places = 2\n").await;
        let outcome = call.outcome().await;
        assert_eq!(outcome.attempts, attempts, "{outcome:?}");
        if code.is_empty() {
            assert_eq!(outcome.value(), json!({"status": "ok"}));
            let client = Client::connect(&server.url(), Options::default())
                .await
                .expect("connects");
            eventually(LIMIT, "one execution by the second", async || {
                let all = figures(&client).await;
                let count = all.first().map(|(_, data)| figure(data, "succeeded"));
                if count == Some(1) { Ok(()) } else { Err(count) }
            })
            .await;
        } else {
            outcome.failure(code, "client");
        }
        drop(second);
    }
}
