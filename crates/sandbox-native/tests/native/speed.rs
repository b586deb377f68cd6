//! What a launch costs beside the start of a bare program.

use std::process::{Command, Stdio};
use std::time::Duration;

use sandbox::{Executable, Sandbox as _, SandboxId, SandboxSpec};
use sandbox_conformance::probe;
use sandbox_native::{Config, Executables};
use tokio::time::Instant;

use super::images::{Stored, complete};
use super::support::{executables, launch, spec, start};

const ROUNDS: u64 = 50;

/// More than this on top of a bare start is a defect. What is meant is 3 ms; an
/// engine built for debugging on a busy machine is given more.
const ALLOWED: Duration = Duration::from_millis(30);

/// What an image of the store may cost over the built-in one.
const ALLOWED_FOR_STORED: Duration = Duration::from_millis(3);

/// How often that is measured: a busy machine only ever adds to it, and a real
/// difference is there each time.
const STRETCHES: u64 = 5;

/// Returns the programs, with the launcher that is shipped.
fn embedded() -> Executables {
    Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        ..executables()
    }
}

#[tokio::test]
async fn serial_a_launch_costs_little_more_than_a_bare_start() {
    let engine = start(embedded(), Config::default()).await;
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

#[tokio::test]
async fn serial_a_stored_image_costs_little_more_than_the_builtin_one() {
    let stored = Stored::with_programs(embedded(), complete()).await;
    let mut seen = Vec::new();
    for stretch in 0..STRETCHES {
        let (builtin, stored) = beside_builtin(&stored, stretch * 2 * ROUNDS).await;
        println!("builtin {builtin:?}, stored {stored:?}");
        if stored < builtin + ALLOWED_FOR_STORED {
            return;
        }
        seen.push((builtin, stored));
    }
    panic!("it costs more each time: {seen:?}");
}

/// Returns what a launch until the first answer takes, of the built-in image and
/// of a stored one. Sandboxes are counted from `first`.
async fn beside_builtin(stored: &Stored, first: u64) -> (Duration, Duration) {
    let stored_spec = stored.spec(0).await;
    let mut builtin_launches = Vec::new();
    let mut stored_launches = Vec::new();
    for round in 0..ROUNDS {
        // Alternately, so that a busy moment hits both.
        for (id, wanted, launches) in [
            (2 * round, spec(0), &mut builtin_launches),
            (2 * round + 1, stored_spec.clone(), &mut stored_launches),
        ] {
            let wanted = SandboxSpec {
                id: SandboxId(first + id),
                ..wanted
            };
            let started = Instant::now();
            let (sandbox, mut probe) = launch(&stored.engine, wanted).await;
            probe.ask("pid").await;
            launches.push(started.elapsed());
            sandbox.destroy().await.expect("it is destroyed");
        }
    }
    (quick(builtin_launches), quick(stored_launches))
}

/// Starts the same program without a sandbox, which takes until it is executed.
fn bare_start() -> Duration {
    let started = Instant::now();
    let mut child = Command::new(probe::path())
        .args(["--listen", "stdio:"])
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

/// Returns what a launch takes that is disturbed little: a difference of
/// milliseconds would drown in what a busy machine does to the others.
fn quick(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let first_tenth = times.get(times.len() / 10);
    first_tenth.copied().expect("there are some")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let middle = times.get(times.len() / 2);
    middle.copied().expect("there are some")
}
