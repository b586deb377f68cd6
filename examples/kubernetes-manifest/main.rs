//! Code generation: the manifest that makes the server on standard input, such as the
//! one that the example `server-inventory` prints, a service of a Kubernetes cluster.
//! Without an async runtime.
//!
//! ```text
//! veritech serve
//! cargo run --package veritech-client --example server-inventory > server.json
//! cargo run --package veritech-client --features blocking --example kubernetes-manifest < server.json
//! ```
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

use std::env;
use std::error::Error;
use std::io;
use std::process::ExitCode;

use serde_json::{Value, json};
use veritech_client::Options;
use veritech_client::blocking::Client;
use veritech_protocol::kind::code_generation::CodeGeneration;

fn main() -> ExitCode {
    match generate() {
        Ok(CodeGeneration { code, .. }) => {
            print!("{code}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the manifest of the server on standard input.
fn generate() -> Result<CodeGeneration, Box<dyn Error>> {
    let server: Value = serde_json::from_reader(io::stdin())?;

    let url = env::var("VERITECH_NATS_URL");
    let url = url.unwrap_or_else(|_| "nats://127.0.0.1:4222".to_owned());
    let client = Client::connect(&url, Options::default())?;
    let written = client
        .code_generation("builtin/quickjs", include_str!("manifest.js"))
        .inputs(&json!({ "server": server }))?
        .result()?;
    Ok(written.value)
}
