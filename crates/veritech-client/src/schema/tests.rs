//! What is a schema, and what is said of what is none.

use super::{Schema, SchemaFault};
use crate::prop::{Prop, Shape};

fn complaint(text: &str) -> String {
    Schema::from_json(text).expect_err("no schema").to_string()
}

fn refusal(prop: Prop) -> String {
    Schema::try_new(prop).expect_err("no schema").to_string()
}

#[test]
fn a_schema_is_read_from_its_json_and_written_so() {
    let text = r#"{"type":"object","props":{"labels":{"type":"map","values":{"type":"string"}},"name":{"type":"string","required":true,"documentation":"As in DNS."},"ports":{"type":"array","items":{"type":"integer","required":true}}}}"#;
    let prop = Prop::object()
        .prop("name", Prop::string().required().documented("As in DNS."))
        .prop("ports", Prop::array(Prop::integer().required()))
        .prop("labels", Prop::map(Prop::string()));
    let schema = Schema::from_json(text).expect("a schema");
    assert_eq!(Schema::try_new(prop), Ok(schema.clone()));
    assert_eq!(serde_json::to_string(&schema).expect("JSON"), text);
}

#[test]
fn what_is_wrong_in_the_json_of_a_schema_is_named_with_its_place() {
    for (text, expected) in [
        (
            r#"{"type":"text"}"#,
            "`/type`: unknown variant `text`, expected one of `string`, `integer`, `number`, \
             `boolean`, `object`, `array`, `map`, `json` at line 1 column 14",
        ),
        (
            r#"{"type":"object","props":{"a":{"type":"string","requird":true}}}"#,
            "`/props/a/requird`: unknown field `requird`, expected one of `type`, `required`, \
             `documentation`, `props`, `items`, `values` at line 1 column 56",
        ),
        (
            r#"{"type":"map","values":{"type":"array"}}"#,
            "`/values`: an `array` needs `items` at line 1 column 39",
        ),
        (
            r#"{"type":"string","items":{"type":"string"}}"#,
            "`items` is for the type `array` only at line 1 column 43",
        ),
        (
            r#"{"type":"object","props":{"a":{"type":"json"},"a":{"type":"json"}}}"#,
            "`/props`: the prop \"a\" is there twice at line 1 column 66",
        ),
        (
            r#"["string"]"#,
            "invalid type: sequence, expected an object that describes a prop at line 1 column 0",
        ),
        (
            r#"{"type":"string"} {}"#,
            "trailing characters at line 1 column 19",
        ),
    ] {
        assert_eq!(complaint(text), expected);
    }
    let complaint = complaint(&format!(r#"{{"{}":1}}"#, "x".repeat(1 << 20)));
    assert!(complaint.len() < 1000, "{} bytes", complaint.len());
}

#[test]
fn a_schema_is_bounded() {
    let deep = |depth: usize| (1..depth).fold(Prop::string(), |prop, _| Prop::array(prop));
    assert!(Schema::try_new(deep(32)).is_ok());
    assert_eq!(
        Schema::try_new(deep(33)).expect_err("too deep").reason,
        SchemaFault::TooDeep { limit: 32 }
    );

    let wide = |width: usize| {
        let props = (0..width).map(|index| (index.to_string(), Prop::json()));
        Prop::new(Shape::Object(props.collect()))
    };
    assert!(Schema::try_new(wide(9_999)).is_ok());
    assert_eq!(
        refusal(wide(10_000)),
        "`/props/9999`: is one prop too many: 10000 are allowed"
    );

    assert_eq!(
        refusal(Prop::object().prop("n".repeat(257), Prop::json())),
        format!(
            "`/props/{}…`: is 257 bytes long: 256 are allowed",
            "n".repeat(48)
        )
    );
    assert_eq!(
        refusal(Prop::json().documented("d".repeat(8193))),
        "`/documentation`: is 8193 bytes long: 8192 are allowed"
    );
    let long = (0..129).fold(Prop::object(), |prop, index| {
        prop.prop(index.to_string(), Prop::json().documented("d".repeat(8192)))
    });
    assert!(refusal(long).ends_with("all names and documentation may have 1048576 bytes together"));
    assert_eq!(
        refusal(Prop::array(Prop::string().prop("a", Prop::json()))),
        "`/items`: is no object, and has no prop \"a\""
    );
}

#[test]
fn the_largest_schemas_can_be_read_from_their_json() {
    // Control characters take the most bytes in JSON.
    let deep = (1..31).fold(
        Prop::json().documented("\u{1}".repeat(8192)),
        |prop, level| {
            Prop::object()
                .prop("\u{2}".repeat(256), prop)
                .documented(level.to_string())
        },
    );
    let long = (0..120).fold(Prop::object().prop("deep", deep), |prop, index| {
        let documented = Prop::string().documented("\u{1}".repeat(8192));
        prop.prop(format!("long {index}"), documented)
    });
    let wide = (0..9_800).fold(long, |prop, index| {
        prop.prop(index.to_string(), Prop::boolean().required())
    });
    let schema = Schema::try_new(wide).expect("within the bounds");
    let text = serde_json::to_string(&schema).expect("JSON");
    assert!(text.len() > 6 << 20, "{} bytes", text.len());
    assert_eq!(Schema::from_json(&text), Ok(schema));
}

#[test]
fn the_prop_of_a_place_is_found() {
    let ports = Prop::array(Prop::integer());
    let prop = Prop::object().prop("hosts", Prop::map(Prop::object().prop("ports", ports)));
    let schema = Schema::try_new(prop).expect("a schema");
    let at = |pointer: &str| {
        let pointer = pointer.parse().expect("a pointer");
        schema.at(&pointer).map(Prop::shape)
    };
    assert_eq!(at(""), Some(schema.prop().shape()));
    assert_eq!(at("/hosts/any/ports/7"), Some(&Shape::Integer));
    for nowhere in [
        "/host",
        "/hosts/any/ports/07",
        "/hosts/any/ports/-",
        "/hosts/any/ports/7/x",
    ] {
        assert_eq!(at(nowhere), None, "{nowhere}");
    }
}
