//! Functions run in real sandboxes: cyclone, every runner, and the filters that
//! were made for them.
#![cfg(target_os = "linux")]

#[path = "native/layout.rs"]
mod layout;
#[path = "functions/zygotes.rs"]
mod zygotes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use builtin::{CYCLONE, QUICKJS};
use cyclone_client::{Session, SessionConfig};
use image_store::{Store, StoreConfig};
use sandbox::PullPolicy;
use sandbox::runner::RUNNER_LABEL;
use sandbox::{
    Engine as _, Executable, Image, InjectionRule, Limits, Network, OwnRunner, Sandbox as _,
    SandboxId, SandboxSpec,
};
use sandbox_native::{
    Config, Executables, HostImages, NativeEngine, NativeSandbox, RegistryImages,
};
use tokio::time;
use tokio_util::sync::CancellationToken;
use veritech_protocol::execution::{Execution, Frame, FrameOutcome};

use self::layout::{Layout, Silent};

const DEADLINE: Duration = Duration::from_secs(30);

async fn engine(cgroups: bool) -> NativeEngine {
    engine_with(cgroups, None, Some(testkit::tools::python())).await
}

/// Starts an engine with a Python, by default the first on `PATH`, and injects what
/// fits into each image of `store`.
async fn engine_with(cgroups: bool, store: Option<Store>, python: Option<PathBuf>) -> NativeEngine {
    let executables = Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        programs: builtin::programs(),
    };
    let config = Config {
        host_images: HostImages {
            allowed: true,
            node: Some(testkit::tools::node()),
            deno: Some(testkit::tools::deno()),
            python,
        },
        registry_images: store.map(|store| RegistryImages {
            store,
            pull_policy: PullPolicy::Never,
            injection: vec![
                InjectionRule {
                    pattern: "example.com/*/node".parse().expect("a pattern"),
                    runner: None,
                },
                InjectionRule {
                    pattern: "*".parse().expect("a pattern"),
                    runner: Some(OwnRunner::QuickJs),
                },
            ],
        }),
        cgroups,
        ..Config::default()
    };
    NativeEngine::start(executables, config)
        .await
        .expect("the engine starts")
}

/// What each sandbox may use.
const LIMITS: Limits = Limits {
    memory_bytes: 512 << 20,
    cpu_millis: 1000,
    cpu_time: Duration::from_secs(20),
    processes: 64,
    disk_bytes: 4 << 20,
};

async fn prepare(engine: &NativeEngine, image: &str) -> Image {
    engine
        .prepare(image, "latest", &Silent, CancellationToken::new())
        .await
        .expect("the image is prepared")
}

/// The number of the next sandbox.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Launches a sandbox of an image.
async fn launch(engine: &NativeEngine, image: &str) -> NativeSandbox {
    let spec = SandboxSpec {
        id: SandboxId(NEXT.fetch_add(1, Ordering::Relaxed)),
        image: prepare(engine, image).await,
        limits: LIMITS,
        network: Network::None,
    };
    engine
        .launch(spec, CancellationToken::new())
        .await
        .expect("the sandbox is launched")
}

/// Runs a function in a sandbox of its own and returns its value as JSON text, or
/// its failure's code.
async fn run(engine: &NativeEngine, image: &str, code: &str) -> String {
    let mut sandbox = launch(engine, image).await;
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

const GREET_IN_PYTHON: &str = r#"
def handler(inputs, context):
    return {"greeting": f"Hello, {inputs['name']}"}
"#;

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
    for (image, code) in [
        ("builtin/quickjs", GREET),
        ("host/node", GREET),
        ("host/deno", GREET),
        ("host/python", GREET_IN_PYTHON),
    ] {
        let result = run(&engine, image, code).await;
        assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#, "{image}");
    }
}

fn store(directory: &Path) -> Store {
    Store::open(StoreConfig::new(directory)).expect("the store is opened")
}

#[tokio::test]
async fn an_image_of_nothing_runs_functions_by_injection() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(directory.path());
    let image = "example.com/nothing";
    Layout::new()
        .file("etc/motd", 0o644, b"")
        .import(&store, image)
        .await;

    for cgroups in [true, false] {
        let engine = engine_with(cgroups, Some(store.clone()), None).await;
        let result = run(&engine, image, GREET).await;
        assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
    }
}

#[tokio::test]
async fn an_image_runs_functions_with_the_cyclone_and_the_runner_that_it_has() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(directory.path());
    let image = "example.com/own";
    Layout::new()
        .file("veritech/cyclone", 0o755, CYCLONE)
        .file("opt/a runner", 0o755, QUICKJS)
        .label(RUNNER_LABEL, "'/opt/a runner'")
        .import(&store, image)
        .await;
    let engine = engine_with(true, Some(store), None).await;

    let result = run(&engine, image, GREET).await;

    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

