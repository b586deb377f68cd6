//! What a launch costs beside the start of a bare program.

use std::process::{Command, Stdio};
use std::time::Duration;

use sandbox::{Executable, Sandbox as _};
use sandbox_native::{Config, Executables, NativeEngine};
use tokio::time::Instant;

use super::support::{executables, launch, probe, spec};

const ROUNDS: u64 = 50;

/// More than this on top of a bare start is a defect. What is meant is 3 ms; an
/// engine built for debugging on a busy machine is given more.
const ALLOWED: Duration = Duration::from_millis(30);

#[tokio::test]
async fn serial_a_launch_costs_little_more_than_a_bare_start() {
    let executables = Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        ..executables()
    };
    let engine = NativeEngine::start(executables, Config::default())
        .await
        .expect("the engine starts");
    let mut launches = Vec::new();
    let mut removals = Vec::new();
    let mut bare = Vec::new();
    for id in 0..ROUNDS {
        let started = Instant::now();
        let (sandbox, probe) = launch(&engine, spec(id)).await;
        launches.push(started.elapsed());
        let started = Instant::now();
        sandbox.destroy().await.expect("it is destroyed");
        removals.push(started.elapsed());
        drop(probe);
        bare.push(bare_start());
    }
    let (launch, bare, removal) = (median(launches), median(bare), median(removals));
    println!("launch {launch:?}, bare start {bare:?}, removal {removal:?}");

    assert!(launch < bare + ALLOWED, "{launch:?} beside {bare:?}");
}

/// Starts the same program without a sandbox, which takes until it is executed.
fn bare_start() -> Duration {
    let started = Instant::now();
    let mut child = Command::new(probe())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let took = started.elapsed();
    child.wait().expect("it ends");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let middle = times.get(times.len() / 2);
    middle.copied().expect("there are some")
}
