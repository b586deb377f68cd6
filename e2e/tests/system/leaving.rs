//! Dispatchers that go away, by request or by force.

use std::time::Duration;

use e2e::functions::{endless, pause};
use e2e::{Instance, LIMIT, Process, World, gone, leftovers};
use futures_util::future;
use testkit::{HostInventory, eventually};
use tokio::time::Instant;
use veritech_protocol::FailureCode;

/// How long any process of a dispatcher may outlive it.
const SOON: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_dispatcher_that_is_asked_to_stop_finishes_or_fails_all_it_has() {
    const EXECUTIONS: u64 = 50;
    let configuration = "places = 50\nqueue = 0\ndrain_timeout = \"3s\"\n";
    let mut world = World::start(configuration).await;
    let idle = world.instance.processes();
    let calls = future::join_all((0..EXECUTIONS).map(|number| {
        let world = &world;
        async move {
            let lasts = if number % 2 == 0 {
                pause(2000)
            } else {
                endless()
            };
            world.started(lasts).await
        }
    }))
    .await;
    let sandboxes: Vec<Process> = world.instance.processes();
    assert!(sandboxes.len() > idle.len(), "{sandboxes:?}");

    world.instance.terminate();
    let ended = future::join_all(calls.into_iter().map(|started| started.call.result())).await;

    let finished = ended.iter().filter(|ended| ended.is_ok()).count();
    assert!(finished > 0, "none was allowed to finish");
    for error in ended.into_iter().filter_map(Result::err) {
        assert_eq!(error.code(), FailureCode::ShuttingDown, "{error:?}");
    }
    let status = world.instance.ended(LIMIT).await;
    assert_eq!(status.code(), Some(0), "{status}");
    gone(SOON, &sandboxes).await;
}

#[tokio::test]
async fn a_second_signal_skips_the_wait() {
    let mut world = World::start("drain_timeout = \"10m\"\n").await;
    let started = world.started(endless()).await;

    world.instance.terminate();
    eventually(LIMIT, "dispatcher that drains", async || {
        world.instance.log().contains("\"draining\"")
    })
    .await;
    world.instance.terminate();

    let error = started.call.result().await.expect_err("it is not finished");
    assert_eq!(error.code(), FailureCode::ShuttingDown, "{error:?}");
    let status = world.instance.ended(LIMIT).await;
    assert_eq!(status.code(), Some(0), "{status}");
}

#[tokio::test]
async fn ctrl_c_in_a_terminal_lets_what_runs_finish() {
    let mut world = World::start("").await;
    let started = world.started(pause(500)).await;

    world.instance.interrupt();

    let ended = started.call.result().await;
    assert!(ended.is_ok(), "{ended:?}");
    let status = world.instance.ended(LIMIT).await;
    assert_eq!(status.code(), Some(0), "{status}");
}

#[tokio::test]
async fn a_dispatcher_stops_when_asked_to_although_its_nats_server_is_gone() {
    let mut world = World::start("drain_timeout = \"1s\"\n").await;
    let processes = world.instance.processes();

    world.server.kill();
    world.instance.terminate();

    let status = world.instance.ended(LIMIT).await;
    assert_eq!(status.code(), Some(0), "{status}");
    gone(SOON, &processes).await;
}

#[tokio::test]
async fn a_dispatcher_that_is_killed_takes_its_sandboxes_along_and_callers_hear_of_it() {
    const HEARTBEAT: Duration = Duration::from_millis(300);
    // What a busy machine may take on top while it ends ten sandboxes.
    const SLACK: Duration = Duration::from_secs(5);
    let world = World::start("heartbeat = \"300ms\"\nplaces = 10\n").await;
    let calls = future::join_all((0..10).map(|_| world.started(endless()))).await;
    let processes = world.instance.processes();
    assert!(processes.len() >= 10, "{processes:?}");

    world.instance.kill();
    let killed = Instant::now();
    let gone = gone(SOON, &processes);
    let heard = future::join_all(calls.into_iter().map(|started| started.call.result()));
    let (heard, ()) = tokio::join!(heard, gone);

    let waited = killed.elapsed();
    assert!(waited < HEARTBEAT * 3 + SLACK, "callers waited {waited:?}");
    for ended in heard {
        let error = ended.expect_err("nobody can have finished it");
        assert_eq!(error.code(), FailureCode::DispatcherLost, "{error:?}");
    }
}

#[tokio::test]
async fn a_dispatcher_outlives_a_restart_of_the_nats_server() {
    let mut world = World::start("").await;
    assert_eq!(world.value(pause(1)).await, 1);

    world.server.restart().await;

    let client = world.patient_client().await;
    let called = eventually(LIMIT, "call that succeeds again", async || {
        client.call(pause(2)).result().await
    })
    .await;
    assert_eq!(called.value::<u64>().expect("a number"), 2);
}

#[tokio::test]
async fn a_call_that_is_under_way_when_the_nats_server_restarts_ends() {
    let mut world = World::start("heartbeat = \"200ms\"\n").await;
    let started = world.started(pause(500)).await;

    let restart = world.server.restart();
    let ended = async { tokio::time::timeout(LIMIT, started.call.result()).await };
    let ((), ended) = tokio::join!(restart, ended);

    // With its value or an error: what matters is that it ends.
    drop(ended.expect("the call ends"));
}

#[tokio::test]
async fn serial_a_dispatcher_removes_what_a_killed_one_has_left() {
    let before = HostInventory::take();
    let mut world = World::start("").await;
    let calls = future::join_all((0..4).map(|_| world.started(endless()))).await;
    world.instance.kill();
    world.instance.ended(LIMIT).await;
    drop(calls);

    let next = Instance::start(&world.server.url(), "next", "").await;
    next.stop().await;

    world.server.kill();
    eventually(LIMIT, "host as it was before", async || {
        let left = leftovers(&before);
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
}
