//! Functions that tests call.

use serde_json::Value;
use veritech_protocol::{Kind, RawValue, RemoteFunctionRequest};

use crate::engine::TestEngine;

/// The image that needs nothing else; what it stands for is up to [`TestEngine`].
pub const QUICKJS: &str = "builtin/quickjs";
/// Node.js, likewise.
pub const NODE: &str = "host/node";
/// Deno, likewise.
pub const DENO: &str = "host/deno";
/// CPython, likewise.
pub const PYTHON: &str = "host/python";
/// Every image of JavaScript.
pub const IMAGES: [&str; 3] = [QUICKJS, NODE, DENO];

/// Returns a resolver with this code in this image.
pub fn in_image(image: &str, code: impl Into<String>) -> RemoteFunctionRequest {
    RemoteFunctionRequest::new(Kind::Resolver, TestEngine::current().image(image), code)
}

/// Returns a resolver with this code in the built-in image.
pub fn resolver(code: impl Into<String>) -> RemoteFunctionRequest {
    in_image(QUICKJS, code)
}

/// Returns a resolver that returns its inputs, with these.
///
/// # Panics
///
/// If `inputs` cannot be written as JSON.
pub fn echo(image: &str, inputs: &Value) -> RemoteFunctionRequest {
    let code = match image {
        PYTHON => "def handler(inputs, context):\n    return inputs\n",
        _ => "export default (inputs) => inputs",
    };
    let mut request = in_image(image, code);
    request.inputs = RawValue::from_string(inputs.to_string()).expect("invariant: JSON is JSON");
    request
}

/// Returns a resolver that waits `ms` milliseconds and returns them.
pub fn pause(ms: u64) -> RemoteFunctionRequest {
    resolver(format!(
        "export default () => new Promise((done) => setTimeout(() => done({ms}), {ms}))"
    ))
}

/// Returns a resolver that lasts until something ends it, by its default
/// timeout at the latest.
pub fn endless() -> RemoteFunctionRequest {
    pause(600_000)
}
