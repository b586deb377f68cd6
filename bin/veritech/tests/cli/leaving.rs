//! Leaving before the end: by a signal, or because nobody reads.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use testkit::eventually_blocking;

use crate::rig::{Function, veritech};

/// How long leaving may take at most, on a machine that is busy.
const AT_ONCE: Duration = Duration::from_secs(10);

fn interrupt(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.expect("invariant: a child has a process id");
    kill_process(pid, Signal::INT).expect("it runs until it is waited for");
}

fn left(mut child: Child) -> ExitStatus {
    eventually_blocking(AT_ONCE, "the command to leave", || {
        child.try_wait().expect("it is ours")
    })
}

/// Whether a shell shows 130, be it by a signal or by an exit code.
fn is_interrupted(status: ExitStatus) -> bool {
    status.code() == Some(130) || status.signal() == Some(Signal::INT.as_raw())
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs")
}

#[test]
fn a_run_ends_when_nobody_reads_its_events() {
    let function = Function::new(
        "export default async () => {
           for (;;) { console.log('x'); await new Promise((go) => setTimeout(go, 10)); }
         }",
    );
    let mut command = veritech();
    command.arg("run").arg(function.path());
    command.args(["--output", "events", "--timeout", "30s"]);
    let mut child = spawn(&mut command);

    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("an event");
    drop(stdout);

    let stderr = child.stderr.take().expect("it is piped");
    let status = left(child);
    assert_eq!(status.code(), Some(141));
    let said: Vec<_> = BufReader::new(stderr).lines().collect();
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn an_interrupt_while_inputs_are_read_leaves() {
    let function = Function::new("export default () => 1");
    for name in ["run", "call"] {
        let mut command = veritech();
        command
            .arg(name)
            .arg(function.path())
            .args(["--inputs", "-"]);
        let mut child = spawn(&mut command);
        // More than a pipe holds: once this is written, it is being read.
        let mut stdin = child.stdin.take().expect("it is piped");
        stdin.write_all(&[b' '; 1 << 18]).expect("it reads");

        interrupt(&child);
        let status = left(child);
        assert!(is_interrupted(status), "{name}: {status}");
        drop(stdin);
    }
}

#[test]
fn an_interrupt_while_connecting_leaves() {
    // Accepts, and never says a word.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has one");
    let url = format!("nats://{address}");
    let function = Function::new("export default () => 1");
    let path = function.path();
    let path = path.to_str().expect("UTF-8");
    // A dispatcher that has taken nothing has nothing to be sorry for.
    for (arguments, code) in [(vec!["call", path], 130), (vec!["serve"], 0)] {
        let mut command = veritech();
        command.args(&arguments).args(["--nats-url", &url]);
        let child = spawn(&mut command);
        let connection = listener.accept().expect("it connects");

        interrupt(&child);
        let status = left(child);
        assert_eq!(status.code(), Some(code), "{arguments:?}: {status}");
        drop(connection);
    }
}

#[test]
fn an_interrupt_cancels_a_run_and_another_leaves() {
    let function = Function::new("export default () => { for (;;); }");
    let mut command = veritech();
    command.arg("run").arg(function.path());
    command.args(["--output", "events", "--timeout", "60s"]);
    let mut child = spawn(&mut command);
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = stdout.lines().map(|line| line.expect("UTF-8"));
    let started = lines.find(|line| line.contains("\"started\""));
    assert!(started.is_some(), "the function starts");

    interrupt(&child);
    interrupt(&child);
    let status = left(child);
    assert_eq!(status.code(), Some(130), "{status}");
}
