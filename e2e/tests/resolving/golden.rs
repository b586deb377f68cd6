//! The same object, given as JSON and returned by JavaScript, is the same tree.

use e2e::functions::{DENO, NODE, QUICKJS};
use e2e::{TestEngine, World, host_images};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use veritech_client::{
    Client, FunctionBackend, Prop, PropertyTree, ResolveError, ResolverBackend, Schema,
};

/// How many schemas with objects there must be.
const CASES: usize = 30;

struct Case {
    name: &'static str,
    schema: Prop,
    /// The object, as JSON and JavaScript both read it.
    text: &'static str,
}

fn case(name: &'static str, schema: Prop, text: &'static str) -> Case {
    Case { name, schema, text }
}

fn object<const N: usize>(props: [(&str, Prop); N]) -> Prop {
    let props = props.into_iter();
    props.fold(Prop::object(), |object, (name, prop)| {
        object.prop(name, prop)
    })
}

/// What maps.
fn fitting() -> Vec<Case> {
    let (string, integer) = (Prop::string, Prop::integer);
    let (number, boolean, json) = (Prop::number, Prop::boolean, Prop::json);
    let numbers = || Prop::array(number().required());
    vec![
        case("a string", string(), r#""a""#),
        case("an empty string", string(), r#""""#),
        case(
            "strings of everything",
            Prop::array(string()),
            "[\"ä€😀\", \"\\u0000\\u001f\\u007f\\\"\\\\/\\b\\f\\n\\r\\t\", \"\\ud83d\\ude00\", \"\\u2028\\u2029\"]",
        ),
        case("an integer", integer(), "42"),
        case(
            "integers by value",
            Prop::array(integer()),
            "[1, 1.0, 1e0, 10e-1, -0, -0.0, 0e9, 9007199254740991, -9007199254740991, 9.007199254740991e15]",
        ),
        case(
            "numbers",
            numbers(),
            "[0.1, 1.5, -2.5e-7, 1e21, 1e300, 5e-324, 1.7976931348623157e308, 0.30000000000000004, 123456789012345680000]",
        ),
        case(
            "numbers by value",
            numbers(),
            "[1, 1.0, 100e-2, -0.0, 1E2, 9007199254740993]",
        ),
        case("true", boolean(), "true"),
        case("false", boolean(), "false"),
        case("null, unset", string(), "null"),
        case("null, as JSON", json(), "null"),
        case("an empty object", object([("a", string())]), "{}"),
        case("an object of nothing", object([]), "{}"),
        case(
            "an object of every scalar",
            object([
                ("s", string()),
                ("i", integer()),
                ("n", number()),
                ("b", boolean()),
            ]),
            r#"{"s": "x", "i": 3, "n": 0.5, "b": true}"#,
        ),
        case(
            "members missing and null",
            object([
                ("a", string()),
                ("b", integer()),
                ("c", json()),
                ("d", json()),
            ]),
            r#"{"b": null, "c": null}"#,
        ),
        case(
            "members in any order",
            object([
                ("a", integer()),
                ("b", integer()),
                ("10", integer()),
                ("9", integer()),
            ]),
            r#"{"b": 1, "10": 2, "a": 3, "9": 4}"#,
        ),
        case(
            "nested objects",
            object([(
                "network",
                object([(
                    "dns",
                    object([("servers", Prop::array(string().required()).required())]).required(),
                )]),
            )]),
            r#"{"network": {"dns": {"servers": ["::1", "::2"]}}}"#,
        ),
        case("an empty array", Prop::array(integer()), "[]"),
        case(
            "an array of arrays",
            Prop::array(Prop::array(Prop::array(integer()))),
            "[[[1, 2], []], [], [[3]]]",
        ),
        case(
            "an array with unset elements",
            Prop::array(string()),
            r#"["a", null, "b", null]"#,
        ),
        case(
            "an array of objects",
            Prop::array(object([("name", string().required()), ("port", integer())])),
            r#"[{"name": "a", "port": 1}, {"name": "b"}, null]"#,
        ),
        case("an empty map", Prop::map(string()), "{}"),
        case(
            "a map of strings",
            Prop::map(string()),
            r#"{"b": "1", "a": "2", "1": "3", "01": "4"}"#,
        ),
        case(
            "a map with null entries",
            Prop::map(integer()),
            r#"{"a": null, "b": 1}"#,
        ),
        case(
            "a map of objects",
            Prop::map(object([
                ("size", integer().required()),
                ("tags", Prop::map(boolean())),
            ])),
            r#"{"sda": {"size": 10, "tags": {"ssd": true}}, "sdb": {"size": 20}}"#,
        ),
        case(
            "a map of maps of arrays",
            Prop::map(Prop::map(Prop::array(integer()))),
            r#"{"a": {"b": [1], "c": []}, "d": {}}"#,
        ),
        case(
            "a map with unusual keys",
            Prop::map(integer()),
            r#"{"": 1, "a/b": 2, "~": 3, "~1": 4, "__proto__": 5, "constructor": 6, "toString": 7, "hasOwnProperty": 8, " ": 9, "ä😀": 10, "\"\\\n": 11, "%2F": 12}"#,
        ),
        case(
            "an object with unusual names",
            object([
                ("", integer()),
                ("a/b", integer()),
                ("~", integer()),
                ("__proto__", integer()),
                ("constructor", integer()),
                ("valueOf", string()),
            ]),
            r#"{"": 1, "a/b": 2, "~": 3, "__proto__": 4, "constructor": 5, "valueOf": "6"}"#,
        ),
        case(
            "unusual names that are not set",
            object([
                ("__proto__", integer()),
                ("constructor", integer()),
                ("toString", string()),
            ]),
            "{}",
        ),
        case(
            "anything within JSON",
            json(),
            r#"{"a": [1, 1.0, 1e2, -0.0, 0.5, 1e21, null, true, {"": {"~": [[]]}}], "__proto__": {"x": null}, "b": {}}"#,
        ),
        case("a scalar as JSON", json(), "1.0"),
        case(
            "JSON in a map in an array",
            Prop::array(Prop::map(json())),
            r#"[{"a": null, "b": {"c": [1.0]}}, {}]"#,
        ),
        case(
            "a required value",
            object([("a", string().required()), ("b", json().required())]).required(),
            r#"{"a": "", "b": null}"#,
        ),
        case(
            "many levels",
            (0..20).fold(integer(), |prop, _| object([("a", prop)])),
            r#"{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":7}}}}}}}}}}}}}}}}}}}}"#,
        ),
    ]
}

/// What does not, in several places at once.
fn unfitting() -> Vec<Case> {
    let server = object([
        ("name", Prop::string().required()),
        ("cores", Prop::integer()),
        ("ports", Prop::array(Prop::integer().required())),
        ("labels", Prop::map(Prop::string())),
    ]);
    vec![
        case("another type", Prop::integer(), r#""1""#),
        case(
            "no whole number",
            Prop::array(Prop::integer()),
            "[1.5, 1e300, 9007199254740992, -9007199254740992]",
        ),
        case(
            "nothing where something is required",
            Prop::string().required(),
            "null",
        ),
        case(
            "everything wrong",
            server.clone(),
            r#"{"cores": "8", "ports": [1, "2", null, {}], "labels": {"a/b": 1, "": []}, "more": 1, "__proto__": 2}"#,
        ),
        case("an array for an object", server, "[]"),
        case("an object for an array", Prop::array(Prop::json()), "{}"),
    ]
}

/// Returns a function that returns what the text says.
fn returning(image: &str, text: &str) -> ResolverBackend {
    // As a key of a literal, this one is no key.
    let code = if text.contains("__proto__") {
        let text = Value::from(text);
        format!("export default () => JSON.parse({text})")
    } else {
        format!("export default () => ({text})")
    };
    FunctionBackend::javascript(TestEngine::current().image(image), code).into()
}

fn given(text: &str) -> ResolverBackend {
    ResolverBackend::Json {
        value: serde_json::from_str(text).expect("JSON"),
    }
}

/// Resolves a case both ways, and says what differs.
async fn compare(client: &Client, image: &str, case: Case) -> Option<String> {
    let Case { name, schema, text } = case;
    let schema = Schema::try_new(schema).expect("a schema");
    let given = client.resolve(&given(text), &schema).await;
    let returned = client.resolve(&returning(image, text), &schema).await;
    let is_same = match (&given, &returned) {
        (Ok(given), Ok(returned)) => is_same_tree(given, returned),
        (Err(ResolveError::Mapping(given)), Err(ResolveError::Mapping(returned))) => {
            given == returned
        }
        _ => false,
    };
    (!is_same).then(|| format!("{name}: {given:?}\nby JavaScript: {returned:?}"))
}

/// Whether both hold the same in every place, and there is a difference to be seen
/// neither in the trees nor in what is written of them.
fn is_same_tree(given: &PropertyTree, returned: &PropertyTree) -> bool {
    let [given_text, returned_text] = [given, returned].map(|tree| tree.to_json().to_string());
    given == returned
        && given.to_json() == returned.to_json()
        && given_text == returned_text
        && given.diff(returned).is_empty()
}

async fn every_case_is_the_same_tree(image: &str) {
    let world = World::start(&format!("places = 4\n{}", host_images())).await;
    let client = world.patient_client().await;
    assert!(fitting().len() >= CASES, "{}", fitting().len());
    for case in fitting() {
        let schema = Schema::try_new(case.schema).expect("a schema");
        let resolved = client.resolve(&given(case.text), &schema).await;
        resolved.unwrap_or_else(|error| panic!("{}: {error:?}", case.name));
    }
    for case in unfitting() {
        let schema = Schema::try_new(case.schema).expect("a schema");
        let resolved = client.resolve(&given(case.text), &schema).await;
        resolved.expect_err(case.name);
    }

    let cases = fitting().into_iter().chain(unfitting());
    let different: Vec<String> = stream::iter(cases)
        .map(|case| compare(&client, image, case))
        .buffer_unordered(4)
        .filter_map(async |different| different)
        .collect()
        .await;
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

#[tokio::test]
async fn an_object_by_quickjs_is_the_tree_that_it_is_as_json() {
    Box::pin(every_case_is_the_same_tree(QUICKJS)).await;
}

#[tokio::test]
async fn an_object_by_node_is_the_tree_that_it_is_as_json() {
    Box::pin(every_case_is_the_same_tree(NODE)).await;
}

#[tokio::test]
async fn an_object_by_deno_is_the_tree_that_it_is_as_json() {
    Box::pin(every_case_is_the_same_tree(DENO)).await;
}
