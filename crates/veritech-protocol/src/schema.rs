//! JSON Schemas (draft 2020-12) of every message, made from the types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::event::{Accepted, Part, Progress, RawResult, Started};
use crate::execution::{Execution, Output};
use crate::kind::action::Action;
use crate::kind::code_generation::CodeGeneration;
use crate::kind::qualification::Qualification;
use crate::kind::validation::Validation;
use crate::request::RemoteFunctionRequest;

/// Returns every schema with the name of the file that holds it.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        (
            "remote_function_request.json",
            root::<RemoteFunctionRequest>(),
        ),
        ("execution.json", root::<Execution>()),
        ("event.json", event()),
        ("qualification.json", root::<Qualification>()),
        ("validation.json", root::<Validation>()),
        ("code_generation.json", root::<CodeGeneration>()),
        ("action.json", root::<Action>()),
    ]
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

fn root<T: JsonSchema>() -> Value {
    generator().into_root_schema_for::<T>().to_value()
}

/// An event: its name and the execution's id, then the members of its body.
fn event() -> Value {
    let mut generator = generator();
    let bodies = [
        ("accepted", generator.subschema_for::<Accepted>()),
        ("progress", generator.subschema_for::<Progress>()),
        ("started", generator.subschema_for::<Started>()),
        ("output", generator.subschema_for::<Output>()),
        ("part", generator.subschema_for::<Part>()),
        ("result", generator.subschema_for::<RawResult>()),
    ];
    let mut variants: Vec<Value> = bodies
        .into_iter()
        .map(|(name, body)| json!({"allOf": [envelope(name), body]}))
        .collect();
    variants.push(envelope("heartbeat"));
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event",
        "description": "What a dispatcher sends to a mailbox.",
        "oneOf": variants,
        "$defs": definitions,
    })
}

fn envelope(name: &str) -> Value {
    json!({
        "type": "object",
        "properties": {
            "event": {"const": name},
            "id": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9_-]{1,128}$"},
        },
        "required": ["event", "id"],
    })
}
