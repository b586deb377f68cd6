//! Reading properties, putting them into trees, and telling trees apart.

use std::error::Error as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Change, How, Misplaced, PropertyTree, PropertyValue};
use crate::mapping::Mapping;
use crate::pointer::Pointer;
use crate::prop::Prop;
use crate::schema::Schema;

fn schema() -> Schema {
    let network = Prop::object()
        .prop("name", Prop::string())
        .prop("ports", Prop::array(Prop::integer()));
    let prop = Prop::object()
        .prop("network", network)
        .prop("labels", Prop::map(Prop::string()))
        .prop("extra", Prop::json());
    Schema::try_new(prop).expect("a schema")
}

fn pointer(text: &str) -> Pointer {
    text.parse().expect("a pointer")
}

fn tree(value: &Value) -> PropertyTree {
    let value = mapped("", value);
    PropertyTree::unset(&schema())
        .replaced(value)
        .expect("the root")
}

/// Returns a value for a place of the schema.
fn mapped(place: &str, value: &Value) -> PropertyValue {
    let (schema, place) = (schema(), pointer(place));
    let prop = schema.at(&place).expect("a prop");
    let mapped = Mapping::default().map_value(prop, &place, Some(value));
    mapped.expect("fits")
}

#[test]
fn in_an_unset_tree_all_that_is_declared_is_there() {
    let tree = PropertyTree::unset(&schema());
    for place in ["/network", "/labels", "/extra"] {
        let property = tree.get(place).expect("declared");
        assert!(!property.is_set(), "{place} is set");
        assert_eq!(property.pointer(), &pointer(place));
    }
    assert_eq!(tree.to_json(), json!({}));

    let text = Schema::try_new(Prop::string().required()).expect("a schema");
    assert!(!PropertyTree::unset(&text).root().is_set());
}

#[test]
fn a_tree_is_read_as_a_type() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Network {
        name: Option<String>,
        ports: Vec<u16>,
    }

    let whole = tree(&json!({ "network": { "ports": [80, 443.0] } }));
    let network = whole.get("/network").expect("declared");
    assert_eq!(
        network.deserialize::<Network>().expect("a network"),
        Network {
            name: None,
            ports: vec![80, 443]
        }
    );
    assert_eq!(
        whole
            .get("/extra")
            .expect("declared")
            .deserialize::<Option<u8>>()
            .ok(),
        Some(None)
    );

    let whole = tree(&json!({ "network": { "ports": [80, 70_000] } }));
    let network = whole.get("/network").expect("declared");
    let error = network.deserialize::<Network>().expect_err("no port");
    assert_eq!(
        error.to_string(),
        "`/network/ports/1`: the value is not of the wanted type"
    );
    let cause = error.source().expect("a cause").to_string();
    assert!(cause.contains("70000"), "{cause}");
}

#[test]
fn a_value_is_put_where_its_pointer_says() {
    let made = [
        mapped("/network/name", &json!("lan")),
        mapped("/labels/a~1b", &json!("x")),
        mapped("/network/ports", &json!([1, 2])),
        mapped("/network/ports/1", &json!(3)),
        mapped("/extra", &json!(null)),
    ]
    .into_iter()
    .fold(PropertyTree::unset(&schema()), |tree, value| {
        tree.replaced(value).expect("there is the place")
    });
    let at_once = tree(&json!({
        "network": { "name": "lan", "ports": [1, 3] },
        "labels": { "a/b": "x" },
        "extra": null,
    }));
    assert_eq!(made, at_once);
}

#[test]
fn an_unset_value_makes_nothing_on_its_way() {
    let unset = PropertyTree::unset(&schema());
    for place in ["/network/name", "/labels/a", "/network/ports/7"] {
        let value = mapped(place, &json!(null));
        assert_eq!(unset.clone().replaced(value), Ok(unset.clone()), "{place}");
    }
    let full = tree(&json!({ "network": { "name": "lan" }, "labels": { "a": "x", "b": "y" } }));
    let less = ["/network/name", "/labels/a", "/labels/c"]
        .into_iter()
        .fold(full, |tree, place| {
            tree.replaced(mapped(place, &json!(null)))
                .expect("there is the place")
        });
    assert_eq!(
        less,
        tree(&json!({ "network": {}, "labels": { "b": "y" } }))
    );
}

#[test]
fn a_value_that_a_tree_has_no_place_for_is_refused() {
    let number = |place: &str| {
        let place = pointer(place);
        Mapping::default()
            .map_value(&Prop::integer(), &place, Some(&json!(1)))
            .expect("fits")
    };
    let whole = tree(&json!({ "network": { "ports": [1] } }));
    for place in [
        "/port",
        "/network/name",
        "/network/ports/1",
        "/network",
        "/extra",
        "/extra/a",
    ] {
        let refused = whole.clone().replaced(number(place));
        assert_eq!(
            refused,
            Err(Misplaced {
                pointer: pointer(place)
            }),
            "{place}"
        );
    }
    assert!(whole.replaced(number("/network/ports/0")).is_ok());
}

#[test]
fn changes_are_told_by_their_places() {
    let old = tree(&json!({
        "network": { "name": "lan", "ports": [1, 2, 3] },
        "labels": { "a": "x", "b": "y" },
    }));
    let new = tree(&json!({
        "network": { "name": "wan", "ports": [1, 4] },
        "labels": { "b": "y", "c": "z" },
        "extra": { "any": [1] },
    }));
    let told = |changes: Vec<Change<'_>>| -> Vec<String> {
        let tell = |change: &Change<'_>| {
            let how = match change.how {
                How::Set { new } => format!("set to {}", new.to_json()),
                How::Unset { old } => format!("was {}", old.to_json()),
                How::Changed { old, new } => format!("{} became {}", old.to_json(), new.to_json()),
            };
            format!("{} {how}", change.pointer)
        };
        changes.iter().map(tell).collect()
    };
    assert_eq!(
        told(old.diff(&new)),
        [
            r#"/extra set to {"any":[1]}"#,
            r#"/labels/a was "x""#,
            r#"/labels/c set to "z""#,
            r#"/network/name "lan" became "wan""#,
            "/network/ports/1 2 became 4",
            "/network/ports/2 was 3",
        ]
    );
    assert_eq!(told(new.diff(&new)), Vec::<String>::new());

    // Neither element is set, yet there was one more.
    let (old, new) = (
        tree(&json!({ "network": { "ports": [null, null] } })),
        tree(&json!({ "network": { "ports": [null] } })),
    );
    assert_eq!(
        told(old.diff(&new)),
        ["/network/ports [null,null] became [null]"]
    );
}

#[test]
fn trees_below_a_long_name_are_told_apart_in_time() {
    let prop = Prop::map(Prop::map(Prop::integer()));
    let value = |value: u8| {
        let entries = (0..50_000).map(|index| (index.to_string(), json!(value)));
        let value = json!({ "n".repeat(1 << 20): Value::Object(entries.collect()) });
        Mapping::default()
            .map_value(&prop, &Pointer::root(), Some(&value))
            .expect("fits")
    };
    let (old, new) = (value(1), value(2));
    assert_eq!(old.diff(&new).len(), 50_000);
    assert_ne!(old, new);
    assert_eq!(old, value(1));
}
