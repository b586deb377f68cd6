//! What mapping makes of JSON, and what it says of what does not fit.

use serde_json::{Value, json};

use super::{Mapping, MappingErrors, MappingLimits};
use crate::pointer::Pointer;
use crate::prop::Prop;
use crate::property::{Content, PropertyValue};

fn map_text(prop: &Prop, text: &str) -> Result<PropertyValue, MappingErrors> {
    let json = serde_json::from_str(text).expect("JSON");
    Mapping::default().map(prop, &Pointer::root(), Some(json))
}

fn map(prop: &Prop, value: &Value) -> Result<PropertyValue, MappingErrors> {
    let from_value = Mapping::default().map_value(prop, &Pointer::root(), Some(value));
    assert_eq!(
        from_value,
        map_text(prop, &value.to_string()),
        "text and value differ"
    );
    from_value
}

fn complaint(prop: &Prop, text: &str) -> String {
    map_text(prop, text).expect_err("does not fit").to_string()
}

fn network() -> Prop {
    Prop::object()
        .prop("name", Prop::string().required())
        .prop("mtu", Prop::integer())
        .prop("ports", Prop::array(Prop::integer().required()))
        .prop("labels", Prop::map(Prop::string()))
        .prop("extra", Prop::json())
}

#[test]
fn missing_and_null_members_are_there_and_unset() {
    let tree = map(&network(), &json!({ "name": "lan", "mtu": null })).expect("fits");
    for unset in ["/mtu", "/ports", "/labels", "/extra"] {
        let property = tree.get(unset).expect("declared");
        assert!(!property.is_set(), "{unset} is set");
        assert_eq!(property.pointer().to_string(), unset);
    }
    assert_eq!(
        tree.get("/name").and_then(PropertyValue::as_str),
        Some("lan")
    );
    assert_eq!(tree.get("/ports/0"), None);
    assert_eq!(tree.to_json(), json!({ "name": "lan" }));
}

#[test]
fn null_is_a_value_under_json_alone() {
    let tree = map(&network(), &json!({ "name": "lan", "extra": null })).expect("fits");
    let extra = tree.get("/extra").expect("declared");
    assert_eq!(extra.content(), Some(&Content::Json(Value::Null)));
    assert_eq!(tree.to_json(), json!({ "name": "lan", "extra": null }));
    assert!(
        map(&Prop::json().required(), &Value::Null)
            .expect("fits")
            .is_set()
    );
}

#[test]
fn null_elements_are_unset_in_their_place_and_null_entries_left_out() {
    let tree = map(&Prop::array(Prop::string()), &json!(["a", null, "c"])).expect("fits");
    assert!(tree.get("/1").is_some_and(|element| !element.is_set()));
    assert_eq!(tree.to_json(), json!(["a", null, "c"]));

    let tree = map(&Prop::map(Prop::string()), &json!({ "a": "x", "b": null })).expect("fits");
    assert_eq!(tree.get("/b"), None);
    assert_eq!(tree.to_json(), json!({ "a": "x" }));
}

#[test]
fn numbers_count_by_value() {
    for text in ["1", "1.0", "1e0", "10E-1", "100e-2"] {
        let integer = map_text(&Prop::integer(), text).expect("fits");
        assert_eq!(integer.as_i64(), Some(1), "{text}");
        let number = map_text(&Prop::number(), text).expect("fits");
        assert_eq!(number.as_f64(), Some(1.0), "{text}");
        let any = map_text(&Prop::json(), text).expect("fits");
        assert_eq!(any.as_json(), Some(&json!(1)), "{text}");
    }
    for zero in ["0", "-0", "-0.0", "0e7", "1e-400"] {
        assert_eq!(
            map_text(&Prop::integer(), zero).expect("fits").as_i64(),
            Some(0),
            "{zero}"
        );
        for prop in [Prop::number(), Prop::json()] {
            let zero = map_text(&prop, zero).expect("fits");
            assert_eq!(zero.to_json().to_string(), "0");
        }
    }
}

#[test]
fn integers_are_those_that_every_language_tells_apart() {
    for text in [
        "9007199254740991",
        "-9007199254740991",
        "9007199254740991.0",
    ] {
        assert!(map_text(&Prop::integer(), text).is_ok(), "{text}");
    }
    for text in [
        "9007199254740992",
        "-9007199254740992",
        "18446744073709551615",
        "1e300",
        "0.5",
    ] {
        let complaint = complaint(&Prop::integer(), text);
        assert!(
            complaint
                .starts_with("expected a whole number within ±9007199254740991, found the number "),
            "{complaint}"
        );
    }
    // Beyond them a number is the nearest double, as it is in JavaScript.
    let any = map_text(&Prop::json(), "[9007199254740993, 1e22]").expect("fits");
    assert_eq!(any.to_json(), json!([9007199254740992.0, 1e22]));
}

