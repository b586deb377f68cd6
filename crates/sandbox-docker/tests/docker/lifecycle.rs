//! What is left of sandboxes, engines and dispatchers: nothing.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::time::Duration;

use sandbox::{Engine as _, LaunchError, Sandbox as _};
use sandbox_docker::{Config, DockerEngine};
use testkit::docker::Daemon;
use testkit::eventually;
use tokio_util::sync::CancellationToken;

use super::support::{
    DEADLINE, Silent, config, engine, engine_with, execute, greet, launch, prepare, spec,
};

/// Lists the containers of a daemon.
fn containers(host: &str) -> BTreeSet<String> {
    let output = testkit::docker::command(host)
        .args(["ps", "--all", "--format", "{{.Names}}"])
        .output()
        .expect("Docker's client runs");
    assert!(output.status.success(), "{output:?}");
    let names = String::from_utf8_lossy(&output.stdout);
    names.lines().map(str::to_owned).collect()
}

/// Waits until a daemon has these containers and no others.
async fn await_only(host: &str, expected: &BTreeSet<String>) {
    eventually(DEADLINE, "end of all others", async || {
        let found = containers(host);
        (found == *expected).then_some(()).ok_or(found)
    })
    .await;
}

/// Starts an engine on a daemon of the test's own.
async fn engine_on(daemon: &Daemon) -> DockerEngine {
    engine_with(Config {
        host: Some(daemon.host()),
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn a_destroyed_sandbox_is_gone_and_an_engine_leaves_nothing() {
    let daemon = Daemon::start().await;
    let engine = engine_on(&daemon).await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let mut sandbox = launch(&engine, spec(1, image)).await;
    let session = greet(&mut sandbox).await;
    let both = containers(&daemon.host());
    assert_eq!(both.len(), 2, "{both:?}");

    sandbox.destroy().await.expect("it is destroyed");
    let left = containers(&daemon.host());
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left.iter().all(|it| it.ends_with("-lease")), "{left:?}");

    drop((session, engine));
    await_only(&daemon.host(), &BTreeSet::new()).await;
}

#[tokio::test]
async fn a_launch_that_is_cancelled_or_dropped_leaves_nothing() {
    let daemon = Daemon::start().await;
    let engine = engine_on(&daemon).await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    // Makes the lease.
    let first = launch(&engine, spec(0, image.clone())).await;
    first.destroy().await.expect("it is destroyed");
    let before = containers(&daemon.host());

    for id in 1..=6 {
        let cancel = CancellationToken::new();
        let spec = spec(id, image.clone());
        let mut launching = Box::pin(engine.launch(spec, cancel.clone()));
        // Somewhere between the first step and the last.
        let moment = Duration::from_millis(30 * (id - 1));
        if tokio::time::timeout(moment, &mut launching).await.is_ok() {
            continue;
        }
        if id % 2 == 0 {
            cancel.cancel();
            let error = launching.await.expect_err("it was cancelled");
            assert!(matches!(error, LaunchError::Cancelled), "{error}");
        } else {
            drop(launching);
        }
    }
    await_only(&daemon.host(), &before).await;
}

#[tokio::test]
async fn the_containers_of_a_dead_dispatcher_go_and_those_of_a_live_one_stay() {
    let daemon = Daemon::start().await;
    let live = engine_on(&daemon).await;
    let image = prepare(&live, "builtin/quickjs", "latest").await;
    let mut kept = launch(&live, spec(1, image)).await;
    let mut session = greet(&mut kept).await;
    let ours = containers(&daemon.host());

    // Its lease ends with the runtime. Its sandboxes' connections stay open, as if
    // the daemon had not noticed.
    let host = daemon.host();
    let dispatcher = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let engine = engine_with(Config {
                host: Some(host),
                ..Config::default()
            })
            .await;
            let image = prepare(&engine, "builtin/quickjs", "latest").await;
            let first = launch(&engine, spec(1, image.clone())).await;
            let second = launch(&engine, spec(2, image)).await;
            std::mem::forget((engine, first, second));
        });
        runtime.shutdown_background();
    });
    dispatcher.join().expect("it ends");

    eventually(DEADLINE, "end of the dead one's containers", async || {
        live.reclaim().await.map_err(|error| error.to_string())?;
        let found = containers(&daemon.host());
        (found == ours)
            .then_some(())
            .ok_or_else(|| format!("{found:?}"))
    })
    .await;
    let value = execute(&mut session, "export default () => 42").await;
    assert_eq!(value, "42", "the live one's sandbox is of no use any more");
    kept.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn the_containers_of_a_dispatcher_that_is_killed_remove_themselves() {
    const ROLE: &str = "VERITECH_TEST_DISPATCHER_FOR";
    const NAME: &str = "lifecycle::the_containers_of_a_dispatcher_that_is_killed_remove_themselves";

    if let Ok(host) = std::env::var(ROLE) {
        // The dispatcher, in a process of its own.
        let engine = engine_with(Config {
            host: Some(host),
            ..Config::default()
        })
        .await;
        let image = prepare(&engine, "builtin/quickjs", "latest").await;
        let _first = launch(&engine, spec(1, image.clone())).await;
        let _second = launch(&engine, spec(2, image)).await;
        std::future::pending::<()>().await;
    }
    let daemon = Daemon::start().await;
    let mut dispatcher = tokio::process::Command::new(std::env::current_exe().expect("known"))
        .args(["--exact", NAME])
        .env(ROLE, daemon.host())
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    eventually(DEADLINE, "lease and two sandboxes", async || {
        let listed = testkit::docker::command(&daemon.host())
            .args(["ps", "--quiet"])
            .output()
            .expect("Docker's client runs");
        String::from_utf8_lossy(&listed.stdout).lines().count() == 3
    })
    .await;

    dispatcher.kill().await.expect("it is killed");

    await_only(&daemon.host(), &BTreeSet::new()).await;
}

