use veritech_protocol::kind::action::Action;
use veritech_protocol::{Kind, RemoteFunctionRequest};

use super::*;

fn prepared<K: FunctionKind>() -> FunctionCall<K, ()> {
    FunctionCall::new((), "builtin/quickjs", "export default () => 1")
}

#[test]
fn everything_that_is_said_is_in_the_request() {
    let call = prepared::<Resolver>()
        .tag("v2")
        .language(Language::TypeScript)
        .handler("main")
        .inputs(&[1, 2])
        .expect("JSON")
        .env("A", "1")
        .env("B", "2")
        .timeout(Duration::from_secs(1))
        .queue_timeout(Duration::ZERO)
        .limits(RequestedLimits {
            processes: Some(4),
            ..RequestedLimits::default()
        })
        .network(Network::Egress)
        .replies(Replies::Result)
        .on_caller_lost(OnCallerLost::Cancel)
        .id("mine".parse().expect("valid"))
        .response_type(ResponseType::Integer);
    let text = call.request().encode().expect("encodes");
    let said: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let expected = serde_json::json!({
        "kind": "resolver", "container_image": "builtin/quickjs", "container_tag": "v2",
        "code": "export default () => 1", "id": "mine", "language": "typescript",
        "handler": "main", "inputs": [1, 2], "env": {"A": "1", "B": "2"},
        "timeout_ms": 1000, "queue_timeout_ms": 0, "limits": {"processes": 4},
        "network": "egress", "replies": "result", "on_caller_lost": "cancel",
        "response_type": "integer",
    });
    assert_eq!(said, expected);
}

#[test]
fn what_is_not_said_is_not_in_the_request() {
    let text = prepared::<Action>().request().encode().expect("encodes");
    let plain =
        RemoteFunctionRequest::new(Kind::Action, "builtin/quickjs", "export default () => 1");
    assert_eq!(text, plain.encode().expect("encodes"));
}

#[test]
fn durations_are_rounded_up_and_never_too_long_for_the_wire() {
    for (duration, milliseconds) in [
        (Duration::ZERO, 0),
        (Duration::from_nanos(1), 1),
        (Duration::from_micros(1500), 2),
        (Duration::from_millis(7), 7),
        (Duration::MAX, u64::MAX),
    ] {
        let request = prepared::<Action>().timeout(duration).request;
        assert_eq!(request.timeout_ms, Some(milliseconds), "{duration:?}");
    }
}

#[test]
fn inputs_that_are_written_already_stay_as_they_are() {
    let text = r#"{"b": 1.0, "a": 1e400}"#;
    let written: &veritech_protocol::RawValue = serde_json::from_str(text).expect("JSON");
    let call = prepared::<Action>().inputs(written).expect("JSON");
    assert_eq!(call.request().inputs.get(), text);
}
