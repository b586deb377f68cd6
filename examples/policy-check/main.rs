//! A policy check: a qualification of the server on standard input, such as the one
//! that the example `server-inventory` prints. Ends with 1 if the policy is broken, and
//! with 2 if nobody can tell.
//!
//! ```text
//! veritech serve
//! cargo run --package veritech-client --example server-inventory > server.json
//! cargo run --package veritech-client --example policy-check 2026-01-01 < server.json
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
use std::time::Duration;

use serde_json::{Value, json};
use veritech_client::{Client, Options};
use veritech_protocol::kind::qualification::{Qualification, Verdict};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match judge().await {
        Ok(Qualification { result, message }) => {
            println!("{}", message.as_deref().unwrap_or("all is as it should be"));
            match result {
                Verdict::Success | Verdict::Warning => ExitCode::SUCCESS,
                Verdict::Failure => ExitCode::FAILURE,
                Verdict::Unknown => ExitCode::from(2),
            }
        }
        // A check that failed has found nothing out.
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Judges the server on standard input, as of the day that is the first argument.
async fn judge() -> Result<Qualification, Box<dyn Error>> {
    let server: Value = serde_json::from_reader(io::stdin())?;
    let today = env::args()
        .nth(1)
        .ok_or("which day is it? Say YYYY-MM-DD")?;

    let url = env::var("VERITECH_NATS_URL");
    let url = url.unwrap_or_else(|_| "nats://127.0.0.1:4222".to_owned());
    let client = Client::connect(&url, Options::default()).await?;
    let judged = client
        .qualification("builtin/quickjs", include_str!("policy.js"))
        .inputs(&json!({ "server": server, "today": today }))?
        .timeout(Duration::from_secs(2))
        .await?;
    Ok(judged.value)
}
