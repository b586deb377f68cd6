//! Bindings resolved by a dispatcher that does what it is told to.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use testkit::NatsServer;
use veritech_client::{
    BindError, Bindings, FunctionBackend, Incomplete, Options, Pointer, Prop, ResolveError,
    ResolveOptions, ResolverBackend, Retry, Schema, Unresolved,
};
use veritech_protocol::{FailureCode, OnCallerLost, ResponseType};

use crate::dispatcher::{Dispatcher, Taken, accepted, failure, started, value};
use crate::{client, quick};

fn schema(prop: Prop) -> Schema {
    Schema::try_new(prop).expect("a schema")
}

fn at(pointer: &str) -> Pointer {
    pointer.parse().expect("a pointer")
}

fn function(code: &str) -> FunctionBackend {
    FunctionBackend::javascript("builtin/quickjs", code)
}

/// Does what the code says: `sum` adds the inputs and one, `fail` throws, anything else
/// is the JSON text of the value.
async fn execute(mut taken: Taken) {
    let inputs: BTreeMap<String, Value> =
        serde_json::from_str(taken.request.inputs.get()).expect("an object");
    let ended = match taken.request.code.as_str() {
        "sum" => {
            let sum: u64 = inputs.values().filter_map(Value::as_u64).sum();
            value(&(sum % 1000 + 1).to_string())
        }
        "inputs" => value(taken.request.inputs.get()),
        "fail" => failure(FailureCode::Exception),
        json => value(json),
    };
    for event in [accepted(1000), started(), ended] {
        taken.say(event).await;
    }
}

/// Executes whatever comes.
async fn serve(dispatcher: &mut Dispatcher) -> std::convert::Infallible {
    loop {
        let taken = dispatcher.take().await;
        execute(taken).await;
    }
}

/// Resolves something with a dispatcher that executes everything.
async fn served<T>(dispatcher: &mut Dispatcher, resolving: impl Future<Output = T>) -> T {
    tokio::select! {
        resolved = resolving => resolved,
        never = serve(dispatcher) => match never {},
    }
}

#[tokio::test]
async fn whatever_the_backend_the_value_is_mapped_alike() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let schema = schema(
        Prop::object()
            .prop("host", Prop::string().required())
            .prop("ports", Prop::array(Prop::integer())),
    );
    let text = r#"{"ports": [8.0e1, null], "host": "a"}"#;
    let json = ResolverBackend::Json {
        value: serde_json::from_str(text).expect("JSON"),
    };
    let given = client.resolve(&json, &schema).await.expect("resolves");
    let returned = served(
        &mut dispatcher,
        client.resolve(&function(text).into(), &schema),
    )
    .await;
    assert_eq!(returned.expect("resolves"), given);
    assert_eq!(given.to_json(), json!({"host": "a", "ports": [80, null]}));

    let wrong = r#"{"host": 1, "ports": ["a"], "more": {}}"#;
    let json = ResolverBackend::Json {
        value: serde_json::from_str(wrong).expect("JSON"),
    };
    let given = client.resolve(&json, &schema).await;
    let returned = served(
        &mut dispatcher,
        client.resolve(&function(wrong).into(), &schema),
    )
    .await;
    match (given, returned) {
        (Err(ResolveError::Mapping(given)), Err(ResolveError::Mapping(returned))) => {
            assert_eq!(given, returned);
            assert_eq!(given.errors.len(), 3, "{given}");
        }
        other => panic!("not refused alike: {other:?}"),
    }
}

#[tokio::test]
async fn a_function_is_called_as_its_backend_says() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let backend = FunctionBackend {
        timeout_ms: Some(1500),
        ..FunctionBackend::python("registry.example/python", "1")
    };
    let backend = backend
        .tag("3.13")
        .handler("f")
        .input("n", json!({"a": [1]}));
    let schema = schema(Prop::integer());
    let backend = backend.into();
    let call = async {
        let taken = dispatcher.take().await;
        let request = taken.request.clone();
        execute(taken).await;
        request
    };
    let (tree, request) = tokio::join!(client.resolve(&backend, &schema), call);
    assert_eq!(tree.expect("resolves").root().as_i64(), Some(1));
    assert_eq!(request.container_image, "registry.example/python");
    assert_eq!(request.container_tag, "3.13");
    assert_eq!(request.handler.as_deref(), Some("f"));
    assert_eq!(request.timeout_ms, Some(1500));
    assert_eq!(request.inputs.get(), r#"{"n":{"a":[1]}}"#);
    assert_eq!(request.response_type, ResponseType::Any, "mapping decides");
    assert_eq!(request.on_caller_lost, OnCallerLost::Cancel);
}

