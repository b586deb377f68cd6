//! How long it takes from asking for an end to the proof of it.

use std::time::Duration;

use e2e::functions::{NODE, PYTHON, QUICKJS, in_image};
use e2e::hostile::Spread;
use e2e::{World, host_images};
use futures_util::StreamExt as _;
use tokio::time::Instant;
use veritech_client::Call;
use veritech_protocol::{EventBody, FailureCode, RemoteFunctionRequest};

/// Functions that are hard to end: what they do, their image, their code. Each
/// says when it has begun.
const STUBBORN: [(&str, &str, &str); 5] = [
    (
        "blocks its event loop",
        NODE,
        "import fs from 'node:fs';
         export default () => { fs.writeSync(1, 'begun\\n'); for (;;); }",
    ),
    (
        "spins",
        QUICKJS,
        "export default () => { console.log('begun'); for (;;); }",
    ),
    (
        "ignores signals and stops itself",
        PYTHON,
        "import os, signal
def handler(inputs, context):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    os.write(1, b'begun\\n')
    os.kill(os.getpid(), signal.SIGSTOP)",
    ),
    (
        "has daemons, in sessions of their own",
        PYTHON,
        "import os, time
def handler(inputs, context):
    for _ in range(16):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
    os.write(1, b'begun\\n')
    time.sleep(600)",
    ),
    (
        "forks without end",
        PYTHON,
        "import os
def handler(inputs, context):
    os.write(1, b'begun\\n')
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            pass",
    ),
];

/// The time limit of what is timed out.
const TIMEOUT: Duration = Duration::from_millis(300);

/// Cancels, and has time out, each function `times` times; returns what must not
/// have been.
pub(crate) async fn measure(times: usize) -> Vec<String> {
    let world = World::start(&host_images()).await;
    let idle = world.instance.processes();
    let mut wrong = Vec::new();
    for (name, image, code) in STUBBORN {
        let mut cancelled = Spread::default();
        let mut late = Spread::default();
        for _ in 0..times {
            let call = begun(&world, in_image(image, code)).await;
            let asked = Instant::now();
            let id = call.id();
            let asking = world.client.cancel(&id);
            let (_, ended) = tokio::join!(asking, call.result());
            cancelled.add(asked.elapsed());
            let ended = ended.err().map(|error| error.code());
            if ended != Some(FailureCode::Cancelled) {
                wrong.push(format!("`{name}`: {ended:?} in place of `cancelled`"));
            }
            wrong.extend(alive(&world, &idle, name));

            let mut request = in_image(image, code);
            request.timeout_ms = u64::try_from(TIMEOUT.as_millis()).ok();
            let started = world.started(request).await;
            let since = Instant::now();
            let ended = started.call.result().await;
            late.add(since.elapsed().saturating_sub(TIMEOUT));
            let ended = ended.err().map(|error| error.code());
            if ended != Some(FailureCode::TimedOut) {
                wrong.push(format!("`{name}`: {ended:?} in place of `timed_out`"));
            }
            wrong.extend(alive(&world, &idle, name));
        }
        println!("cancelled, {name} ({image}): {cancelled}");
        println!("timed out, {name} ({image}), beyond its time: {late}");
    }
    wrong
}

/// Starts a call and waits until its function says that it has begun.
async fn begun(world: &World, request: RemoteFunctionRequest) -> Call {
    let mut call = world.client.call(request);
    while let Some(event) = call.next().await {
        match event.body {
            EventBody::Output(output) if output.message == "begun" => return call,
            EventBody::Result(result) => panic!("it ended before it began: {result:?}"),
            _ => {}
        }
    }
    panic!("the call ended without a result")
}

/// Returns what is still alive of a sandbox that was proved gone.
fn alive(world: &World, idle: &[e2e::Process], name: &str) -> Option<String> {
    let mut left = world.instance.processes();
    left.retain(|process| !idle.contains(process));
    (!left.is_empty()).then(|| format!("`{name}`: alive after its end: {left:?}"))
}
