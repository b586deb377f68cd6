//! Functions that mean harm: each is ended for its own reason, leaves nothing
//! behind, and disturbs nobody after it.

use e2e::functions::{DENO, NODE, QUICKJS, in_image};
use e2e::{World, host_images};
use veritech_protocol::{Failure, FailureCode, Origin, RemoteFunctionRequest};

const MIB: u64 = 1 << 20;

/// Executes the request and then an innocent one, and returns how the first
/// failed.
async fn suffer(request: RemoteFunctionRequest) -> Failure {
    let world = World::start(&host_images()).await;
    let idle = world.instance.processes();
    let image = request.container_image.clone();

    let failure = world.failure(request).await;

    assert_eq!(failure.origin, Origin::User, "{failure:?}");
    world.sandboxes_are_gone(&idle).await;
    let next = in_image(&image, "export default () => 'still here'");
    assert_eq!(world.value(next).await, "still here");
    world.sandboxes_are_gone(&idle).await;
    failure
}

fn memory_bomb(image: &str) -> RemoteFunctionRequest {
    let mut request = in_image(
        image,
        "export default () => {
           const kept = [];
           for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
         }",
    );
    request.limits.memory_bytes = Some(128 * MIB);
    request
}

#[tokio::test]
async fn a_memory_bomb_in_quickjs_runs_out_of_memory() {
    let failure = suffer(memory_bomb(QUICKJS)).await;
    assert_eq!(failure.code, FailureCode::OutOfMemory, "{failure:?}");
}

#[tokio::test]
async fn a_memory_bomb_in_node_runs_out_of_memory() {
    let failure = suffer(memory_bomb(NODE)).await;
    assert_eq!(failure.code, FailureCode::OutOfMemory, "{failure:?}");
}

#[tokio::test]
async fn a_memory_bomb_in_deno_runs_out_of_memory() {
    let failure = suffer(memory_bomb(DENO)).await;
    assert_eq!(failure.code, FailureCode::OutOfMemory, "{failure:?}");
}

#[tokio::test]
async fn a_spinning_function_uses_up_its_processor_time() {
    let mut request = in_image(QUICKJS, "export default () => { for (;;); }");
    request.limits.cpu_time_ms = Some(300);
    let failure = suffer(request).await;
    assert_eq!(failure.code, FailureCode::CpuExhausted, "{failure:?}");
}

#[tokio::test]
async fn an_endless_loop_is_timed_out() {
    for image in [QUICKJS, NODE] {
        let mut request = in_image(image, "export default () => { for (;;); }");
        request.timeout_ms = Some(400);
        let failure = suffer(request).await;
        assert_eq!(failure.code, FailureCode::TimedOut, "{image}: {failure:?}");
    }
}

#[tokio::test]
async fn a_function_that_fills_the_disk_finds_it_full() {
    let mut request = in_image(
        NODE,
        "import fs from 'node:fs';
         export default () => {
           for (let i = 0; ; i++) fs.writeFileSync(`/tmp/${i}`, new Uint8Array(1 << 20));
         }",
    );
    request.limits.disk_bytes = Some(8 * MIB);
    let failure = suffer(request).await;
    assert_eq!(failure.code, FailureCode::DiskFull, "{failure:?}");
}

#[tokio::test]
async fn a_function_that_starts_processes_without_end_runs_out_of_them() {
    let mut request = in_image(
        NODE,
        "import { spawn } from 'node:child_process';
         const started = () => new Promise((done, fail) => {
           // Waits for a token, which never comes.
           const waits = ['--listen', 'unix:/tmp/socket', '--runner', '/none'];
           const child = spawn('/veritech/cyclone', waits, { stdio: ['pipe', 'ignore', 'ignore'] });
           child.on('spawn', done).on('error', fail);
         });
         export default async () => { for (;;) await started(); }",
    );
    request.limits.processes = Some(32);
    let failure = suffer(request).await;
    assert_eq!(failure.code, FailureCode::TooManyProcesses, "{failure:?}");
}

#[tokio::test]
async fn a_function_that_ends_its_process_is_reported_with_the_exit_code() {
    let request = in_image(NODE, "export default () => process.exit(7)");
    let failure = suffer(request).await;
    assert_eq!(failure.code, FailureCode::RunnerExited, "{failure:?}");
    assert_eq!(
        failure.details.get("exit_code"),
        Some(&7.into()),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_flood_of_output_ends_with_the_function() {
    let mut request = in_image(
        NODE,
        "const line = 'x'.repeat(65536) + '\\n';
         export default async () => {
           for (;;) await new Promise((done) => process.stdout.write(line, done));
         }",
    );
    request.timeout_ms = Some(1000);
    let failure = suffer(request).await;
    assert_eq!(failure.code, FailureCode::TimedOut, "{failure:?}");
}
