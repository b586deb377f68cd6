use serde_json::{Value, json};

use super::*;
use crate::backend::FunctionBackend;

fn schema() -> Schema {
    let network = Prop::object()
        .prop("host", Prop::string().required())
        .prop("ports", Prop::array(Prop::integer().required()));
    let prop = Prop::object()
        .prop("name", Prop::string())
        .prop("cores", Prop::integer())
        .prop("load", Prop::number())
        .prop("network", network)
        .prop("labels", Prop::map(Prop::string()))
        .prop("extra", Prop::json());
    Schema::try_new(prop).expect("a schema")
}

fn bind(at: &str, backend: ResolverBackend) -> Result<Bindings, BindError> {
    Bindings::new(schema()).bind(at.parse().expect("a pointer"), backend)
}

fn refused(at: &str, backend: ResolverBackend) -> String {
    bind(at, backend).expect_err("is refused").to_string()
}

fn string(value: &str) -> ResolverBackend {
    ResolverBackend::String {
        value: value.to_owned(),
    }
}

fn object(value: Value) -> ResolverBackend {
    match value {
        Value::Object(value) => ResolverBackend::Object { value },
        other => panic!("{other} is no object"),
    }
}

#[test]
fn a_literal_that_cannot_fit_is_refused_with_the_place() {
    assert_eq!(
        refused("/cores", string("8")),
        "the string does not fit: `/cores`: expected an integer, found the string \"8\""
    );
    let network = object(json!({"ports": [80, "443"], "mask": 24}));
    assert_eq!(
        refused("/network", network),
        "the object does not fit: \
         `/network/host`: expected a string, found nothing; \
         `/network/mask`: expected no property of that name, found the number 24; \
         `/network/ports/1`: expected an integer, found the string \"443\"",
    );
    let array = ResolverBackend::Array { value: Vec::new() };
    assert!(refused("", array).contains("expected an object, found an array"));
}

#[test]
fn a_literal_fits_by_its_value() {
    for (at, backend) in [
        ("/cores", ResolverBackend::Number { value: 8.0 }),
        ("/load", ResolverBackend::Integer { value: 1 }),
        ("/labels", object(json!({"a": "b"}))),
        ("/labels/a", string("b")),
        ("/extra", string("anything")),
        ("/extra", ResolverBackend::Boolean { value: true }),
        ("/network", object(json!({"host": "a"}))),
        ("", object(json!({}))),
    ] {
        let kind = backend.kind();
        bind(at, backend).unwrap_or_else(|error| panic!("{kind} at {at}: {error}"));
    }
}

#[test]
fn what_is_known_later_may_be_bound_to_any_prop() {
    for at in [
        "",
        "/name",
        "/cores",
        "/network",
        "/network/ports",
        "/labels/a",
        "/extra",
    ] {
        let function = ResolverBackend::javascript("builtin/quickjs", "");
        let json = ResolverBackend::Json { value: json!([1]) };
        for backend in [ResolverBackend::Unset, json, function] {
            bind(at, backend).unwrap_or_else(|error| panic!("{at}: {error}"));
        }
    }
}

#[test]
fn numbers_that_properties_do_not_have_are_refused_everywhere() {
    for at in ["/cores", "/load", "/extra"] {
        let value = 1 << 53;
        let error = refused(at, ResolverBackend::Integer { value });
        assert!(error.ends_with("must be a whole number within ±(2^53 − 1), got 9007199254740992"));
        let error = refused(at, ResolverBackend::Number { value: f64::NAN });
        assert!(
            error.ends_with("must be a finite number, got NaN"),
            "{error}"
        );
    }
}

#[test]
fn a_prop_that_is_not_there_cannot_be_bound() {
    for at in [
        "/nmae",
        "/name/first",
        "/network/host/x",
        "/labels/a/b",
        "/extra/a",
        "/network/",
    ] {
        let error = refused(at, ResolverBackend::Unset);
        assert_eq!(error, format!("the schema has no prop `{at}`"));
    }
    assert_eq!(
        refused("/network/ports/0", ResolverBackend::Unset),
        "`/network/ports/0` is an element of an array: bind `/network/ports`, all of it"
    );
}

#[test]
fn no_prop_has_its_value_from_two_backends() {
    for (first, second) in [
        ("/network", "/network"),
        ("/network", "/network/host"),
        ("/network/host", "/network"),
        ("/labels/b", "/labels"),
        ("/name", ""),
        ("", "/name"),
    ] {
        let others = bind("/load", ResolverBackend::Unset).expect("is bound");
        let others = match (first, second) {
            ("", _) | (_, "") => Bindings::new(schema()),
            _ => others,
        };
        let bindings = others.bind(first.parse().expect("a pointer"), ResolverBackend::Unset);
        let again = second.parse().expect("a pointer");
        let error = bindings
            .expect("is bound")
            .bind(again, ResolverBackend::Unset);
        let error = error.expect_err("is refused");
        assert_eq!(
            error.to_string(),
            format!("`{second}` cannot be bound beside `{first}`, since one is or holds the other")
        );
    }
    // Neighbours, also those that sort right beside each other.
    let neighbours = [
        "/labels/a",
        "/labels/a b",
        "/labels/aa",
        "/labels/A",
        "/labels/1",
        "/labels/10",
    ];
    let bound = neighbours
        .iter()
        .try_fold(Bindings::new(schema()), |bindings, at| {
            bindings.bind(at.parse().expect("a pointer"), string(""))
        });
    assert_eq!(
        bound.expect("all are bound").iter().count(),
        neighbours.len()
    );
}

#[test]
fn an_input_that_names_no_prop_is_refused() {
    let function = |prop: &str| {
        FunctionBackend::javascript("builtin/quickjs", "")
            .input_from("x", prop.parse().expect("a pointer"))
            .into()
    };
    for prop in [
        "/nmae",
        "/network/ports/first",
        "/network/ports/01",
        "/name/0",
    ] {
        assert_eq!(
            refused("/cores", function(prop)),
            format!("the input `x` of `/cores` names no prop of the schema: `{prop}`")
        );
    }
    for prop in [
        "",
        "/name",
        "/network",
        "/network/ports/7",
        "/labels/any",
        "/extra/deep/0/down",
    ] {
        bind("/cores", function(prop)).unwrap_or_else(|error| panic!("{prop}: {error}"));
    }
}

#[test]
fn what_is_refused_changes_nothing() {
    let mut bindings = bind("/name", string("a")).expect("is bound");
    for at in ["/name", "/cores", "/nmae"] {
        let again = bindings.try_bind(at.parse().expect("a pointer"), string("b"));
        again.expect_err("is refused");
    }
    let kept: Vec<_> = bindings
        .iter()
        .map(|(at, backend)| (at.to_string(), backend.clone()))
        .collect();
    assert_eq!(kept, [("/name".to_owned(), string("a"))]);
}
