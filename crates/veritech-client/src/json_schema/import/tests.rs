//! What maps onto props, and what is said of what does not.

use serde_json::{Value, json};

use crate::json_schema::UnmappedSchema;
use crate::prop::Prop;
use crate::schema::Schema;

fn import(json_schema: &Value) -> Result<Schema, UnmappedSchema> {
    Schema::from_json_schema(json_schema)
}

fn refusals(json_schema: &Value) -> Vec<String> {
    let error = import(json_schema).expect_err("does not map");
    assert_eq!(error.left_out, 0, "{error}");
    error.unmapped.iter().map(ToString::to_string).collect()
}

#[test]
fn a_schema_as_people_write_it_is_read() {
    let read = import(&json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.com/network",
        "title": "Network",
        "description": "Where hosts meet.",
        "type": ["object"],
        "properties": {
            "name": { "type": "string", "title": "Name", "examples": ["lan"] },
            "mtu": { "type": ["null", "integer"], "default": 1500 },
            "share": { "type": ["number", "integer", "null"] },
            "up": { "type": "boolean", "$comment": "is it?", "deprecated": true },
            "hosts": { "type": "array", "items": { "type": "string" } },
            "labels": { "type": ["object", "null"], "additionalProperties": { "type": "string" } },
            "more": true,
        },
        "required": ["name", "up", "hosts", "more"],
        "additionalProperties": false,
    }));
    let expected = Prop::object()
        .prop("name", Prop::string().required().documented("Name"))
        .prop("mtu", Prop::integer())
        .prop("share", Prop::number())
        .prop("up", Prop::boolean().required())
        .prop("hosts", Prop::array(Prop::string().required()).required())
        .prop("labels", Prop::map(Prop::string().required()))
        .prop("more", Prop::json().required())
        .required()
        .documented("Where hosts meet.");
    assert_eq!(read, Ok(Schema::try_new(expected).expect("a schema")));
}

#[test]
fn all_that_does_not_map_is_named_with_what_to_write_instead() {
    let refused = refusals(&json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "any": {},
            "either": { "type": ["string", "number"] },
            "free": { "type": ["object", "null"] },
            "kind": { "type": ["string", "null"], "enum": ["a"], "format": "uuid" },
            "listed": { "type": ["string", "null"] },
            "missing": { "type": "string" },
            "never": false,
            "nothing": { "type": "null" },
            "port": { "type": ["integer", "null"], "minimum": 1, "maximum": 9_007_199_254_740_991_i64 },
            "typo": { "type": ["text", "null"] },
            "wrong": "string",
        },
        "required": ["listed", "unknown"],
        "additionalProperties": false,
        "allOf": [],
    }));
    assert_eq!(
        refused,
        [
            "`/$schema`: only draft 2020-12 is read, and the root alone names it",
            "`/allOf`: no prop can say this: remove it",
            "`/properties/any`: `type` is missing: write it, or `true` for any JSON value",
            "`/properties/either/type`: no prop is of several types: write one, \
             with `null` if it is optional, or `true` for any JSON value",
            "`/properties/free`: `additionalProperties` is missing: \
             write `false`, or for a map the schema of all values",
            "`/properties/kind/enum`: no prop can say this: remove it",
            "`/properties/kind/format`: no prop can say this: remove it",
            "`/properties/listed/type`: `required` lists it, yet `null` counts as unset: \
             remove `null` here, or the name there",
            "`/properties/missing/type`: `required` does not list it, yet `null` counts as unset: \
             add `null` here, or the name there",
            "`/properties/never`: no prop is never valid: remove it",
            "`/properties/nothing/type`: no prop is always `null`: write another type",
            "`/properties/port/minimum`: no prop can say this: \
             remove it (an integer is within ±9007199254740991)",
            "`/properties/typo/type`: there is no type \"text\"",
            "`/properties/wrong`: is no schema: write an object, or `true` for any JSON value",
            "`/required/1`: is not among `properties`: add it there, or remove it here",
        ]
    );
}

#[test]
fn a_map_has_neither_names_nor_required_keys() {
    let map = json!({
        "type": "object",
        "properties": { "a": { "type": ["string", "null"] } },
        "required": ["b"],
        "additionalProperties": { "type": "string", "items": true, "title": 7 },
    });
    assert_eq!(
        refusals(&map),
        [
            "`/additionalProperties/items`: no prop can say this: remove it",
            "`/additionalProperties/title`: is no text",
            "`/properties`: a map has no names of its own: \
             remove it, or write `additionalProperties: false`",
            "`/required`: a map requires no keys: remove it",
        ]
    );
}

#[test]
fn what_no_schema_may_be_is_named_in_json_schema() {
    let deep = |depth: usize| {
        (1..depth).fold(
            json!(true),
            |schema, _| json!({ "type": "array", "items": schema }),
        )
    };
    assert!(import(&deep(32)).is_ok());
    let place = "/items".repeat(6);
    assert_eq!(
        refusals(&deep(33)),
        [format!(
            "`{place}/…{place}`: lies too deep: 32 levels are allowed"
        )]
    );

    let documented = json!({
        "type": "object",
        "properties": { "props": { "type": "object", "additionalProperties": {
            "type": "string", "description": "d".repeat(8193),
        } } },
        "required": ["props"],
        "additionalProperties": false,
    });
    assert_eq!(
        refusals(&documented),
        [
            "`/properties/props/additionalProperties/description`: is 8193 bytes long: 8192 are allowed"
        ]
    );
}

#[test]
fn a_schema_of_nothing_but_faults_has_a_short_list_of_them() {
    let members = (0..100_000).map(|index| (index.to_string(), json!({ "type": 1, "not": {} })));
    let schema = json!({
        "type": "object",
        "properties": Value::Object(members.collect()),
        "additionalProperties": false,
    });
    let error = import(&schema).expect_err("nothing maps");
    assert_eq!((error.unmapped.len(), error.left_out), (100, 199_900));
    assert!(error.to_string().ends_with("; and 199900 more"));
}