#[tokio::test]
async fn a_container_without_a_lease_is_reclaimed() {
    let engine = engine().await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    let id = image.digest.expect("a digest");
    let name = format!("veritech-test-orphan-{}", std::process::id());
    let host = testkit::docker::host();
    let created = testkit::docker::command(&host)
        .args(["create", "--name", &name, "--network", "none"])
        .args(["--label", "org.veritech.instance=nobody"])
        .args([&id, "/veritech/cyclone"])
        .output()
        .expect("Docker's client runs");
    assert!(created.status.success(), "{created:?}");

    engine.reclaim().await.expect("all are removed");

    assert!(!containers(&host).contains(&name), "it is still there");
}

#[tokio::test]
async fn a_daemon_that_is_not_there_is_said_so() {
    let config = Config {
        host: Some("unix:///nowhere/docker.sock".to_owned()),
        ..config()
    };
    let error = DockerEngine::start(builtin::programs(), config)
        .await
        .expect_err("there is none");
    assert!(
        matches!(error, LaunchError::EngineUnavailable { .. }),
        "{error}"
    );
    let cause = error.source().expect("it has a cause").to_string();
    assert!(cause.contains("/nowhere/docker.sock"), "{cause}");
}

#[tokio::test]
async fn the_doctor_finds_what_there_is_and_says_what_there_is_not() {
    let checks = sandbox_docker::check_host(&config()).await;
    assert!(checks.len() >= 4, "{checks:?}");
    let wrong: Vec<_> = checks
        .iter()
        .filter(|check| check.required && !check.ok)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");

    let nowhere = Config {
        host: Some("unix:///nowhere/docker.sock".to_owned()),
        ..config()
    };
    let checks = sandbox_docker::check_host(&nowhere).await;
    assert!(
        checks.iter().any(|it| it.is_refusal() && it.fix.is_some()),
        "{checks:?}"
    );
}

#[tokio::test]
async fn images_of_the_host_are_refused_at_once() {
    let engine = engine().await;
    let refused = engine
        .recognise("host/node", "latest")
        .expect_err("refused");
    let prepared = engine
        .prepare("host/node", "latest", &Silent, CancellationToken::new())
        .await
        .expect_err("refused");
    assert_eq!(refused.to_string(), prepared.to_string());
}
