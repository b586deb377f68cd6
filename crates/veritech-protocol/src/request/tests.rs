//! What requests are taken, and what is said of the others.

use proptest::prelude::*;

use super::*;
use crate::json::OutOfBounds;

fn decode(text: &str) -> Result<RemoteFunctionRequest, RequestError> {
    RemoteFunctionRequest::decode(text.as_bytes(), 1 << 20)
}

#[test]
fn what_is_wrong_is_named_by_its_field() {
    let base = r#""container_image":"builtin/quickjs","code":"""#;
    for (text, field) in [
        (format!(r#"{{"kind":"resolver",{base},"id":"a b"}}"#), "id"),
        (
            format!(r#"{{"kind":"resolver",{base},"limits":{{"memory_bytes":-1}}}}"#),
            "limits.memory_bytes",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"limits":{{"mem":1}}}}"#),
            "limits.mem",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"timout_ms":1}}"#),
            "timout_ms",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"replies":"all"}}"#),
            "replies",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"language":"cobol"}}"#),
            "language",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"limits":{{"cpus":0}}}}"#),
            "limits.cpus",
        ),
        (
            format!(r#"{{"kind":"action",{base},"response_type":"string"}}"#),
            "response_type",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"env":{{"A=B":"x"}}}}"#),
            "env",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"handler":""}}"#),
            "handler",
        ),
        (
            format!(r#"{{"kind":"resolver",{base},"container_tag":"a b"}}"#),
            "container_tag",
        ),
        (
            r#"{"kind":"resolver","container_image":"A","code":""}"#.to_owned(),
            "container_image",
        ),
    ] {
        match decode(&text) {
            Err(RequestError::Field { field: named, .. }) => assert_eq!(named, field, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_list_of_values_is_no_request_and_are_no_limits() {
    let list = r#"["resolver","builtin/quickjs","latest",""]"#;
    let error = decode(list).expect_err("refused");
    assert!(error.to_string().contains("expected an object"), "{error}");

    let text =
        r#"{"kind":"resolver","container_image":"builtin/quickjs","code":"","limits":[67108864]}"#;
    match decode(text) {
        Err(RequestError::Field { field, .. }) => assert_eq!(field, "limits"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_field_is_named_in_the_message() {
    let error = decode(r#"{"kind":"resolver","code":""}"#).expect_err("refused");
    assert!(error.to_string().contains("container_image"), "{error}");
}

#[test]
fn an_unknown_kind_is_told_apart_from_a_malformed_request() {
    let error = decode(r#"{"kind":"oracle","container_image":"a","code":""}"#);
    assert_eq!(
        error.expect_err("refused"),
        RequestError::unsupported_kind("oracle")
    );
}

#[test]
fn a_refusal_can_still_name_the_id() {
    let text = br#"{"id":"x-1","kind":7}"#;
    assert!(RemoteFunctionRequest::decode(text, 100).is_err());
    let id = RemoteFunctionRequest::salvage_id(text, 100).expect("found");
    assert_eq!(id.as_str(), "x-1");
}

#[test]
fn inputs_keep_their_order_spelling_and_depth() {
    let inputs = r#"{"z":1.0,"a":[1e2,"\u0041"]}"#;
    let text =
        format!(r#"{{"kind":"resolver","container_image":"a","code":"","inputs":{inputs}}}"#);
    assert_eq!(decode(&text).expect("decodes").inputs.get(), inputs);

    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = format!(r#"{{"kind":"resolver","container_image":"a","code":"","inputs":{deep}}}"#);
    assert!(matches!(
        decode(&text),
        Err(RequestError::OutOfBounds(OutOfBounds::TooDeep { .. }))
    ));
}

proptest! {
    #[test]
    fn requests_come_back_as_they_went(
        code in ".*",
        id in proptest::option::of("[A-Za-z0-9_-]{1,128}"),
        handler in proptest::option::of("[a-z]{1,20}"),
        timeout_ms in proptest::option::of(any::<u64>()),
        cpus in proptest::option::of(0.001_f64..64.0),
        env in proptest::collection::btree_map("[A-Z_]{1,9}", "[^\0]*", 0..4),
        inputs in proptest::collection::vec(".*", 0..4),
        cancel in any::<bool>(),
    ) {
        let mut request = RemoteFunctionRequest::new(Kind::Resolver, "builtin/quickjs", code);
        request.id = id.map(|id| id.parse().expect("valid"));
        request.handler = handler;
        request.timeout_ms = timeout_ms;
        request.limits.cpus = cpus;
        request.env = env;
        request.inputs = serde_json::value::to_raw_value(&inputs).expect("JSON");
        if cancel {
            request.on_caller_lost = OnCallerLost::Cancel;
            request.replies = Replies::Result;
            request.language = Some(Language::TypeScript);
        }

        let text = request.encode().expect("encodes");
        let back = decode(&text).expect("decodes");
        prop_assert_eq!(back.encode().expect("encodes"), text);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(RemoteFunctionRequest::decode(&bytes, 200));
        drop(RemoteFunctionRequest::salvage_id(&bytes, 200));
    }

    #[test]
    fn no_json_makes_the_decoder_panic(text in r#"[{}\[\]",:a-z0-9 .\\-]{0,120}"#) {
        drop(decode(&text));
    }
}
