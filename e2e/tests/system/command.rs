//! The commands as a person at a terminal uses them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};

use e2e::functions::NODE;
use e2e::{LIMIT, Process, TestEngine, World, gone, processes_of};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;
use testkit::eventually;

const ENDLESS: &str = "export default () => new Promise((done) => setTimeout(done, 600_000));\n";

/// A function's file, and a command that executes it and prints its events.
struct Typed {
    child: Child,
    _directory: TempDir,
}

impl Typed {
    /// Starts the command and waits until the function is executed.
    fn start(command: &mut Command, code: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("function.js");
        std::fs::write(&file, code).expect("the function is written");
        let child = command
            .args(["--output", "events"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the command starts");
        let mut typed = Self {
            child,
            _directory: directory,
        };
        typed.until("started");
        typed
    }

    /// Reads events up to the first of this name.
    fn until(&mut self, name: &str) -> Value {
        let stdout = self.child.stdout.as_mut().expect("it is piped");
        // It never reads beyond a line, so that the next call goes on there.
        let mut lines = BufReader::with_capacity(1, stdout).lines();
        loop {
            let line = lines.next().expect("the event comes").expect("UTF-8");
            let event: Value = serde_json::from_str(&line).expect("an event");
            if event.get("event").is_some_and(|event| event == name) {
                return event;
            }
        }
    }

    fn processes(&self) -> Vec<Process> {
        processes_of(self.child.id())
    }

    fn interrupt(&self) {
        e2e::signal(self.child.id(), Signal::INT);
    }

    async fn ended(&mut self) -> ExitStatus {
        eventually(LIMIT, "end of the command", async || {
            self.child.try_wait().expect("a child can be waited for")
        })
        .await
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        // One that has ended is as dead as it should be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test]
async fn ctrl_c_cancels_what_runs_here_and_leaves_nothing() {
    let mut typed = Typed::start(e2e::command().arg("run"), ENDLESS);
    let processes = typed.processes();
    assert!(!processes.is_empty(), "there is no sandbox");

    typed.interrupt();

    let result = typed.until("result");
    assert_eq!(result["failure"]["code"], "cancelled", "{result}");
    assert_eq!(typed.ended().await.code(), Some(130));
    gone(LIMIT, &processes).await;
}

#[tokio::test]
async fn ctrl_c_cancels_what_runs_on_a_dispatcher() {
    let world = World::start("").await;
    let idle = world.instance.processes();
    let url = world.server.url();
    let mut typed = Typed::start(e2e::command().args(["call", "--nats-url", &url]), ENDLESS);

    typed.interrupt();

    let result = typed.until("result");
    assert_eq!(result["failure"]["code"], "cancelled", "{result}");
    assert_eq!(typed.ended().await.code(), Some(130));
    world.sandboxes_are_gone(&idle).await;
}

#[tokio::test]
async fn a_command_that_is_killed_takes_its_sandbox_along() {
    let mut typed = Typed::start(e2e::command().arg("run"), ENDLESS);
    let processes = typed.processes();
    assert!(!processes.is_empty(), "there is no sandbox");

    typed.child.kill().expect("it can be killed");

    gone(LIMIT, &processes).await;
}

#[tokio::test]
async fn an_execution_is_cancelled_by_the_id_it_was_given() {
    let world = World::start("").await;
    let url = world.server.url();
    let mut command = e2e::command();
    command.args(["call", "--nats-url", &url, "--id", "typed-1"]);
    let mut typed = Typed::start(&mut command, ENDLESS);

    let cancel = |id: &str| {
        let mut command = e2e::command();
        let output = command.args(["cancel", "--nats-url", &url, id]).output();
        let output = output.expect("the command runs");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), text)
    };
    let (code, text) = cancel("typed-1");

    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("on one"), "{text}");
    assert_eq!(typed.ended().await.code(), Some(130));
    let (code, text) = cancel("typed-1");
    assert_eq!(code, Some(1), "{text}");
}

#[tokio::test]
async fn what_a_dispatchers_parent_ignores_a_function_does_not() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("function.js");
    let code = "import fs from 'node:fs';
        export default () => /SigIgn:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]";
    std::fs::write(&file, code).expect("the function is written");
    let ordinary = e2e::command();
    let mut ignoring = Command::new("sh");
    ignoring
        .args(["-c", "trap '' HUP QUIT USR2; exec \"$@\"", "sh"])
        .arg(ordinary.get_program())
        .args(["run", "--image", &TestEngine::current().image(NODE)])
        .arg(&file)
        .env_clear()
        .envs(
            ordinary
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("VERITECH_NATIVE_NODE", testkit::tools::node());

    let output = ignoring.output().expect("the command runs");

    let ignored = String::from_utf8_lossy(&output.stdout);
    let ignored = u64::from_str_radix(ignored.trim().trim_matches('"'), 16);
    let ignored = ignored.unwrap_or_else(|_| panic!("no set of signals: {output:?}"));
    // Node.js ignores some of its own accord.
    for signal in [Signal::HUP, Signal::QUIT, Signal::USR2] {
        assert_eq!(
            ignored >> (signal.as_raw() - 1) & 1,
            0,
            "{signal:?}: {output:?}"
        );
    }
}