#[tokio::test]
async fn what_cannot_be_resolved_says_why() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let schema = schema(Prop::integer().required());

    let literal = ResolverBackend::String {
        value: "8".to_owned(),
    };
    let error = client
        .resolve(&literal, &schema)
        .await
        .expect_err("is refused");
    assert!(
        matches!(error, ResolveError::Bind(BindError::Unfit { .. })),
        "{error:?}"
    );
    let unset = client.resolve(&ResolverBackend::Unset, &schema).await;
    let error = unset.expect_err("it is required");
    assert!(matches!(error, ResolveError::Mapping(_)), "{error:?}");
    let other = function("sum").input_from("n", at(""));
    let error = client
        .resolve(&other.into(), &schema)
        .await
        .expect_err("is refused");
    assert!(matches!(error, ResolveError::OtherProp { .. }), "{error:?}");
    let failed = served(
        &mut dispatcher,
        client.resolve(&function("fail").into(), &schema),
    )
    .await;
    match failed {
        Err(ResolveError::Call(error)) => assert_eq!(error.code(), FailureCode::Exception),
        other => panic!("not a failed call: {other:?}"),
    }
}

#[tokio::test]
async fn inputs_are_the_values_of_other_props() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let network = Prop::object()
        .prop("host", Prop::string())
        .prop("ports", Prop::array(Prop::integer()));
    let schema = schema(
        Prop::object()
            .prop("network", network)
            .prop("extra", Prop::json())
            .prop("labels", Prop::map(Prop::string()))
            .prop("unbound", Prop::string())
            .prop("seen", Prop::json()),
    );
    let seen = function("inputs")
        .input("always", 7)
        .input_from("network", at("/network"))
        .input_from("port", at("/network/ports/1"))
        .input_from("no_port", at("/network/ports/2"))
        .input_from("deep", at("/extra/a/0"))
        .input_from("label", at("/labels/a~1b"))
        .input_from("unbound", at("/unbound"));
    let string = |value: &str| ResolverBackend::String {
        value: value.to_owned(),
    };
    let bindings = Bindings::new(schema)
        .bind(at("/seen"), seen)
        .and_then(|it| it.bind(at("/network/host"), string("a")))
        .and_then(|it| it.bind(at("/network/ports"), function("[80, 443]")))
        .and_then(|it| it.bind(at("/extra"), function(r#"{"a": [{"b": null}]}"#)))
        .and_then(|it| it.bind(at("/labels/a~1b"), string("c")))
        .expect("all can be bound");
    let resolved = served(&mut dispatcher, client.resolve_all(&bindings)).await;
    let tree = resolved
        .expect("no cycle")
        .into_complete()
        .expect("complete");
    assert_eq!(
        tree.to_json(),
        json!({
            "network": {"host": "a", "ports": [80, 443]},
            "extra": {"a": [{"b": null}]},
            "labels": {"a/b": "c"},
            "seen": {
                "always": 7,
                "network": {"host": "a", "ports": [80, 443]},
                "port": 443,
                "deep": {"b": null},
                "label": "c",
            },
        })
    );
    let port = tree.get("/network/ports/1").expect("a port");
    assert_eq!(port.pointer().to_string(), "/network/ports/1");
}

#[tokio::test]
async fn a_failure_leaves_others_alone() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let bindings = Bindings::new(schema(Prop::map(Prop::integer())))
        .bind(at("/a"), function("fail"))
        .and_then(|it| it.bind(at("/b"), function("sum").input_from("n", at("/a"))))
        .and_then(|it| it.bind(at("/c"), function("sum").input_from("n", at("/b"))))
        .and_then(|it| it.bind(at("/d"), function("sum")))
        .and_then(|it| it.bind(at("/e"), function("\"a string\"")))
        .and_then(|it| it.bind(at("/f"), function("sum").input_from("n", at("/d"))))
        .expect("all can be bound");
    let resolved = served(&mut dispatcher, client.resolve_all(&bindings))
        .await
        .expect("no cycle");
    assert_eq!(resolved.tree().to_json(), json!({"d": 1, "f": 2}));
    let why: Vec<_> = resolved
        .unresolved()
        .iter()
        .map(|(prop, why)| format!("{prop}: {why}"))
        .collect();
    assert_eq!(
        why,
        [
            "/a: the function has no value: exception: as told",
            "/b: needs `/a`, which has no value",
            "/c: needs `/a`, which has no value",
            "/e: the value does not fit: `/e`: expected an integer, found the string \"a string\"",
        ]
    );
    let incomplete = resolved.into_complete().expect_err("is not complete");
    assert!(
        incomplete
            .to_string()
            .starts_with("4 props have no value:\n  `/a`: the function")
    );
}

#[tokio::test]
async fn required_props_that_nothing_is_bound_to_are_missing() {
    let server = NatsServer::start().await;
    let client = client(&server, quick()).await;
    let prop = Prop::object()
        .prop("a", Prop::integer().required())
        .prop("b", Prop::object().prop("c", Prop::string().required()));
    let bindings = Bindings::new(schema(prop));
    let resolved = client.resolve_all(&bindings).await.expect("no cycle");
    match resolved.into_complete() {
        Err(Incomplete::Missing(errors)) => {
            assert_eq!(
                errors.to_string(),
                "`/a`: expected an integer, found nothing"
            );
        }
        other => panic!("not missing: {other:?}"),
    }
}

#[tokio::test]
async fn nothing_is_called_if_props_need_each_other() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let bindings = Bindings::new(schema(Prop::map(Prop::integer())))
        .bind(at("/a"), function("sum").input_from("n", at("/b")))
        .and_then(|it| it.bind(at("/b"), function("sum").input_from("n", at("/a"))))
        .and_then(|it| it.bind(at("/c"), function("sum")))
        .expect("all can be bound");
    let cycle = client.resolve_all(&bindings).await.expect_err("a cycle");
    assert_eq!(
        cycle.to_string(),
        "props need each other: `/a` needs `/b` needs `/a`"
    );
    assert!(dispatcher.take().now_or_never().is_none());
}

