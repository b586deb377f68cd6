//! How events come to the mailbox.

use async_nats::HeaderMap;
use e2e::functions::{QUICKJS, in_image, resolver};
use e2e::{Instance, World};
use futures_util::StreamExt as _;
use testkit::NatsServer;
use veritech_client::{Client, Options};
use veritech_protocol::{EventBody, FailureCode, Replies, headers};

/// Returns a text of three megabytes, more than fits into one message.
const LARGE: &str = "export default () => 'añ€𝄞\"\\\\'.repeat(230_000)";

#[tokio::test]
async fn events_are_numbered_and_named_in_their_headers() {
    let world = World::start("").await;
    let request = resolver("export default () => { console.warn('hm'); return 1 }");

    let letters = world.wire().await.send(&request).await.all().await;

    let names: Vec<_> = letters.iter().map(e2e::wire::Letter::name).collect();
    assert_eq!(names, ["accepted", "started", "output", "result"]);
    for (letter, number) in letters.iter().zip(1..) {
        assert_eq!(letter.header(headers::EVENT), letter.name());
        assert_eq!(letter.sequence(), number, "{letter:?}");
    }
}

#[tokio::test]
async fn a_caller_that_asks_for_the_result_alone_gets_nothing_else() {
    let world = World::start("").await;
    let mut request = resolver("export default () => { console.log('hm'); return 1 }");
    request.replies = Replies::Result;

    let only = world.wire().await.send(&request).await.next().await;

    assert_eq!((only.name(), only.sequence()), ("result", 1), "{only:?}");
    assert_eq!(only.event["value"], 1, "{only:?}");
}

#[tokio::test]
async fn a_value_larger_than_a_message_comes_whole_in_parts() {
    let world = World::start("").await;
    let mut request = resolver(LARGE);
    request.limits.result_bytes = Some(8 << 20);

    let mut call = world.client.call(request);
    let mut parts = 0;
    while let Some(event) = call.next().await {
        if matches!(event.body, EventBody::Part(_)) {
            parts += 1;
        }
    }
    let result = call.result().await.expect("the function returns");

    assert!(parts > 1, "{parts} parts");
    let text: String = result.value().expect("a text");
    assert!(text == "añ€𝄞\"\\".repeat(230_000), "{} bytes", text.len());
}

#[tokio::test]
async fn a_value_larger_than_a_message_is_a_failure_where_one_message_was_asked_for() {
    let world = World::start("").await;
    let mut request = resolver(LARGE);
    request.limits.result_bytes = Some(8 << 20);
    request.replies = Replies::Result;

    let only = world.wire().await.send(&request).await.next().await;

    assert_eq!(only.failure()["code"], "result_too_large", "{only:?}");
    assert_eq!(only.header(headers::SERVICE_ERROR_CODE), "422");
}

#[tokio::test]
async fn a_value_larger_than_its_limit_is_a_failure_that_names_both_sizes() {
    let world = World::start("").await;
    let mut request = resolver("export default () => 'x'.repeat(1000)");
    request.limits.result_bytes = Some(100);

    let failure = world.failure(request).await;

    assert_eq!(failure.code, FailureCode::ResultTooLarge, "{failure}");
    assert_eq!(
        failure.details.get("limit"),
        Some(&100.into()),
        "{failure:?}"
    );
    assert_eq!(
        failure.details.get("measured"),
        Some(&1002.into()),
        "{failure:?}"
    );
}

#[tokio::test]
async fn output_beyond_its_limit_is_cut_and_marked_and_no_failure() {
    let world = World::start("").await;
    let mut request = in_image(
        QUICKJS,
        "export default () => { for (let i = 0; i < 1000; i++) console.log('x'.repeat(99)) }",
    );
    request.limits.output_bytes = Some(5000);

    let mut call = world.client.call(request);
    let mut bytes = 0;
    while let Some(event) = call.next().await {
        if let EventBody::Output(output) = event.body {
            bytes += output.message.len();
        }
    }
    let result = call.result().await.expect("the function returns");

    assert!(result.json.is_none(), "{result:?}");
    assert!(result.report.usage.output_truncated, "{result:?}");
    assert!((4900..=5000).contains(&bytes), "{bytes} bytes of output");
}

