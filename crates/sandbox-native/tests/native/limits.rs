//! What happens to a sandbox that takes too much.

use std::time::Duration;

use sandbox::{Ending, Limit, Limits, Sandbox as _, SandboxSpec};
use sandbox_native::{Config, NativeSandbox};
use tokio::time;

use super::support::{DEADLINE, engine, engine_with, launch, spec};

fn limited(change: impl FnOnce(&mut Limits)) -> SandboxSpec {
    let mut spec = spec(1);
    change(&mut spec.limits);
    spec
}

async fn hits(sandbox: &mut NativeSandbox) -> Vec<Limit> {
    let report = sandbox.report().await;
    report.hits.iter().map(|hit| hit.limit).collect()
}

async fn ending(sandbox: &mut NativeSandbox) -> Ending {
    time::timeout(DEADLINE, sandbox.ended())
        .await
        .expect("it ends in time")
}

/// Cgroups tell of these; a test must not pass because there are none.
async fn engine_with_cgroups() -> sandbox_native::NativeEngine {
    let engine = engine().await;
    let table = sandbox::Engine::enforcement(&engine, &spec(1).image);
    assert!(
        table.memory.name().starts_with("cgroup"),
        "this test needs writable cgroups (run it as root)"
    );
    engine
}

#[tokio::test]
async fn a_memory_bomb_is_killed_and_named() {
    let engine = engine_with_cgroups().await;
    let spec = limited(|limits| limits.memory_bytes = 32 << 20);
    let (mut sandbox, mut probe) = launch(&engine, spec).await;

    probe.tell("fill-memory").await;

    assert_eq!(ending(&mut sandbox).await, Ending::Signalled(9));
    let report = sandbox.destroy().await.expect("it is destroyed");
    let limits: Vec<Limit> = report.hits.iter().map(|hit| hit.limit).collect();
    assert_eq!(limits, [Limit::Memory]);
    let peak = report.memory_peak_bytes.expect("it is measured");
    assert!((16 << 20..=32 << 20).contains(&peak), "peak {peak}");
}

#[tokio::test]
async fn a_fork_bomb_is_stopped_and_named() {
    let engine = engine_with_cgroups().await;
    let (mut sandbox, mut probe) = launch(&engine, spec(1)).await;

    assert_eq!(probe.ask("fork-until-refused").await, "refused");

    assert_eq!(hits(&mut sandbox).await, [Limit::Processes]);
    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn a_full_disk_is_named() {
    let engine = engine().await;
    let (mut sandbox, mut probe) = launch(&engine, spec(1)).await;
    assert_eq!(hits(&mut sandbox).await, []);

    assert_eq!(probe.ask("fill-disk").await, "StorageFull");

    assert_eq!(hits(&mut sandbox).await, [Limit::Disk]);
    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn a_spinning_sandbox_is_ended_when_its_processor_time_is_used_up() {
    let engine = engine().await;
    let spec = limited(|limits| limits.cpu_time = Duration::from_millis(200));
    let (mut sandbox, mut probe) = launch(&engine, spec).await;

    probe.tell("spin").await;

    match ending(&mut sandbox).await {
        Ending::LimitExceeded(hit) => {
            assert_eq!(hit.limit, Limit::CpuTime);
            assert_eq!(hit.allowed, 200);
        }
        other => panic!("got {other:?}"),
    }
    let report = sandbox.destroy().await.expect("it is destroyed");
    assert!(report.cpu_time >= Duration::from_millis(200), "{report:?}");
}

#[tokio::test]
async fn limits_hold_without_cgroups_too() {
    let config = Config {
        cgroups: false,
        ..Config::default()
    };
    let engine = engine_with(config).await;
    let spec = limited(|limits| {
        limits.cpu_time = Duration::from_millis(200);
        limits.processes = 8;
    });
    let (mut sandbox, mut probe) = launch(&engine, spec).await;

    assert_eq!(probe.ask("fork-until-refused").await, "refused");
    probe.tell("spin").await;

    let ending = ending(&mut sandbox).await;
    assert!(
        matches!(ending, Ending::LimitExceeded(hit) if hit.limit == Limit::CpuTime),
        "got {ending:?}"
    );
    sandbox.destroy().await.expect("it is destroyed");
}
