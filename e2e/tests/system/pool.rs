//! Sandboxes that wait for work.

use e2e::World;
use e2e::functions::resolver;
use veritech_protocol::FailureCode;

const TWO_WARM: &str = "[pool]\n\"builtin/quickjs\" = 2\n";

#[tokio::test]
async fn a_request_gets_a_waiting_sandbox_and_the_next_one_is_made_ready() {
    let world = World::start(TWO_WARM).await;
    world.figure_is("warm", 2).await;

    let started = world.started(resolver("export default () => 1")).await;

    assert!(started.warm);
    started.call.result().await.expect("the function returns");
    world.figure_is("warm", 2).await;
    world.figure_is("warm_starts", 1).await;
}

#[tokio::test]
async fn a_request_that_no_waiting_sandbox_fits_gets_a_fresh_one() {
    let world = World::start(TWO_WARM).await;
    world.figure_is("warm", 2).await;
    let mut request = resolver("export default () => 1");
    request.limits.disk_bytes = Some(1 << 20);

    let started = world.started(request).await;

    assert!(!started.warm);
    started.call.result().await.expect("the function returns");
}

#[tokio::test]
async fn a_waiting_sandbox_that_dies_is_replaced() {
    let world = World::start(TWO_WARM).await;
    world.figure_is("warm", 2).await;
    let processes = world.instance.processes();
    let waiting: Vec<_> = processes
        .iter()
        .filter(|process| process.name.contains("cyclone"))
        .collect();
    assert_eq!(waiting.len(), 2, "{processes:?}");

    for process in &waiting {
        process.kill();
    }

    testkit::eventually(e2e::LIMIT, "end of the killed", async || {
        waiting.iter().all(|process| !process.is_alive())
    })
    .await;
    world.figure_is("warm", 2).await;
    let failed = world.client.call(resolver("export default () => 1"));
    let result = failed.result().await;
    assert!(result.is_ok(), "{result:?}");
}

#[tokio::test]
async fn a_waiting_sandbox_is_used_for_one_function_only() {
    let world = World::start(TWO_WARM).await;
    world.figure_is("warm", 2).await;
    let leave = "export default () => { globalThis.secret = 1; return 1 }";
    let look = "export default () => { if (globalThis.secret) throw new Error('seen') }";

    for _ in 0..3 {
        world.value(resolver(leave)).await;
        let called = world.client.call(resolver(look)).result().await;
        let code = called.err().map(|error| error.code());
        assert_ne!(code, Some(FailureCode::Exception));
    }
}

#[tokio::test]
async fn a_burst_beyond_the_pool_is_answered_and_the_pool_follows_it_up_and_down() {
    let configuration =
        "queue = 64\npool_idle = \"3s\"\n[pool]\n\"builtin/quickjs\" = { max = 8 }\n";
    let world = World::start(configuration).await;

    let calls = (0..40).map(|_| world.value(resolver("export default () => 1")));
    for value in futures_util::future::join_all(calls).await {
        assert_eq!(value, 1);
    }
    world.figure_is_within("warm", 1..=8).await;

    world.figure_is("warm", 0).await;
}
