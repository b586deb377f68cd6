//! What the launcher's end, and a process that cannot become a sandbox, leave.

use std::process::Command;
use std::time::Duration;

use sandbox::{Ending, Engine as _, LaunchError, Limit, Sandbox as _};
use sandbox_conformance::inventory::children;
use sandbox_conformance::leftovers::Holder;
use sandbox_conformance::{DEADLINE, Host as _, Item};
use testkit::eventually;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::support::{Native, engine, launch, launcher, spec};

#[tokio::test]
async fn a_process_that_cannot_become_a_sandbox_leaves_nothing_behind() {
    let host = Native::builtin();
    let engine = engine().await;
    let before = host.inventory(&engine).await;
    let mut hopeless = spec(1);
    // Not enough for the process to become a sandbox.
    hopeless.limits.memory_bytes = 4096;

    let launched = engine.launch(hopeless, CancellationToken::new()).await;

    let error = launched.expect_err("it fails");
    assert!(matches!(error, LaunchError::Setup { .. }), "got {error:?}");
    host.inventory(&engine)
        .await
        .compare(&before)
        .expect("nothing is left");
}

#[tokio::test]
async fn sandboxes_die_with_their_launcher_and_the_next_one_serves() {
    let engine = engine().await;
    let (mut sandbox, _probe) = launch(&engine, spec(1)).await;
    let launcher = launcher(std::process::id());
    let inside = Item::process(children(launcher)[0]).expect("it runs");

    signal("-KILL", launcher);

    let ending = time::timeout(DEADLINE, sandbox.ended()).await;
    assert!(matches!(ending, Ok(Ending::Lost(_))), "got {ending:?}");
    sandbox.destroy().await.expect("it is destroyed");
    assert!(!inside.is_on_this_host(), "{inside} is gone");
    let end = time::Instant::now() + DEADLINE;
    let next = loop {
        match engine.launch(spec(2), CancellationToken::new()).await {
            Ok(sandbox) => break sandbox,
            Err(LaunchError::EngineUnavailable { .. }) if time::Instant::now() < end => {
                time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("got {error:?}"),
        }
    };
    next.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn sandboxes_die_with_their_launcher_though_nobody_is_left_to_kill_them() {
    // The holder is that of another module with the same engine.
    let mut holder = Holder::start("native::native::builtin").await;
    let launcher = launcher(holder.pid());
    let processes: Vec<Item> = holder
        .holds()
        .items()
        .filter(|item| matches!(item, Item::Process { .. }))
        .cloned()
        .collect();

    signal("-STOP", holder.pid());
    signal("-KILL", launcher);

    eventually(DEADLINE, "end of the sandbox", async || {
        !processes.iter().any(Item::is_on_this_host)
    })
    .await;
    holder.kill().await;
    engine().await.reclaim().await.expect("all can be removed");
    let remains: Vec<&Item> = holder
        .holds()
        .items()
        .filter(|item| matches!(item, Item::Cgroup(_)) && item.is_on_this_host())
        .collect();
    assert!(remains.is_empty(), "{remains:?}");
}

#[tokio::test]
async fn root_has_limits_held_by_cgroups() {
    let engine = engine().await;
    let table = engine.enforcement(&spec(1).image);

    // Checks of limits go by this table: they must not pass because it is poor.
    assert!(rustix::process::geteuid().is_root(), "run this as root");
    for limit in [Limit::Memory, Limit::Cpu, Limit::Processes] {
        let mechanism = table.of(limit).name();
        assert!(mechanism.starts_with("cgroup"), "{limit}: {mechanism}");
    }
}

fn signal(signal: &str, pid: u32) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}
