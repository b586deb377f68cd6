//! A daemon that dies and comes back.

use std::time::Duration;

use sandbox::{Ending, Engine as _, LaunchError, Sandbox as _};
use sandbox_docker::Config;
use testkit::docker::Daemon;
use testkit::eventually;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use super::support::{engine_with, execute, greet, launch, prepare, spec};

/// How many sandboxes live when the daemon dies.
const SANDBOXES: u64 = 20;

/// How long service may take to resume.
const RESUMED_WITHIN: Duration = Duration::from_secs(5);

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serial_a_daemon_killed_under_twenty_sandboxes_costs_none_of_their_places() {
    let mut daemon = Daemon::start().await;
    let engine = engine_with(Config {
        host: Some(daemon.host()),
        ..Config::default()
    })
    .await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut sandboxes = Vec::new();
    for id in 0..SANDBOXES {
        let mut sandbox = launch(&engine, spec(id, image.clone())).await;
        let session = greet(&mut sandbox).await;
        sandboxes.push((sandbox, session));
    }

    daemon.kill();

    for (sandbox, _) in &mut sandboxes {
        let ending = time::timeout(LIMIT, sandbox.ended()).await;
        let ending = ending.expect("its end is told");
        assert!(matches!(ending, Ending::Lost(_)), "{ending:?}");
    }
    let asked = Instant::now();
    let spec_while_gone = spec(100, image.clone());
    let refused = engine
        .launch(spec_while_gone, CancellationToken::new())
        .await;
    let error = refused.expect_err("there is no daemon");
    assert!(
        matches!(error, LaunchError::EngineUnavailable { .. }),
        "{error}"
    );
    assert!(
        asked.elapsed() < Duration::from_secs(15),
        "{:?}",
        asked.elapsed()
    );

    let removals: Vec<_> = sandboxes
        .into_iter()
        .map(|(sandbox, _)| sandbox.destroy())
        .collect();
    daemon.restart().await;
    let back = Instant::now();
    let mut sandbox = eventually(RESUMED_WITHIN, "launch that works", async || {
        engine
            .launch(spec(101, image.clone()), CancellationToken::new())
            .await
    })
    .await;
    let mut session = greet(&mut sandbox).await;
    let value = execute(&mut session, "export default () => 42").await;
    assert_eq!(value, "42");
    assert!(
        back.elapsed() < RESUMED_WITHIN + Duration::from_secs(5),
        "{:?}",
        back.elapsed()
    );
    drop(session);
    sandbox.destroy().await.expect("it is destroyed");
    for removal in removals {
        removal.await.expect("its place is free again");
    }

    drop(engine);
    eventually(LIMIT, "daemon without containers", async || {
        let found = containers(&daemon);
        found.is_empty().then_some(()).ok_or(found)
    })
    .await;
}

/// Returns what the daemon says of each of its containers.
///
/// One that was killed while it removed some may list them until its next start,
/// without having them.
fn containers(daemon: &Daemon) -> Vec<String> {
    let docker = |arguments: &[&str]| {
        testkit::docker::command(&daemon.host())
            .args(arguments)
            .output()
            .expect("Docker's client runs")
    };
    let listed = docker(&["ps", "--all", "--quiet", "--no-trunc"]);
    assert!(listed.status.success(), "{listed:?}");
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .map(|id| docker(&["inspect", "--format", "{{.Name}}: {{.State.Status}}", id]))
        .filter(|found| found.status.success())
        .map(|found| String::from_utf8_lossy(&found.stdout).into_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_stopped_is_not_taken_for_the_function() {
    let daemon = Daemon::start().await;
    let engine = engine_with(Config {
        host: Some(daemon.host()),
        kill_deadline: Duration::from_secs(1),
        ..Config::default()
    })
    .await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut sandbox = launch(&engine, spec(1, image)).await;
    let _session = greet(&mut sandbox).await;

    // It is asked to end, and ends its containers first.
    let stopped = tokio::task::spawn_blocking(move || drop(daemon));
    let ending = time::timeout(LIMIT, sandbox.ended()).await;

    let ending = ending.expect("its end is told");
    assert!(matches!(ending, Ending::Lost(_)), "{ending:?}");
    stopped.await.expect("the daemon is stopped");
    let destroyed = sandbox.destroy().await;
    assert!(destroyed.is_err(), "nobody can know that it is gone");
}
