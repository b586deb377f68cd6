//! The runner's side: ready, one execution, one result.

use std::fs::File;
use std::io::{self, BufRead as _, Write as _};

use serde_json::json;

use crate::report::Report;
use crate::{calls, files, network, process};

/// The descriptor that a runner speaks on.
const EVENTS: i32 = 3;

/// The most bytes of an execution that are read: what it says does not matter.
const EXECUTION_BYTES: u64 = 64 * 1024;

/// Waits for an execution, tries everything, and returns the [`Report`] as the value.
///
/// # Errors
///
/// Returns why it could not speak with its cyclone.
pub fn run() -> io::Result<()> {
    let mut events = File::from(descriptors::inherit(EVENTS).map_err(io::Error::other)?);
    writeln!(events, "{}", json!({ "event": "ready" }))?;
    let mut execution = String::new();
    let mut input = io::Read::take(io::stdin().lock(), EXECUTION_BYTES);
    if input.read_line(&mut execution)? == 0 {
        return Ok(());
    }
    let result = match examine() {
        Ok(report) => json!({ "event": "result", "status": "success", "value": report }),
        Err(error) => json!({
            "event": "result",
            "status": "failure",
            "failure": { "code": "exception", "message": error.to_string() },
        }),
    };
    writeln!(events, "{result}")
}

fn examine() -> io::Result<Report> {
    // Before anything that opens files.
    let descriptors = process::descriptors()?;
    let (attempts, answered) = calls::make()?;
    Ok(Report {
        attempts,
        answered,
        status: process::status()?,
        became_root: process::became_root()?,
        variables: process::variables(),
        descriptors,
        processes: process::processes()?,
        readable: files::readable(),
        writable: files::writable(),
        devices: files::devices(),
        interfaces: network::interfaces(),
        reached: network::reached(),
    })
}
