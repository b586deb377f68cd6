//! The JSON Schema Test Suite: what is imported has the verdicts that it has there,
//! and all else is refused with reasons.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use veritech_client::{Mapping, Pointer, Schema, Unmapped};

/// Groups of whole numbers that are no integers here, whether a schema says so or not.
const BEYOND_INTEGERS: &str = "optional/bignum.json";

/// A schema, and values with their verdicts.
#[derive(Debug, Deserialize)]
struct Group {
    description: String,
    schema: Value,
    tests: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    data: Value,
    valid: bool,
}

/// How many groups there were of each sort.
#[derive(Debug, Default)]
struct Tally {
    agreeing: usize,
    refused: usize,
}

impl Tally {
    /// Imports a schema, and unless it is refused compares its verdicts with what is
    /// `expected`.
    fn add(&mut self, group: &Group, schema: &Value, expected: impl Fn(&Case) -> bool) {
        let imported = match Schema::from_json_schema(schema) {
            Ok(imported) => imported,
            Err(error) => {
                let is_there = |unmapped: &Unmapped| {
                    let pointer = unmapped.pointer.to_string();
                    schema.pointer(&pointer).is_some() && !unmapped.reason.is_empty()
                };
                assert!(!error.unmapped.is_empty(), "no reason: {schema}");
                assert!(error.unmapped.iter().all(is_there), "{error} of {schema}");
                self.refused += 1;
                return;
            }
        };
        for case in &group.tests {
            let value = Some(&case.data);
            let mapped = Mapping::default().map_value(imported.prop(), &Pointer::root(), value);
            assert_eq!(
                mapped.is_ok(),
                expected(case),
                "{}: {schema} of {}: {mapped:?}",
                group.description,
                case.data
            );
        }
        self.agreeing += 1;
    }
}

#[test]
fn schemas_of_the_suite_are_refused_or_have_its_verdicts() {
    let mut tally = Tally::default();
    for group in groups() {
        tally.add(&group, &group.schema, |case| case.valid);
    }
    assert!(tally.agreeing >= 8, "{tally:?}");
}

#[test]
fn closed_schemas_of_the_suite_are_refused_or_have_a_validators_verdicts() {
    let mut tally = Tally::default();
    for group in groups() {
        let mut schema = group.schema.clone();
        close(&mut schema, true);
        // No validator is made of a schema that refers to one elsewhere.
        let validator = jsonschema::draft202012::new(&schema);
        tally.add(&group, &schema, |case| {
            validator.as_ref().expect("is refused").is_valid(&case.data)
        });
    }
    assert!(tally.agreeing >= 25, "{tally:?}");
}

/// Returns all groups of draft 2020-12, those of optional behaviour too.
fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    let mut pending = vec![testkit::tools::json_schema_tests().join("tests/draft2020-12")];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a directory");
            pending.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if !path.ends_with(BEYOND_INTEGERS) {
            groups.extend(read(&path));
        }
    }
    groups
}

fn read(path: &Path) -> Vec<Group> {
    let text = fs::read_to_string(path).expect("a file");
    let groups = serde_json::from_str(&text);
    groups
        .map_err(|error| format!("{}: {error}", path.display()))
        .expect("a list of groups")
}

/// Adds what a schema of props must say and this one does not: the `type`, with
/// `null` for a member that may be missing, and `additionalProperties`.
fn close(schema: &mut Value, must_be_set: bool) {
    let Value::Object(keywords) = schema else {
        return;
    };
    let of_objects = ["properties", "additionalProperties", "required"];
    if !keywords.contains_key("type") {
        let r#type = if of_objects
            .iter()
            .any(|keyword| keywords.contains_key(*keyword))
        {
            json!("object")
        } else if keywords.contains_key("items") {
            json!("array")
        } else {
            json!(["null", "boolean", "number", "string", "array", "object"])
        };
        keywords.insert("type".to_owned(), r#type);
    }
    if !must_be_set && let Some(Value::String(name)) = keywords.get("type").cloned() {
        keywords.insert("type".to_owned(), json!([name, "null"]));
    }
    if keywords
        .get("type")
        .is_some_and(|name| name == "object" || *name == json!(["object", "null"]))
    {
        keywords
            .entry("additionalProperties")
            .or_insert(json!(false));
    }
    let listed = keywords.get("required").cloned().unwrap_or_default();
    if let Some(Value::Object(members)) = keywords.get_mut("properties") {
        for (name, member) in members {
            let listed = listed
                .as_array()
                .is_some_and(|names| names.contains(&json!(name)));
            close(member, listed);
        }
    }
    for each in ["items", "additionalProperties"] {
        if let Some(each) = keywords.get_mut(each) {
            close(each, true);
        }
    }
}