#[test]
fn all_errors_are_reported_together_with_their_places() {
    let text =
        r#"{"mtu": 1.5, "ports": [80, "http", null], "labels": {"a/b": 7}, "mtv": [], "extra": 1}"#;
    assert_eq!(
        complaint(&network(), text),
        "`/labels/a~1b`: expected a string, found the number 7; \
         `/mtu`: expected a whole number within ±9007199254740991, found the number 1.5; \
         `/mtv`: expected no property of that name, found an array; \
         `/name`: expected a string, found nothing; \
         `/ports/1`: expected an integer, found the string \"http\"; \
         `/ports/2`: expected an integer, found null"
    );
}

#[test]
fn the_root_may_be_required_too() {
    let unset = Mapping::default().map(&Prop::string().required(), &Pointer::root(), None);
    let complaint = unset.expect_err("required").to_string();
    assert_eq!(complaint, "expected a string, found nothing");
    let unset = Mapping::default().map(&Prop::string(), &Pointer::root(), None);
    assert!(!unset.expect("optional").is_set());
}

#[test]
fn a_wrong_value_is_shown_shortened() {
    let long = json!("ä\n".repeat(1 << 19)).to_string();
    assert_eq!(
        complaint(&Prop::boolean(), &long),
        format!(
            "expected a boolean, found the string \"{}…\"",
            "ä\\n".repeat(24)
        )
    );
    assert_eq!(
        complaint(&Prop::boolean(), "{}"),
        "expected a boolean, found an object"
    );
    assert_eq!(
        complaint(&Prop::array(Prop::json()), "false"),
        "expected an array, found false"
    );
    assert_eq!(
        complaint(&network(), "-0.25"),
        "expected an object, found the number -0.25"
    );
}

#[test]
fn pointers_of_a_part_start_at_its_place() {
    let base: Pointer = "/networks/lan".parse().expect("a pointer");
    let value = json!({ "name": "lan", "ports": [1] });
    let part = Mapping::default()
        .map_value(&network(), &base, Some(&value))
        .expect("fits");
    let port = part.get("/ports/0").expect("an element");
    assert_eq!(port.pointer().to_string(), "/networks/lan/ports/0");

    let errors = Mapping::default().map_value(&network(), &base, Some(&json!({})));
    let complaint = errors.expect_err("the name is missing").to_string();
    assert_eq!(
        complaint,
        "`/networks/lan/name`: expected a string, found nothing"
    );
}

#[test]
fn what_json_allows_and_rust_cannot_hold_is_an_error_in_its_place() {
    let prop = network().prop("share", Prop::number());
    let text = r#"{"name": "\ud800", "mtu": 1e400, "share": -1e999, "ports": [1e400, 7],
        "labels": {"\udc00": "x", "b": "\"\\\ud83d\ude00"}, "extra": {"a": [0, 1e400, "\udead"]}, "mtv": 1e400}"#;
    assert_eq!(
        complaint(&prop, text).split("; ").collect::<Vec<_>>(),
        [
            "`/extra/a/1`: expected a number that a double can hold, found the number 1e400",
            "`/extra/a/2`: expected Unicode text, found text with half of a surrogate pair",
            r"`/labels/\udc00`: expected Unicode text, found a name with half of a surrogate pair",
            "`/mtu`: expected a whole number within ±9007199254740991, found the number 1e400",
            "`/mtv`: expected no property of that name, found the number 1e400",
            "`/name`: expected Unicode text, found text with half of a surrogate pair",
            "`/ports/0`: expected a whole number within ±9007199254740991, found the number 1e400",
            "`/share`: expected a number that a double can hold, found the number -1e999",
        ]
    );
    assert_eq!(
        complaint(&Prop::string(), "1e400"),
        "expected a string, found the number 1e400"
    );
}

#[test]
fn limits_are_kept_and_named() {
    let mapping = Mapping {
        limits: MappingLimits {
            bytes: 40,
            depth: 2,
            nodes: 5,
            errors: 2,
        },
    };
    let complaint = |text: &str| {
        let json = serde_json::from_str(text).expect("JSON");
        let mapped = mapping.map(&Prop::array(Prop::integer()), &Pointer::root(), Some(json));
        mapped.expect_err("too much").to_string()
    };
    let long = format!("[{}1]", " ".repeat(40));
    assert_eq!(
        complaint(&long),
        "expected JSON of at most 40 bytes, found 43"
    );
    assert_eq!(
        complaint("[[[]]]"),
        "expected JSON nested at most 2 levels deep, found more"
    );
    assert_eq!(
        complaint("[1,2,3,4,5]"),
        "expected JSON of at most 5 values, found more"
    );
    assert_eq!(
        complaint("[{},true,\"\",{}]"),
        "`/0`: expected an integer, found an object; `/1`: expected an integer, found true; and 2 more"
    );
}

#[test]
fn errors_below_a_long_name_stay_short() {
    let name = "n".repeat(1 << 20);
    let prop = Prop::map(Prop::array(Prop::integer()));
    let elements = vec![json!("x"); 100_000];
    let errors = map(&prop, &json!({ name: elements })).expect_err("no integers");
    assert_eq!((errors.errors.len(), errors.left_out), (100, 99_900));
    assert!(
        errors.to_string().len() < 20_000,
        "{} bytes",
        errors.to_string().len()
    );
    assert!(
        format!("{errors:?}").len() < 40_000,
        "{} bytes",
        format!("{errors:?}").len()
    );
}
