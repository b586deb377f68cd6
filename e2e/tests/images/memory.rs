//! Language runtimes that give up by themselves.

use std::fs;

use e2e::World;
use veritech_protocol::{FailureCode, Kind, Origin, RemoteFunctionRequest};

use crate::docker::docker;

const MIB: u64 = 1 << 20;

/// Publishes Node.js with a heap of `heap_mib`, whatever its sandbox may use, and
/// returns the image's name and tag.
fn publish(heap_mib: u64) -> (String, String) {
    let registry = e2e::published_images();
    let directory = tempfile::tempdir().expect("a directory");
    let dockerfile = format!(
        "FROM {registry}/javascript-node\n\
         LABEL org.veritech.runner=\"/usr/local/bin/node --experimental-vm-modules --no-warnings \
         --max-old-space-size={heap_mib} /veritech/javascript/bundle/node.cjs\"\n"
    );
    fs::write(directory.path().join("Dockerfile"), dockerfile).expect("written");
    let (name, tag) = (
        format!("{registry}/small-heap"),
        std::process::id().to_string(),
    );
    let image = format!("{name}:{tag}");
    let context = directory.path().to_str().expect("a path in UTF-8");
    docker(["build", "--tag", &image, context]);
    docker(["push", &image]);
    docker(["image", "rm", &image]);
    (name, tag)
}

#[tokio::test]
async fn a_runtime_that_aborts_within_its_limit_is_told_as_out_of_memory() {
    let (name, tag) = publish(160);
    let store = tempfile::tempdir().expect("a directory");
    let world = World::start(&format!(
        "[store]\npath = {:?}\n[[images]]\npattern = \"{name}\"\n",
        store.path()
    ))
    .await;
    let mut request = RemoteFunctionRequest::new(
        Kind::Resolver,
        &name,
        "export default () => { const kept = []; for (;;) kept.push({ a: [1, 2, 3] }); }",
    );
    request.container_tag = tag;
    request.queue_timeout_ms = Some(60_000);
    request.limits.memory_bytes = Some(240 * MIB);

    let failure = world.failure(request).await;

    assert_eq!(failure.code, FailureCode::OutOfMemory, "{failure:?}");
    assert_eq!(failure.origin, Origin::User, "{failure:?}");
    // The kernel kills at the limit and not before: this one gave up by itself.
    let measured = failure.details.get("measured").and_then(|it| it.as_u64());
    assert!(measured < Some(240 * MIB), "{failure:?}");
}
