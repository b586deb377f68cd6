//! Functions in sandboxes that were forked from a zygote.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use conformance::{Options, Sandboxes, SourceLanguage};
use cyclone_client::{Session, SessionConfig};
use rustix::process::{Pid, Signal};
use sandbox::{Engine as _, Executable, Sandbox as _};
use sandbox_native::{Config, Executables, HostImages, NativeEngine};
use testkit::inventory::Item;
use testkit::{HostInventory, eventually};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{GREET_IN_PYTHON, LIMITS, launch, prepare, run};

/// How long a zygote may take to be warm, or one that failed to have a successor: Deno's helpers end
/// after ten seconds.
const WARM_UP: Duration = Duration::from_secs(25);

/// Says what must not be the same in two children.
const DRAW: &str = "export default () => [Math.random(), crypto.randomUUID(), \
                    crypto.getRandomValues(new Uint32Array(4)).join()]";

async fn engine(image: &str) -> NativeEngine {
    let executables = Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        programs: builtin::programs(),
    };
    let config = Config {
        host_images: HostImages {
            allowed: true,
            node: Some(testkit::tools::node()),
            deno: Some(testkit::tools::deno()),
            python: Some(testkit::tools::python()),
        },
        zygotes: vec![image.parse().expect("a pattern")],
        ..Config::default()
    };
    NativeEngine::start(executables, config)
        .await
        .expect("the engine starts")
}

/// Returns whether sandboxes are forked now.
async fn is_forked(engine: &NativeEngine, image: &str) -> bool {
    let sandbox = launch(engine, image).await;
    // Its cyclone is a child of our launcher, and says by its arguments where its runner is from.
    let is_ours = |process: u32| parent(process).and_then(parent) == Some(std::process::id());
    let forked = processes().any(|process| {
        let command = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        command.contains("\0--adopt-runner\0") && is_ours(process)
    });
    sandbox.destroy().await.expect("it is destroyed");
    forked
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").expect("there is a /proc");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    line?.trim().parse().ok()
}

/// Waits until sandboxes are forked.
async fn forked(engine: &NativeEngine, image: &str) {
    eventually(WARM_UP, "sandbox that was forked", async || {
        is_forked(engine, image).await
    })
    .await;
}

async fn children_differ_in_what_is_drawn_at_random(image: &str) {
    let engine = engine(image).await;
    forked(&engine, image).await;

    let mut drawn = Vec::new();
    for _ in 0..3 {
        let text = run(&engine, image, DRAW).await;
        let values: Vec<serde_json::Value> = serde_json::from_str(&text).expect("a list");
        drawn.push(values);
    }

    for (number, values) in drawn.iter().enumerate() {
        for others in drawn.iter().skip(number + 1) {
            let same = values
                .iter()
                .zip(others)
                .filter(|(one, other)| one == other);
            assert_eq!(same.count(), 0, "{drawn:?}");
        }
    }
    assert!(is_forked(&engine, image).await, "they were not forked");
    engine.close().await;
}

#[tokio::test]
async fn children_on_quickjs_differ_in_what_is_drawn_at_random() {
    children_differ_in_what_is_drawn_at_random("builtin/quickjs").await;
}

#[tokio::test]
async fn children_on_node_differ_in_what_is_drawn_at_random() {
    children_differ_in_what_is_drawn_at_random("host/node").await;
}

#[tokio::test]
async fn children_on_deno_differ_in_what_is_drawn_at_random() {
    children_differ_in_what_is_drawn_at_random("host/deno").await;
}