#[tokio::test]
async fn a_stock_image_with_node_runs_functions_by_injection() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(directory.path());
    let image = "example.com/stock/node";
    let node = testkit::tools::node();
    let program = fs::read(&node).expect("readable");
    let mut layout = Layout::new()
        .file("opt/node/bin/node", 0o755, &program)
        .link("usr/local/bin/node", "/opt/node/bin/node");
    for library in libraries(&node) {
        let contents = fs::read(&library).expect("readable");
        layout = layout.file(library.trim_start_matches('/'), 0o755, &contents);
    }
    layout.import(&store, image).await;
    let engine = engine_with(true, Some(store), None).await;

    let result = run(&engine, image, GREET).await;

    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

/// Returns the libraries that a program of this host is linked to.
fn libraries(program: &Path) -> Vec<String> {
    let output = Command::new("ldd").arg(program).output().expect("ldd runs");
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .filter(|word| word.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn python_runs_a_function() {
    let engine = engine(true).await;
    let result = run(&engine, "host/python", GREET_IN_PYTHON).await;
    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

#[tokio::test]
async fn the_first_python_on_the_path_runs_a_function() {
    let engine = engine_with(true, None, None).await;
    let result = run(&engine, "host/python", GREET_IN_PYTHON).await;
    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}

#[tokio::test]
async fn an_exception_in_python_is_told() {
    let engine = engine(true).await;
    let result = run(
        &engine,
        "host/python",
        "def handler(inputs, context):\n    inputs['nope']",
    )
    .await;
    assert_eq!(result, "exception: KeyError: 'nope'");
}

/// What programs in Python take for granted: files, threads, processes, event
/// loops, sockets within the sandbox, compression, what makes names unique.
const BROAD_IN_PYTHON: &str = r#"
import asyncio, concurrent.futures, hashlib, logging, multiprocessing, os, platform
import shutil, socket, sqlite3, ssl, subprocess, tempfile, threading, uuid, zlib
from pathlib import Path

def square(n):
    return n * n

async def over_a_socket():
    server = await asyncio.start_unix_server(lambda _, out: (out.write(b"from a socket"), out.close()), "/tmp/s")
    reader, writer = await asyncio.open_unix_connection("/tmp/s")
    text = await reader.read()
    writer.close()
    server.close()
    return text.decode()

async def handler(inputs, context):
    seen = []
    with tempfile.TemporaryDirectory() as place:
        Path(place, "a").write_text("text")
        os.rename(f"{place}/a", f"{place}/b")
        seen.append(Path(place, "b").read_text())
        shutil.copy(f"{place}/b", f"{place}/c")
        seen.append(",".join(sorted(os.listdir(place))))
    seen.append(zlib.decompress(zlib.compress(b"packed")).decode())
    seen.append(hashlib.sha256(b"x").hexdigest()[:8])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        seen.append(sum(pool.map(square, range(4))))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        seen.append(sum(pool.map(square, range(4))))
    seen.append(await over_a_socket())
    seen.append(subprocess.run(["/bin/sh", "-c", "echo from a process"], capture_output=True, text=True).stdout.strip())
    child = await asyncio.create_subprocess_exec("/bin/echo", "awaited", stdout=asyncio.subprocess.PIPE)
    seen.append((await child.communicate())[0].decode().strip())
    with sqlite3.connect(":memory:") as database:
        seen.append(database.execute("select 1 + 1").fetchone()[0])
    seen.append(await asyncio.to_thread(square, 5))
    ssl.create_default_context()
    seen.extend([len(str(uuid.uuid4())), socket.gethostname(), platform.system()])
    logging.info("done")
    return seen
"#;

#[tokio::test]
async fn python_does_all_that_programs_take_for_granted() {
    let engine = engine(true).await;
    let result = run(&engine, "host/python", BROAD_IN_PYTHON).await;
    assert_eq!(
        result,
        r#"["text","b,c","packed","2d711642",14,14,"from a socket","from a process","awaited",2,25,36,"sandbox","Linux"]"#
    );
}

/// What must not work, each by the name of the error that says so.
const FORBIDDEN_IN_PYTHON: &str = r#"
import ctypes, os, socket

def errors(*attempts):
    for attempt in attempts:
        try:
            attempt()
        except (OSError, AttributeError) as error:
            yield type(error).__name__
        else:
            yield "done"

def raw(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")

def handler(inputs, context):
    return list(errors(
        lambda: open("/veritech/python/runner.py", "w"),
        lambda: open("/usr/new", "w"),
        lambda: open("/proc/1/environ").read(),
        lambda: socket.create_connection(("192.0.2.1", 80), 1),
        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
        lambda: os.setuid(0),
        lambda: os.chroot("/tmp"),
        lambda: raw(425, 8, 0),
        lambda: raw(272, 0x10000000),
    ))
"#;

#[tokio::test]
async fn python_cannot_do_what_is_forbidden() {
    let engine = engine(true).await;
    let result = run(&engine, "host/python", FORBIDDEN_IN_PYTHON).await;
    let errors: Vec<String> = serde_json::from_str(&result).expect(&result);
    assert!(!errors.contains(&"done".to_owned()), "{errors:?}");
    assert_eq!(errors.len(), 9, "{errors:?}");
}
