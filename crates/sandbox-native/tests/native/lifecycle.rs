//! What is left of sandboxes, however they end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sandbox::{Ending, Engine as _, LaunchError, Sandbox as _};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::support::{DEADLINE, children, engine, launch, spec};

/// What this process and its launcher have on the host.
#[derive(Debug, PartialEq, Eq)]
struct Census {
    descriptors: usize,
    launcher_descriptors: usize,
    processes: usize,
    cgroups: usize,
}

impl Census {
    fn take() -> Self {
        let me = std::process::id();
        let launcher = children(me);
        let launcher = launcher.first().expect("the launcher runs");
        Self {
            descriptors: count(Path::new("/proc/self/fd")),
            launcher_descriptors: count(Path::new(&format!("/proc/{launcher}/fd"))),
            processes: children(*launcher).len(),
            cgroups: cgroups(me),
        }
    }
}

fn count(directory: &Path) -> usize {
    fs::read_dir(directory).expect("readable").count()
}

/// Counts the sandboxes' cgroups of a dispatcher.
fn cgroups(dispatcher: u32) -> usize {
    let prefix = format!("veritech-{dispatcher}-");
    let mut waiting = vec![PathBuf::from("/sys/fs/cgroup")];
    let mut found = 0;
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            let inside = fs::read_dir(entry.path()).into_iter().flatten().flatten();
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                found += inside.filter(|it| it.path().is_dir()).count();
            } else {
                waiting.push(entry.path());
            }
        }
    }
    found
}