/// Runs the conformance suite in sandboxes that are forked.
async fn children_conform(image: &str) {
    let engine = engine(image).await;
    forked(&engine, image).await;

    let sandboxes = Sandboxes::new(&engine, prepare(&engine, image).await, LIMITS);
    let options = Options {
        language: SourceLanguage::JavaScript,
        ..Options::default()
    };
    let mut report = Vec::new();
    let summary = conformance::run_through(&sandboxes, &options, &mut report)
        .await
        .expect("the suite runs");

    let report = String::from_utf8_lossy(&report);
    let failed: Vec<_> = report
        .lines()
        .filter(|line| line.starts_with("FAIL"))
        .collect();
    assert!(summary.is_success(), "{summary}\n{}", failed.join("\n"));
    assert!(summary.passed >= 60, "only {summary}");
    assert!(is_forked(&engine, image).await, "they were not forked");
    engine.close().await;
}

#[tokio::test]
async fn every_child_on_quickjs_conforms() {
    children_conform("builtin/quickjs").await;
}

#[tokio::test]
async fn every_child_on_node_conforms() {
    children_conform("host/node").await;
}

#[tokio::test]
async fn every_child_on_deno_conforms() {
    children_conform("host/deno").await;
}

/// Returns the runners that were forked for sandboxes of ours, and their zygotes.
fn forked_runners() -> Vec<u32> {
    let command = |process: u32| fs::read_to_string(format!("/proc/{process}/cmdline"));
    let is_ours = |process: u32| {
        let ancestors = std::iter::successors(Some(process), |&it| parent(it));
        ancestors.skip(1).any(|it| it == std::process::id())
    };
    processes()
        .filter(|&process| command(process).is_ok_and(|it| it.contains("\0--zygote\0")))
        .filter(|&process| is_ours(process))
        .collect()
}

/// Returns whether two descriptors of two processes refer to one open file.
#[expect(unsafe_code, reason = "kcmp(2) exists nowhere as a safe function")]
fn is_one_file(one: (u32, u32), other: (u32, u32)) -> bool {
    const KCMP_FILE: u32 = 0;
    // SAFETY: it takes numbers alone.
    let compared =
        unsafe { libc::syscall(libc::SYS_kcmp, one.0, other.0, KCMP_FILE, one.1, other.1) };
    assert!(compared >= 0, "{}", io::Error::last_os_error());
    compared == 0
}

fn descriptors(process: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).expect("it runs");
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    entries.filter_map(|entry| number(entry.ok()?)).collect()
}

async fn children_share_no_open_file(image: &str) {
    let engine = engine(image).await;
    forked(&engine, image).await;
    let sandboxes = [launch(&engine, image).await, launch(&engine, image).await];

    // A runner that is ready has its own files.
    let mut sessions = Vec::new();
    for mut sandbox in sandboxes {
        let stream = sandbox.connect().await.expect("it is connected");
        let mut session = Session::open(stream, &SessionConfig::default())
            .await
            .expect("cyclone answers");
        assert!(session.ready().await.expect("the session holds").is_none());
        sessions.push((session, sandbox));
    }
    let processes = forked_runners();
    assert!(processes.len() >= 3, "{processes:?}");
    for (at, &one) in processes.iter().enumerate() {
        for &other in processes.iter().skip(at + 1) {
            for descriptor in descriptors(one) {
                let shared = descriptors(other)
                    .into_iter()
                    .find(|&it| is_one_file((one, descriptor), (other, it)));
                let link = fs::read_link(format!("/proc/{one}/fd/{descriptor}"));
                assert_eq!(shared, None, "{descriptor} of {one} and {other}: {link:?}");
            }
        }
    }

    for (session, sandbox) in sessions {
        session.close().await;
        sandbox.destroy().await.expect("it is destroyed");
    }
    engine.close().await;
}

#[tokio::test]
async fn children_on_quickjs_share_no_open_file() {
    children_share_no_open_file("builtin/quickjs").await;
}

#[tokio::test]
async fn children_on_node_share_no_open_file() {
    children_share_no_open_file("host/node").await;
}

#[tokio::test]
async fn children_on_deno_share_no_open_file() {
    children_share_no_open_file("host/deno").await;
}

