use proptest::prelude::*;
use serde_json::json;
use veritech_protocol::Language;

use super::*;

fn read(stored: Value) -> Result<ResolverBackend, String> {
    serde_json::from_value(stored).map_err(|error| error.to_string())
}

#[test]
fn a_function_is_stored_by_the_name_of_its_language() {
    let function = FunctionBackend::javascript("builtin/quickjs", "export default () => 1")
        .tag("2")
        .handler("f")
        .input("n", 3)
        .input_from("port", "/ports/0".parse().expect("a pointer"))
        .timeout(std::time::Duration::from_micros(1_500));
    let backend = ResolverBackend::from(function);
    let stored = serde_json::to_value(&backend).expect("is written");
    assert_eq!(
        stored,
        json!({
            "kind": "javascript",
            "container_image": "builtin/quickjs",
            "container_tag": "2",
            "code": "export default () => 1",
            "handler": "f",
            "inputs": {"n": {"value": 3}, "port": {"prop": "/ports/0"}},
            "timeout_ms": 2,
        })
    );
    assert_eq!(read(stored), Ok(backend));
}

#[test]
fn a_function_in_any_other_language_is_of_the_general_kind() {
    let function = FunctionBackend {
        language: Some(Language::TypeScript),
        ..FunctionBackend::new("registry.example/node", "export default () => 1")
    };
    let backend = ResolverBackend::from(function);
    let stored = serde_json::to_value(&backend).expect("is written");
    assert_eq!(stored["kind"], "function");
    assert_eq!(stored["language"], "typescript");
    assert_eq!(read(stored), Ok(backend));

    let javascript = json!({
        "kind": "function", "language": "javascript", "container_image": "a", "code": "",
    });
    assert_eq!(
        read(javascript).map(|backend| backend.kind()),
        Ok("javascript"),
        "there is one form of each backend"
    );
}

#[test]
fn what_is_no_backend_is_refused_by_name() {
    for (stored, named) in [
        (json!({"kind": "script"}), "unknown variant `script`"),
        (json!({"value": 1}), "missing field `kind`"),
        (json!({"kind": "string", "value": 1}), "expected a string"),
        (json!({"kind": "integer", "value": 1.5}), "expected i64"),
        (
            json!({"kind": "string", "value": "", "code": ""}),
            "unknown field `code`",
        ),
        (
            json!({"kind": "unset", "value": 1}),
            "unknown field `value`",
        ),
        (json!({"kind": "json"}), "missing field `value`"),
        (
            json!({"kind": "javascript", "code": ""}),
            "missing field `container_image`",
        ),
        (
            json!({"kind": "python", "container_image": "a", "code": "", "handle": "f"}),
            "unknown field `handle`",
        ),
        (
            json!({"kind": "python", "container_image": "a", "code": "", "language": "javascript"}),
            "the kind `python` implies its `language`",
        ),
        (
            json!({"kind": "python", "container_image": "a", "code": "", "inputs": {"a": {"prop": "b"}}}),
            "JSON Pointer",
        ),
    ] {
        let error = read(stored.clone()).expect_err("is refused");
        assert!(error.contains(named), "{stored}: {error}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z~/]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{0,3}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_backend() -> impl Strategy<Value = ResolverBackend> {
    let language = prop_oneof![
        Just(None),
        Just(Some(Language::JavaScript)),
        Just(Some(Language::TypeScript)),
        Just(Some(Language::Python)),
    ];
    let function = (
        language,
        ".{0,8}",
        proptest::option::of(any::<u64>()),
        any_value(),
    )
        .prop_map(|(language, code, timeout_ms, input)| {
            FunctionBackend {
                language,
                timeout_ms,
                ..FunctionBackend::new("image", code)
            }
            .input("input", input)
            .into()
        });
    prop_oneof![
        ".{0,8}".prop_map(|value| ResolverBackend::String { value }),
        any::<i64>().prop_map(|value| ResolverBackend::Integer { value }),
        proptest::num::f64::NORMAL.prop_map(|value| ResolverBackend::Number { value }),
        any::<bool>().prop_map(|value| ResolverBackend::Boolean { value }),
        proptest::collection::vec(any_value(), 0..3)
            .prop_map(|value| ResolverBackend::Array { value }),
        Just(ResolverBackend::Unset),
        any_value().prop_map(|value| ResolverBackend::Json { value }),
        function,
    ]
}

proptest! {
    #[test]
    fn what_is_stored_comes_back(backend in any_backend()) {
        let text = serde_json::to_string(&backend).expect("is written");
        let back: ResolverBackend = serde_json::from_str(&text).expect("is read");
        prop_assert_eq!(back, backend);
    }
}