#[tokio::test]
async fn values_are_bounded_together() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let bindings = Bindings::new(schema(Prop::map(Prop::string())))
        .bind(at("/a"), function("\"12345678\""))
        .and_then(|it| it.bind(at("/b"), function("\"12345678\"")))
        .expect("all can be bound");
    let options = ResolveOptions {
        concurrency: NonZeroUsize::MIN,
        max_total_bytes: 15,
        ..ResolveOptions::default()
    };
    let resolved = served(
        &mut dispatcher,
        client.resolve_all_with(&bindings, &options),
    )
    .await;
    let resolved = resolved.expect("no cycle");
    assert_eq!(resolved.tree().to_json(), json!({"a": "12345678"}));
    let why = resolved.unresolved().get(&at("/b"));
    assert!(
        matches!(
            why,
            Some(Unresolved::Failed(ResolveError::TooLarge { limit: 15 }))
        ),
        "{why:?}"
    );
}

#[tokio::test]
async fn functions_are_called_side_by_side_up_to_the_limit() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let bindings = (0..20).try_fold(
        Bindings::new(schema(Prop::map(Prop::integer()))),
        |it, n| it.bind(at(&format!("/{n}")), function("sum")),
    );
    let bindings = bindings.expect("all can be bound");
    let options = ResolveOptions {
        concurrency: NonZeroUsize::new(4).expect("not zero"),
        ..ResolveOptions::default()
    };
    let serve = async {
        let mut executed = 0;
        while executed < 20 {
            let mut together = Vec::new();
            for _ in 0..4 {
                together.push(dispatcher.take().await);
            }
            assert!(
                dispatcher.take().now_or_never().is_none(),
                "a fifth at a time"
            );
            executed += together.len();
            for taken in together {
                execute(taken).await;
            }
        }
    };
    let resolve = client.resolve_all_with(&bindings, &options);
    let (resolved, ()) = tokio::join!(resolve, serve);
    let resolved = resolved.expect("no cycle");
    assert_eq!(resolved.tree().root().children().count(), 20);
}

/// What `count` bindings come to, each with up to three inputs that are earlier ones.
struct Graph {
    bindings: Bindings,
    expected: Vec<u64>,
}

impl Graph {
    fn random(count: usize) -> Self {
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let mut draw = |below: usize| {
            // Xorshift: the same graph each time.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random >> 33).expect("fits") % below
        };
        let mut expected: Vec<u64> = Vec::new();
        let mut bindings = Bindings::new(schema(Prop::map(Prop::integer())));
        for n in 0..count {
            let mut sum = 0;
            let mut backend = function("sum");
            for input in 0..draw(4).min(n) {
                let needed = draw(n);
                sum += expected.get(needed).expect("it was drawn before");
                backend = backend.input_from(format!("i{input}"), at(&format!("/{needed}")));
            }
            expected.push(sum % 1000 + 1);
            let bound = bindings.try_bind(at(&format!("/{n}")), backend.into());
            bound.expect("can be bound");
        }
        Self { bindings, expected }
    }
}

/// The processor time of this thread so far, in nanoseconds.
fn processor_time() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let first = text.split_whitespace().next().expect("a figure");
    first.parse().expect("a figure")
}

#[tokio::test]
async fn ten_thousand_bindings_are_resolved_in_time_that_grows_with_their_number() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let options = Options {
        retry: Retry::Never,
        ..Options::default()
    };
    let client = client(&server, options).await;
    let mut spent = Vec::new();
    for count in [1000, 2500, 10_000] {
        let graph = Graph::random(count);
        let before = processor_time();
        let resolved = served(&mut dispatcher, client.resolve_all(&graph.bindings)).await;
        spent.push(processor_time() - before);
        let tree = resolved
            .expect("no cycle")
            .into_complete()
            .expect("complete");
        let values: Vec<u64> = tree
            .deserialize::<BTreeMap<usize, u64>>()
            .expect("numbers")
            .into_values()
            .collect();
        assert_eq!(values, graph.expected);
    }
    println!("processor time for 1000, 2500 and 10000, in ns: {spent:?}");
    // Four times as many; the square of that would be sixteen times the time.
    assert!(spent[2] < spent[1] * 8, "{spent:?}");
}
