//! `serve`, `call` and `status` together, over a real NATS server.

use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use testkit::{NatsServer, eventually};

use crate::rig::{Done, Function, greet, veritech};

/// A dispatcher that is killed when the test ends.
struct Served {
    server: NatsServer,
    process: Child,
}

impl Served {
    async fn start() -> Self {
        let server = NatsServer::start().await;
        let process = veritech()
            .args(["serve", "--instance", "one", "--log-level", "warn"])
            .args(["--nats-url", &server.url()])
            .stdin(Stdio::null())
            .spawn()
            .expect("the dispatcher starts");
        eventually(Duration::from_secs(15), "dispatcher", async || {
            let subscriptions = server.subscriptions().await;
            subscriptions.iter().any(|one| one.queue.is_some())
        })
        .await;
        Self { server, process }
    }

    async fn run(&self, command: &str, arguments: &[&str]) -> Done {
        let mut command_line = veritech();
        command_line
            .env("VERITECH_NATS_URL", self.server.url())
            .arg(command)
            .args(arguments);
        let run = tokio::task::spawn_blocking(move || Done::of(&mut command_line));
        run.await.expect("it is waited for")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // SIGTERM, so that it takes its own things along.
        let pid = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw);
        let pid = pid.expect("invariant: a child has a process id");
        kill_process(pid, Signal::TERM).expect("it runs until it is waited for");
        drop(self.process.wait());
    }
}

#[tokio::test]
async fn the_example_greets_over_nats_as_it_does_here() {
    let served = Served::start().await;
    let greet = greet();
    let greet = greet.to_str().expect("UTF-8");
    let arguments = [greet, "--inputs", "{\"name\":\"Ada\"}"];

    let here = Done::of(veritech().arg("run").args(arguments)).exits(0);
    let there = served.run("call", &arguments).await.exits(0);

    assert_eq!((there.stdout, there.stderr), (here.stdout, here.stderr));
}

#[tokio::test]
async fn a_failure_over_nats_has_the_exit_code_it_has_here() {
    let served = Served::start().await;
    let function = Function::new("export default () => { throw new Error('no') }");
    let path = function.path();
    let path = path.to_str().expect("UTF-8");

    served
        .run("call", &[path])
        .await
        .exits(1)
        .says(&["Error: no"]);
    let other = [path, "--image", "builtin/cobol"];
    served
        .run("call", &other)
        .await
        .exits(2)
        .says(&["builtin/cobol"]);
}

#[tokio::test]
async fn status_shows_every_dispatcher_and_what_it_did() {
    let served = Served::start().await;
    let greet = greet();
    served
        .run("call", &[greet.to_str().expect("UTF-8")])
        .await
        .exits(0);

    let done = served.run("status", &["--output", "json"]).await.exits(0);
    let status: Value = serde_json::from_str(&done.stdout).expect("JSON");
    assert_eq!(status[0]["instance"], "one", "{status}");
    assert_eq!(status[0]["stats"]["succeeded"], 1, "{status}");

    let done = served.run("status", &[]).await.exits(0);
    assert!(done.stdout.contains("INSTANCE"), "{done:#?}");
    assert!(done.stdout.contains("one"), "{done:#?}");
}

#[tokio::test]
async fn a_caller_hears_that_it_waits_for_a_dispatcher() {
    let server = NatsServer::start().await;
    let mut command = veritech();
    command
        .env("VERITECH_NATS_URL", server.url())
        .args(["call", "--deadline", "1500ms"])
        .arg(greet());
    let run = tokio::task::spawn_blocking(move || Done::of(&mut command));
    let done = run.await.expect("it is waited for").exits(3);
    let done = done.says(&["waiting for a dispatcher", "no_responders"]);
    assert_eq!(done.stderr.matches("waiting").count(), 1, "{done:#?}");
}

#[tokio::test]
async fn where_no_dispatcher_serves_call_and_status_say_so() {
    let server = NatsServer::start().await;
    let url = server.url();
    let greet = greet();
    let call = ["call", "--retry", "never", greet.to_str().expect("UTF-8")];
    for arguments in [call.as_slice(), &["status"]] {
        let mut command = veritech();
        command.env("VERITECH_NATS_URL", &url).args(arguments);
        let run = tokio::task::spawn_blocking(move || Done::of(&mut command));
        let done = run.await.expect("it is waited for").exits(3);
        assert!(!done.stderr.is_empty(), "{done:#?}");
    }
}
