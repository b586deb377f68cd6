//! Functions run in real sandboxes: cyclone, every runner, and the filters that
//! were made for them.
#![cfg(target_os = "linux")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cyclone_client::{Session, SessionConfig};
use sandbox::{
    Engine as _, Executable, Image, Limits, Network, Phase, Progress, Sandbox as _, SandboxId,
    SandboxSpec,
};
use sandbox_native::{Config, Executables, HostImages, NativeEngine};
use tokio::time;
use tokio_util::sync::CancellationToken;
use veritech_protocol::execution::{Execution, Frame, FrameOutcome};

const DEADLINE: Duration = Duration::from_secs(30);

struct Silent;

impl Progress for Silent {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}

async fn engine(cgroups: bool) -> NativeEngine {
    let executables = Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        programs: builtin::programs(),
    };
    let config = Config {
        host_images: HostImages {
            allowed: true,
            node: Some(testkit::tools::node()),
            deno: Some(testkit::tools::deno()),
        },
        cgroups,
        ..Config::default()
    };
    NativeEngine::start(executables, config)
        .await
        .expect("the engine starts")
}

/// Runs a function in a sandbox of its own and returns its value as JSON text, or
/// its failure's code.
async fn run(engine: &NativeEngine, image: &str, code: &str) -> String {
    let image: Image = engine
        .prepare(image, "latest", &Silent, CancellationToken::new())
        .await
        .expect("the image is prepared");
    let spec = SandboxSpec {
        id: SandboxId(1),
        image,
        limits: Limits {
            memory_bytes: 256 << 20,
            cpu_millis: 1000,
            cpu_time: Duration::from_secs(20),
            processes: 64,
            disk_bytes: 4 << 20,
        },
        network: Network::None,
    };
    let mut sandbox = engine
        .launch(spec, CancellationToken::new())
        .await
        .expect("the sandbox is launched");
    let stream = sandbox.connect().await.expect("it is connected");
    let executed = time::timeout(DEADLINE, execute(stream, code)).await;
    let result = executed.expect("the function ends in time");
    let report = sandbox.destroy().await.expect("it is destroyed");
    assert!(report.hits.is_empty(), "{report:?}");
    result
}

async fn execute(stream: tokio::net::UnixStream, code: &str) -> String {
    let mut session = Session::open(stream, &SessionConfig::default())
        .await
        .expect("cyclone answers");
    assert!(
        session.ready().await.expect("the session holds").is_none(),
        "the runner is ready"
    );
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let deadline = (now + DEADLINE).as_millis();
    let execution = serde_json::json!({
        "id": "an-execution",
        "kind": "resolver",
        "code": code,
        "inputs": {"name": "Ada"},
        "deadline": u64::try_from(deadline).expect("fits"),
        "timeout_ms": 20_000,
        "output_bytes": 1 << 20,
        "result_bytes": 1 << 20,
    });
    let execution: Execution = serde_json::from_value(execution).expect("an execution");
    session.execute(&execution).await.expect("it is taken");
    loop {
        match session.next().await.expect("the session holds") {
            Some(Frame::Result(FrameOutcome::Value(value))) => return value.get().to_owned(),
            Some(Frame::Result(FrameOutcome::Unset)) => return "unset".to_owned(),
            Some(Frame::Result(FrameOutcome::Failure(failure))) => {
                return format!("{}: {}", failure.code, failure.message);
            }
            Some(Frame::Ready | Frame::Output(_)) => {}
            None => return "no result".to_owned(),
        }
    }
}

const GREET: &str = "export default ({ name }) => ({ greeting: `Hello, ${name}` })";

#[tokio::test]
async fn quickjs_runs_a_function() {
    let engine = engine(true).await;
    let result = run(&engine, "builtin/quickjs", GREET).await;
    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

#[tokio::test]
async fn node_runs_a_function() {
    let engine = engine(true).await;
    let result = run(&engine, "host/node", GREET).await;
    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

#[tokio::test]
async fn deno_runs_a_function() {
    let engine = engine(true).await;
    let result = run(&engine, "host/deno", GREET).await;
    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

/// What programs for Node.js take for granted: files, threads, processes, sockets
/// within the sandbox, cryptography, compression, WebAssembly.
const BROAD: &str = r#"
import fs from "node:fs/promises";
import os from "node:os";
import net from "node:net";
import zlib from "node:zlib";
import crypto from "node:crypto";
import { Worker } from "node:worker_threads";
import { execFileSync } from "node:child_process";

export default async () => {
  const seen = [];
  await fs.mkdir("/tmp/a/b", { recursive: true });
  await fs.writeFile("/tmp/a/b/c", "text");
  await fs.rename("/tmp/a/b/c", "/tmp/a/d");
  seen.push(await fs.readFile("/tmp/a/d", "utf8"));
  seen.push((await fs.readdir("/tmp/a")).sort().join());
  await fs.rm("/tmp/a", { recursive: true });
  seen.push(zlib.gunzipSync(zlib.gzipSync("packed")).toString());
  seen.push(crypto.createHash("sha256").update("x").digest("hex").slice(0, 8));
  await new Promise((done, fail) =>
    crypto.pbkdf2("a", "b", 1000, 16, "sha256", (error) => (error ? fail(error) : done())));
  seen.push(await new Promise((done, fail) => {
    const source = "require('node:worker_threads').parentPort.postMessage('from a thread')";
    const worker = new Worker(source, { eval: true });
    worker.on("message", (message) => { done(message); worker.terminate(); });
    worker.on("error", fail);
  }));
  seen.push(await new Promise((done, fail) => {
    const path = "/tmp/socket";
    const server = net.createServer((socket) => socket.end("from a socket"));
    server.on("error", fail);
    server.listen(path, () => {
      const client = net.connect(path);
      client.on("data", (data) => { server.close(); done(data.toString()); });
      client.on("error", fail);
    });
  }));
  seen.push(execFileSync("/bin/sh", ["-c", "echo from a process"]).toString().trim());
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  await WebAssembly.instantiate(bytes);
  seen.push(typeof os.totalmem(), os.hostname());
  return seen;
};
"#;

#[tokio::test]
async fn node_does_all_that_programs_take_for_granted() {
    let engine = engine(true).await;
    let result = run(&engine, "host/node", BROAD).await;
    assert_eq!(
        result,
        r#"["text","b,d","packed","2d711642","from a thread","from a socket","from a process","number","sandbox"]"#
    );
}

#[tokio::test]
async fn every_image_runs_without_cgroups_too() {
    let engine = engine(false).await;
    for image in ["builtin/quickjs", "host/node", "host/deno"] {
        let result = run(&engine, image, GREET).await;
        assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#, "{image}");
    }
}
