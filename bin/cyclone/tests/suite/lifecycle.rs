//! Cyclone ends with its dispatcher, and as pid 1 cannot be ended from inside.

use crate::rig::{
    PATIENCE, READY, Rig, VALUE, collect, execution, in_time, is_alive, start, start_with,
};

#[tokio::test]
async fn a_dispatcher_that_goes_away_before_the_upgrade_ends_everything() {
    let mut rig = start(r#"echo '{"event":"ready"}' >&3; sleep 97"#);

    drop(rig.socket.take());

    assert_eq!(rig.cyclone.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_dispatcher_that_goes_away_before_the_execution_ends_everything() {
    let mut rig = start(r#"echo '{"event":"ready"}' >&3; sleep 97"#);

    drop(rig.ready().await);

    assert_eq!(rig.cyclone.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_dispatcher_that_goes_away_during_the_execution_ends_everything() {
    let mut rig = start(&format!("{READY}echo $$; sleep 97"));
    let mut session = rig.ready().await;
    session.execute(&execution()).await.expect("sent");
    let Ok(Some(veritech_protocol::Frame::Output(output))) = in_time(session.next()).await else {
        panic!("no output");
    };

    drop(session);

    assert_eq!(rig.cyclone.exit_code().await, Some(0));
    testkit::eventually(PATIENCE, "the runner is gone", async || {
        !is_alive(&output.message)
    })
    .await;
}

#[tokio::test]
async fn an_execution_over_the_limit_is_refused() {
    let options = ["--max-request", "1000"];
    let mut rig = start_with(&[], &options, &format!("{READY}{VALUE}"));
    let mut session = rig.ready().await;
    let mut sent = execution();
    sent.code = "x".repeat(2000);
    session.execute(&sent).await.expect("sent");

    let run = collect(session).await;

    assert!(run.outcome.is_none() && run.error.is_some(), "{run:?}");
    assert_eq!(rig.cyclone.exit_code().await, Some(0));
}

/// Starts a cyclone as pid 1 of a namespace of its own and without capabilities, as engines do.
fn start_as_init(script: &str) -> Rig {
    let namespaces = [
        "unshare",
        "--map-user=1000",
        "--map-group=1000",
        "--pid",
        "--mount-proc",
        "--kill-child",
    ];
    start_with(&namespaces, &[], script)
}

#[tokio::test]
async fn no_signal_from_inside_reaches_pid_1() {
    let mut rig = start_as_init(&format!(
        "{READY}for signal in $(seq 1 64) $(seq 1 64) $(seq 1 64); do kill -$signal 1 2>/dev/null; done; {VALUE}"
    ));

    let run = rig.run(&execution()).await;

    assert_eq!(run.value(), "1", "{run:?}");
}

#[tokio::test]
async fn the_memory_of_pid_1_cannot_be_opened_from_inside() {
    let mut rig = start_as_init(&format!(
        "{READY}cat /proc/1/environ 2>&1 | tr '\\0' ' ' | head -c 100; (: < /proc/1/mem) 2>&1; {VALUE}"
    ));

    let run = rig.run(&execution()).await;

    assert_eq!(run.value(), "1", "{run:?}");
    let denied = |message: &&str| message.contains("ermission denied");
    assert_eq!(
        run.messages()
            .iter()
            .filter(|message| denied(message))
            .count(),
        2,
        "{run:?}"
    );
}

#[tokio::test]
async fn orphans_are_reaped() {
    let mut rig = start_as_init(&format!(
        r#"{READY}for i in 1 2 3 4 5; do (sleep 0.01 & exit) ; done; n=1; while [ "$n" != 0 ]; do n=$(grep -l '(sleep)' /proc/[0-9]*/stat 2>/dev/null | wc -l); done; {VALUE}"#
    ));

    let run = rig.run(&execution()).await;

    assert_eq!(run.value(), "1", "{run:?}");
}

#[tokio::test]
async fn a_fork_bomb_ends_with_the_result() {
    let mut rig = start_as_init(&format!(
        "{READY}i=0; while [ $i -lt 50 ]; do setsid sleep 97 & i=$((i+1)); done; {VALUE}sleep 97"
    ));

    let run = rig.run(&execution()).await;

    assert_eq!(run.value(), "1", "{run:?}");
    assert_eq!(rig.cyclone.exit_code().await, Some(0));
}