/// Waits until the census is as it was.
async fn until(before: &Census) {
    let end = time::Instant::now() + DEADLINE;
    loop {
        let now = Census::take();
        if now == *before {
            return;
        }
        assert!(time::Instant::now() < end, "{now:?} is not {before:?}");
        time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn two_hundred_launches_leave_nothing_behind() {
    let engine = engine().await;
    let (sandbox, _probe) = launch(&engine, spec(0)).await;
    sandbox.destroy().await.expect("it is destroyed");
    let before = Census::take();

    for id in 1..=200 {
        let (sandbox, mut probe) = launch(&engine, spec(id)).await;
        assert_eq!(probe.ask("pid").await, "1");
        sandbox.destroy().await.expect("it is destroyed");
    }

    assert_eq!(Census::take(), before);
}

#[tokio::test]
async fn a_dropped_sandbox_is_removed() {
    let engine = engine().await;
    let before = Census::take();
    let (sandbox, _probe) = launch(&engine, spec(1)).await;
    assert_eq!(Census::take().processes, 1);

    drop((sandbox, _probe));

    until(&before).await;
}

#[tokio::test]
async fn a_cancelled_launch_leaves_nothing_behind() {
    let engine = engine().await;
    let before = Census::take();
    // From before the first step to after the last.
    for id in 0..40 {
        let cancel = CancellationToken::new();
        let launching = engine.launch(spec(id), cancel.clone());
        let cancelling = async {
            time::sleep(Duration::from_micros(100 * id)).await;
            cancel.cancel();
        };
        match tokio::join!(launching, cancelling).0 {
            Ok(sandbox) => drop(sandbox.destroy().await.expect("it is destroyed")),
            Err(LaunchError::Cancelled) => {
                let now = Census::take();
                assert_eq!((now.processes, now.cgroups), (0, 0), "after {id} steps");
            }
            Err(error) => panic!("got {error:?}"),
        }
    }
    until(&before).await;
}

#[tokio::test]
async fn a_dropped_launch_leaves_nothing_behind() {
    let engine = engine().await;
    let before = Census::take();
    for id in 0..40 {
        let wait = Duration::from_micros(100 * id);
        let launching = engine.launch(spec(id), CancellationToken::new());
        drop(time::timeout(wait, launching).await);
    }
    until(&before).await;
}

#[tokio::test]
async fn a_failing_launch_leaves_nothing_behind() {
    let engine = engine().await;
    let before = Census::take();
    let mut hopeless = spec(1);
    // Not enough for the process to become a sandbox.
    hopeless.limits.memory_bytes = 4096;

    let launched = engine.launch(hopeless, CancellationToken::new()).await;

    let error = launched.expect_err("it fails");
    assert!(matches!(error, LaunchError::Setup { .. }), "got {error:?}");
    let now = Census::take();
    assert_eq!((now.processes, now.cgroups), (0, 0));
    until(&before).await;
}

#[tokio::test]
async fn an_ending_is_told_as_it_was() {
    let engine = engine().await;
    let (mut sandbox, mut probe) = launch(&engine, spec(1)).await;

    probe.tell("exit 7").await;

    assert_eq!(sandbox.ended().await, Ending::Exited(7));
    assert_eq!(sandbox.ended().await, Ending::Exited(7));
    sandbox.destroy().await.expect("it is destroyed");
}

#[tokio::test]
async fn sandboxes_die_with_their_launcher_and_the_next_one_serves() {
    let engine = engine().await;
    let (mut sandbox, _probe) = launch(&engine, spec(1)).await;
    let launcher = children(std::process::id())[0];
    let inside = children(launcher)[0];

    signal("-KILL", launcher);

    let ending = time::timeout(DEADLINE, sandbox.ended()).await;
    assert!(matches!(ending, Ok(Ending::Lost(_))), "got {ending:?}");
    sandbox.destroy().await.expect("it is destroyed");
    assert!(!is_alive(inside), "{inside} is gone");
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
async fn sandboxes_die_with_their_dispatcher() {
    let (mut dispatcher, inside) = dispatcher();

    signal("-KILL", dispatcher.id());

    until_gone(inside).await;
    dispatcher.wait().expect("it is reaped");
    reclaimed(&dispatcher).await;
}

#[tokio::test]
async fn sandboxes_die_with_their_launcher_though_nobody_is_left_to_kill_them() {
    let (mut dispatcher, inside) = dispatcher();
    let launcher = children(dispatcher.id())[0];

    signal("-STOP", dispatcher.id());
    signal("-KILL", launcher);

    until_gone(inside).await;
    signal("-KILL", dispatcher.id());
    dispatcher.wait().expect("it is reaped");
    reclaimed(&dispatcher).await;
}

/// Has another dispatcher remove what a dead one left.
async fn reclaimed(dispatcher: &Child) {
    let engine = engine().await;
    let (other, _probe) = launch(&engine, spec(1)).await;
    let mine = cgroups(std::process::id());

    engine.reclaim().await.expect("all of it can be removed");

    assert_eq!(cgroups(dispatcher.id()), 0);
    assert_eq!(cgroups(std::process::id()), mine, "the living keep theirs");
    other.destroy().await.expect("it is destroyed");
}

/// Starts a process that has an engine and one sandbox, and returns with it the
/// number of the sandbox's first process.
fn dispatcher() -> (Child, u32) {
    let mut dispatcher = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "native::lifecycle::helper_that_is_a_dispatcher"])
        .args(["--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let output = dispatcher.stdout.take().expect("its output");
    let inside = BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("inside: ")?.1.parse().ok())
        .expect("it says what is inside");
    (dispatcher, inside)
}

#[tokio::test]
#[ignore = "run by other tests, which kill it"]
async fn helper_that_is_a_dispatcher() {
    let engine = engine().await;
    let (_sandbox, mut probe) = launch(&engine, spec(1)).await;
    // As cyclone does, and then it takes no notice of anything.
    assert_eq!(probe.ask("die-with-parent").await, "0");
    probe.tell("spin").await;
    let launcher = children(std::process::id())[0];
    println!("inside: {}", children(launcher)[0]);
    std::future::pending::<()>().await;
}

async fn until_gone(pid: u32) {
    let end = time::Instant::now() + DEADLINE;
    while is_alive(pid) {
        assert!(time::Instant::now() < end, "{pid} is still there");
        time::sleep(Duration::from_millis(5)).await;
    }
}

/// Returns whether a process can still do anything: an orphan that has ended may
/// stay listed until some other process takes notice.
fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let state = stat
            .rsplit_once(") ")
            .map(|(_, fields)| fields.chars().next());
        !matches!(state, Some(Some('Z' | 'X')))
    })
}

fn signal(signal: &str, pid: u32) {
    let status = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}