#[tokio::test]
async fn a_child_on_node_ends_with_the_code_that_it_says() {
    let engine = engine("host/node").await;
    forked(&engine, "host/node").await;

    let result = run(&engine, "host/node", "export default () => process.exit(7)").await;

    assert_eq!(
        result,
        "runner_exited: the runner exited with code 7 without a result"
    );
    engine.close().await;
}

async fn a_child_starts_processes(image: &str, code: &str) {
    let engine = engine(image).await;
    forked(&engine, image).await;

    assert_eq!(run(&engine, image, code).await, "7");

    engine.close().await;
}

#[tokio::test]
async fn a_child_on_node_hears_from_the_processes_that_it_starts() {
    let code = "import { spawn } from 'node:child_process';
        export default () => new Promise((resolve, reject) => {
            const child = spawn(process.execPath, ['-e', 'process.send(7)'], { stdio: [0, 1, 2, 'ipc'] });
            let said;
            child.on('error', reject).on('message', (it) => said = it).on('exit', () => resolve(said));
        })";
    a_child_starts_processes("host/node", code).await;
}

#[tokio::test]
async fn a_child_on_deno_hears_from_the_processes_that_it_starts() {
    let code = "export default async () => {
        const command = new Deno.Command(Deno.execPath(), { args: ['eval', 'console.log(7)'] });
        const { code, stdout } = await command.output();
        return code === 0 ? Number(new TextDecoder().decode(stdout)) : code;
    }";
    a_child_starts_processes("host/deno", code).await;
}

/// Returns the processes called `name` that were not there before.
fn called(name: &str, before: &HostInventory) -> Vec<Pid> {
    let new = HostInventory::take().since(before);
    new.into_iter()
        .filter_map(|item| match item {
            Item::Process { pid, name: it, .. } if it == name => Pid::from_raw(pid.cast_signed()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn serial_a_zygote_that_was_killed_or_hangs_fails_no_launch_and_has_a_successor() {
    let before = HostInventory::take();
    let engine = engine("builtin/quickjs").await;

    for signal in [Signal::KILL, Signal::STOP] {
        forked(&engine, "builtin/quickjs").await;
        let zygotes = called("quickjs", &before);
        assert!(!zygotes.is_empty());
        for zygote in zygotes {
            rustix::process::kill_process(zygote, signal).expect("it is there");
        }
        assert!(!is_forked(&engine, "builtin/quickjs").await, "{signal:?}");
    }
    forked(&engine, "builtin/quickjs").await;
    engine.close().await;
}

#[tokio::test]
async fn serial_closing_the_engine_leaves_nothing_of_zygotes() {
    let before = HostInventory::take();
    let engine = engine("builtin/quickjs").await;
    forked(&engine, "builtin/quickjs").await;
    assert!(!called("quickjs", &before).is_empty());

    engine.close().await;

    assert_eq!(called("quickjs", &before), []);
    drop(engine);
    eventually(WARM_UP, "end of all that the engine had", async || {
        HostInventory::take().since(&before).is_empty()
    })
    .await;
}

#[tokio::test]
async fn an_image_whose_runner_cannot_be_forked_is_told_once_and_works() {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let writer = Arc::new(log.reopen().expect("it is opened again"));
    let subscriber = tracing_subscriber::fmt().with_writer(writer);
    let _guard = subscriber.with_ansi(false).set_default();
    let engine = engine("host/*").await;

    for _ in 0..3 {
        let value = run(&engine, "host/python", GREET_IN_PYTHON).await;
        assert_eq!(value, r#"{"greeting":"Hello, Ada"}"#);
    }

    engine.close().await;
    let told = fs::read_to_string(log.path()).expect("it is read");
    let lines: Vec<_> = told
        .lines()
        .filter(|line| line.contains("cannot be forked"))
        .collect();
    assert_eq!(lines.len(), 1, "{told}");
    assert!(told.contains("host/python"), "{told}");
}
