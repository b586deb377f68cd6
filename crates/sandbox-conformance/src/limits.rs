//! What happens to a sandbox that takes too much.
//!
//! Where a cgroup or a file system holds a limit, hitting it is named. A limit
//! that is measured from outside ends the sandbox, and that is named. A resource
//! limit of each process holds without a word: nobody counts what it refuses.

use std::time::Duration;

use sandbox::{Ending, Engine as _, Limit, LimitHit, Mechanism, Report, Sandbox};
use tokio::time;

use crate::DEADLINE;
use crate::host::Host;
use crate::rig::Rig;

const SIGKILL: i32 = 9;

/// The memory of sandboxes that take too much of it.
const LITTLE_MEMORY: u64 = 32 << 20;

/// A sandbox that hits nothing is told to have hit nothing.
pub async fn a_limit_that_was_not_hit_is_not_named<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (mut sandbox, mut probe) = rig.launch(rig.spec(1)).await;
    assert_eq!(probe.ask("write /tmp/little").await, "written");

    assert_eq!(named(&sandbox.report().await), []);

    let report = sandbox.destroy().await.expect("it is destroyed");
    assert_eq!(named(&report), []);
}

/// A memory bomb in cyclone itself ends the sandbox.
pub async fn a_memory_bomb_ends_the_sandbox_and_is_named<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let spec = rig.limited(|limits| limits.memory_bytes = LITTLE_MEMORY);
    let (mut sandbox, mut probe) = rig.launch(spec).await;

    probe.tell("fill-memory").await;

    let ending = ending(&mut sandbox).await;
    let report = sandbox.destroy().await.expect("it is destroyed");
    match rig.mechanism(Limit::Memory) {
        Mechanism::CgroupV1 | Mechanism::CgroupV2 => {
            assert_eq!(ending, Ending::Signalled(SIGKILL));
            is_named(&report, Limit::Memory, LITTLE_MEMORY);
            if let Some(peak) = report.memory_peak_bytes {
                assert!(
                    (LITTLE_MEMORY / 2..=LITTLE_MEMORY).contains(&peak),
                    "peak {peak}"
                );
            }
        }
        Mechanism::Sampled => {
            is_exceeded(&ending, Limit::Memory, LITTLE_MEMORY);
            is_named(&report, Limit::Memory, LITTLE_MEMORY);
        }
        Mechanism::Rlimit | Mechanism::Affinity | Mechanism::Tmpfs => {
            assert!(matches!(ending, Ending::Signalled(_)), "got {ending:?}");
        }
    }
}

/// A process that is killed for want of memory is named, though cyclone lives:
/// that is how most functions end that take too much.
pub async fn a_memory_bomb_in_a_child_is_named_while_cyclone_lives<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let spec = rig.limited(|limits| limits.memory_bytes = LITTLE_MEMORY);
    let (mut sandbox, mut probe) = rig.launch(spec).await;

    match rig.mechanism(Limit::Memory) {
        Mechanism::CgroupV1 | Mechanism::CgroupV2 => {
            let ended = probe.ask("fill-memory-in-child").await;
            assert_eq!(ended, format!("killed by {SIGKILL}"));
            is_named(&sandbox.report().await, Limit::Memory, LITTLE_MEMORY);
            assert_eq!(probe.ask("pid").await, "1", "cyclone lives");
        }
        Mechanism::Sampled => {
            probe.tell("fill-memory-in-child").await;
            is_exceeded(&ending(&mut sandbox).await, Limit::Memory, LITTLE_MEMORY);
        }
        Mechanism::Rlimit | Mechanism::Affinity | Mechanism::Tmpfs => {
            let ended = probe.ask("fill-memory-in-child").await;
            assert!(ended.starts_with("killed by"), "{ended}");
            assert_eq!(probe.ask("pid").await, "1", "cyclone lives");
        }
    }

    sandbox.destroy().await.expect("it is destroyed");
}