#[tokio::test]
async fn the_callers_trace_goes_on_in_every_event() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";
    let world = World::start("").await;
    let mut headers = HeaderMap::new();
    headers.insert(headers::TRACEPARENT, format!("00-{TRACE}-{PARENT}-01"));
    headers.insert(headers::TRACESTATE, "vendor=1");
    let request = resolver("export default () => 1").encode().expect("JSON");

    let wire = world.wire().await;
    let mut inbox = wire
        .send_text("veritech.function.resolver", &request, headers)
        .await;

    for letter in inbox.all().await {
        let trace = letter.header(headers::TRACEPARENT);
        assert!(trace.contains(TRACE), "{letter:?}");
        assert!(!trace.contains(PARENT), "{letter:?}");
        assert_eq!(letter.header(headers::TRACESTATE), "vendor=1");
    }
}

#[tokio::test]
async fn output_and_values_fit_into_the_messages_that_the_server_takes() {
    let server = NatsServer::start_with("max_payload: 16KB").await;
    let world = World::start_on(server, "").await;
    let code = "export default () => {
      const text = '\\u0001€'.repeat(20_000);
      console.log(text);
      return text;
    }";

    let mut call = world.client.call(resolver(code));
    let mut output = String::new();
    while let Some(event) = call.next().await {
        if let EventBody::Output(piece) = event.body {
            output.push_str(&piece.message);
        }
    }
    let result = call.result().await.expect("the function returns");

    let expected = "\u{1}€".repeat(20_000);
    assert!(result.value::<String>().expect("a text") == expected);
    assert!(output == expected, "{} bytes of output", output.len());
}

#[tokio::test]
async fn a_request_larger_than_a_message_is_refused_before_it_is_sent() {
    let server = NatsServer::start_with("max_payload: 16KB").await;
    let world = World::start_on(server, "").await;
    let code = format!("// {}\nexport default () => 1", "x".repeat(20_000));

    let failure = world.failure(resolver(code)).await;

    assert_eq!(failure.code, FailureCode::RequestTooLarge, "{failure}");
    let next = resolver("export default () => 'still here'");
    assert_eq!(world.value(next).await, "still here");
}

#[tokio::test]
async fn very_many_lines_of_output_all_come_in_order() {
    const LINES: usize = 20_000;
    let world = World::start("").await;
    let code =
        format!("export default () => {{ for (let i = 0; i < {LINES}; i++) console.log(i) }}");

    let mut call = world.client.call(resolver(code));
    let mut lines = Vec::new();
    while let Some(event) = call.next().await {
        if let EventBody::Output(output) = event.body {
            lines.push(output.message);
        }
    }
    call.result().await.expect("the function returns");

    let expected: Vec<_> = (0..LINES).map(|number| number.to_string()).collect();
    assert!(lines == expected, "{} lines", lines.len());
}

#[tokio::test]
async fn a_user_and_password_in_the_url_let_dispatcher_and_caller_in() {
    let users = "authorization { user: ada, password: lovelace }";
    let server = NatsServer::start_with(users).await;
    let url = format!("nats://ada:lovelace@127.0.0.1:{}", server.port());
    let instance = Instance::start(&url, "one", "").await;
    let client = Client::connect(&url, Options::default())
        .await
        .expect("the client is let in");

    let result = client
        .call(resolver("export default () => 7"))
        .result()
        .await;

    assert_eq!(
        result
            .expect("it succeeds")
            .value::<u8>()
            .expect("a number"),
        7
    );
    assert!(
        !instance.log().contains("lovelace"),
        "the password was logged"
    );
}