/// Processor time is that of all processes together, and its end is the
/// sandbox's.
pub async fn a_spinning_sandbox_is_ended_at_its_processor_time<H: Host>(host: &H) {
    const ALLOWED: Duration = Duration::from_millis(200);

    for order in ["spin", "spin-in-child"] {
        let rig = Rig::start(host).await;
        let spec = rig.limited(|limits| limits.cpu_time = ALLOWED);
        let (mut sandbox, mut probe) = rig.launch(spec).await;

        probe.tell(order).await;

        is_exceeded(&ending(&mut sandbox).await, Limit::CpuTime, 200);
        let report = sandbox.destroy().await.expect("it is destroyed");
        is_named(&report, Limit::CpuTime, 200);
        assert!(report.cpu_time >= ALLOWED, "{order}: {report:?}");
    }
}

/// A fork bomb is stopped.
pub async fn a_fork_bomb_is_stopped_and_named<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (mut sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    assert_eq!(probe.ask("fork-until-refused").await, "refused");

    let allowed = rig.spec(1).limits.processes.into();
    match rig.mechanism(Limit::Processes) {
        Mechanism::CgroupV1 | Mechanism::CgroupV2 => {
            is_named(&sandbox.report().await, Limit::Processes, allowed);
        }
        Mechanism::Rlimit | Mechanism::Affinity | Mechanism::Tmpfs | Mechanism::Sampled => {}
    }
    sandbox.destroy().await.expect("it is destroyed");
}

/// A disk that is full of bytes is named.
pub async fn a_full_disk_is_named<H: Host>(host: &H) {
    fills_the_disk(host, "fill-disk").await;
}

/// A disk that is full of files without a byte is named too.
pub async fn a_disk_full_of_empty_files_is_named<H: Host>(host: &H) {
    fills_the_disk(host, "fill-inodes").await;
}

async fn fills_the_disk<H: Host>(host: &H, order: &str) {
    let rig = Rig::start(host).await;
    let spec = rig.spec(1);
    let allowed = spec.limits.disk_bytes;
    let (mut sandbox, mut probe) = rig.launch(spec).await;

    assert_eq!(probe.ask(order).await, "StorageFull");

    is_named(&sandbox.report().await, Limit::Disk, allowed);
    sandbox.destroy().await.expect("it is destroyed");
}

/// A sandbox gets about the share of processors that it was given, however many
/// processes it has.
pub async fn the_share_of_processors_is_held<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    // Which processors it may run on can hold a sandbox to whole ones only.
    let cpu_millis = match rig.mechanism(Limit::Cpu) {
        Mechanism::Affinity => 1000,
        Mechanism::CgroupV1
        | Mechanism::CgroupV2
        | Mechanism::Rlimit
        | Mechanism::Tmpfs
        | Mechanism::Sampled => 250,
    };
    let spec = rig.limited(|limits| limits.cpu_millis = cpu_millis);
    let (sandbox, mut probe) = rig.launch(spec).await;

    let answer = probe.ask("burn 1000 2").await;

    let (used, passed) = answer.split_once(' ').expect("two figures");
    let [used, passed] = [used, passed].map(|it| it.parse::<u64>().expect("a number"));
    // Half as much again, for a share is held on average only.
    let allowed = passed * u64::from(cpu_millis) * 3 / 2 / 1000;
    assert!(used <= allowed, "{used} ms used in {passed} ms");
    sandbox.destroy().await.expect("it is destroyed");
}

impl<H: Host> Rig<'_, H> {
    fn mechanism(&self, limit: Limit) -> Mechanism {
        self.engine.enforcement(&self.image).of(limit)
    }
}

fn named(report: &Report) -> Vec<Limit> {
    report.hits.iter().map(|hit| hit.limit).collect()
}

/// Fails unless this limit, and no other, was hit.
fn is_named(report: &Report, limit: Limit, allowed: u64) {
    match report.hits.as_slice() {
        [hit] if hit.limit == limit && hit.allowed == allowed => {}
        other => panic!("{limit} of {allowed} should be named: {other:?}"),
    }
}

fn is_exceeded(ending: &Ending, limit: Limit, allowed: u64) {
    match ending {
        Ending::LimitExceeded(LimitHit {
            limit: exceeded,
            allowed: told,
            measured: Some(measured),
        }) if *exceeded == limit && *told == allowed && *measured >= allowed => {}
        other => panic!("{limit} of {allowed} should have ended it: {other:?}"),
    }
}

async fn ending<S: Sandbox>(sandbox: &mut S) -> Ending {
    let ended = time::timeout(DEADLINE, sandbox.ended()).await;
    ended.expect("it ends in time")
}
