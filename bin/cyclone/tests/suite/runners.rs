//! What a runner may do to cyclone, and what becomes of it.

use veritech_protocol::{Level, Stream};

use crate::rig::{READY, VALUE, collect, execution, in_time, is_alive, start};

#[tokio::test]
async fn a_value_comes_back_and_cyclone_ends() {
    let mut rig = start(&format!("{READY}{VALUE}"));

    let run = rig.run(&execution()).await;

    assert_eq!(run.value(), "1", "{run:?}");
    assert_eq!(rig.cyclone.exit_code().await, Some(0));
}

#[tokio::test]
async fn the_runner_is_given_the_execution_as_one_line() {
    let mut rig = start(&format!(
        r#"{READY}printf '{{"event":"result","status":"success","value":%s}}\n' "$line" >&3"#
    ));
    let mut sent = execution();
    sent.code = "a\nb".to_owned();

    let run = rig.run(&sent).await;

    assert!(run.value().contains(r#""code":"a"#), "{run:?}");
    assert!(run.value().contains(r#""result_bytes":100000"#), "{run:?}");
}

#[tokio::test]
async fn a_runner_that_ends_before_it_is_ready_is_told_with_its_last_words() {
    let mut rig = start("echo 'no such engine' >&2; exit 9");

    let mut session = rig.open().await;
    let early = in_time(session.ready()).await.expect("a whole session");

    let early = format!("{early:?}");
    for part in ["runner_exited", "exit_code", "Number(9)", "no such engine"] {
        assert!(early.contains(part), "`{part}` is missing in {early}");
    }
}

#[tokio::test]
async fn a_runner_that_ends_while_it_waits_is_told() {
    let mut rig = start(r#"echo '{"event":"ready"}' >&3; exit 4"#);

    let mut session = rig.open().await;
    // Which of the two is noticed first is open.
    let told = match in_time(session.ready()).await.expect("a whole session") {
        Some(failure) => format!("{failure:?}"),
        None => format!("{:?}", collect(session).await),
    };

    assert!(told.contains("runner_exited"), "{told}");
}

#[tokio::test]
async fn an_exit_without_a_result_is_told_with_its_code() {
    let run = start(&format!("{READY}echo bye; exit 3"))
        .run(&execution())
        .await;

    let failure = run.failure().expect("a failure");
    assert_eq!(failure.code, "runner_exited");
    assert_eq!(failure.details.get("exit_code"), Some(&3.into()));
    assert_eq!(run.messages(), ["bye"]);
}

#[tokio::test]
async fn a_killed_runner_is_told_with_its_signal() {
    let run = start(&format!("{READY}kill -9 $$")).run(&execution()).await;

    let failure = run.failure().expect("a failure");
    assert_eq!(failure.code, "runner_exited");
    assert_eq!(failure.details.get("signal"), Some(&9.into()));
    assert_eq!(failure.details.get("signal_name"), Some(&"SIGKILL".into()));
}

#[tokio::test]
async fn what_is_not_the_protocol_is_told_as_that() {
    for line in [
        "not json",
        "{",
        "[]",
        r#"{"event":"accepted"}"#,
        r#"{"event":"ready"}"#,
        r#"{"event":"output","stream":"stdlog","message":"x"}"#,
        r#"{"event":"result","status":"success"}"#,
        r#"{"event":"result","status":"failure","failure":{"code":"out_of_memory","message":"x"}}"#,
        r#"{"event":"result","status":"failure","failure":{"code":"sandbox_lost","message":"x"}}"#,
    ] {
        let run = start(&format!("{READY}echo '{line}' >&3; {VALUE}sleep 97"))
            .run(&execution())
            .await;
        assert_eq!(run.code(), "protocol_error", "for {line}: {run:?}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_protocol() {
    let run = start(&format!(r"{READY}printf '{{\377\n' >&3; sleep 97"))
        .run(&execution())
        .await;

    assert_eq!(run.code(), "protocol_error", "{run:?}");
}

#[tokio::test]
async fn a_result_before_the_execution_is_no_protocol() {
    let mut rig = start(&format!(
        r#"echo '{{"event":"ready"}}' >&3; {VALUE}sleep 97"#
    ));

    let run = collect(rig.ready().await).await;

    assert_eq!(run.code(), "protocol_error", "{run:?}");
}

#[tokio::test]
async fn an_endless_line_is_counted_and_not_kept() {
    let run = start(&format!(
        "{READY}head -c 20000000 /dev/zero | tr '\\0' x >&3; echo >&3; sleep 97"
    ))
    .run(&execution())
    .await;

    assert_eq!(run.code(), "protocol_error", "{run:?}");
    assert!(
        run.failure()
            .is_some_and(|failure| failure.message.contains("20000000"))
    );
}

#[tokio::test]
async fn a_result_too_long_for_a_line_is_told_with_its_size() {
    let run = start(&format!(
        r#"{READY}{{ printf '{{"event":"result","status":"success","value":"'; head -c 9000000 /dev/zero | tr '\0' x; printf '"}}\n'; }} >&3; sleep 97"#
    ))
    .run(&execution())
    .await;

    let failure = run.failure().expect("a failure");
    assert_eq!(failure.code, "result_too_large");
    assert_eq!(failure.details.get("limit"), Some(&100_000.into()));
    assert!(
        failure
            .details
            .get("bytes")
            .and_then(|bytes| bytes.as_u64())
            > Some(9_000_000)
    );
}

#[tokio::test]
async fn only_the_first_result_counts() {
    let second = VALUE.replace(":1}", ":2}");
    let run = start(&format!("{READY}{VALUE}{second}"))
        .run(&execution())
        .await;

    assert_eq!(run.value(), "1", "{run:?}");
}

#[tokio::test]
async fn a_result_left_behind_by_an_exited_runner_is_found() {
    for _ in 0..20 {
        let run = start(&format!("{READY}printf a; {VALUE}exit 0"))
            .run(&execution())
            .await;
        assert_eq!(run.value(), "1", "{run:?}");
        assert_eq!(run.messages(), ["a"]);
    }
}

#[tokio::test]
async fn what_is_printed_before_the_result_arrives_before_it() {
    let run = start(&format!(
        "{READY}echo one; echo two >&2; printf three; {VALUE}sleep 97"
    ))
    .run(&execution())
    .await;

    let mut messages = run.messages();
    messages.sort_unstable();
    assert_eq!(messages, ["one", "three", "two"]);
    assert!(run.output.iter().all(|output| output.level.is_none()));
    assert!(run.output.iter().all(|output| output.timestamp.is_some()));
}

#[tokio::test]
async fn reported_output_keeps_its_level_and_gets_a_time() {
    let run = start(&format!(
        r#"{READY}echo '{{"event":"output","stream":"stderr","level":"warn","message":"hm","timestamp":"forged"}}' >&3; {VALUE}"#
    ))
    .run(&execution())
    .await;

    let output = run.output.first().expect("one message");
    assert_eq!(
        (output.stream, output.level),
        (Stream::Stderr, Some(Level::Warn))
    );
    assert_ne!(output.timestamp.as_deref(), Some("forged"));
}

#[tokio::test]
async fn output_over_the_limit_is_cut_and_does_not_block_the_runner() {
    let run = start(&format!("{READY}yes | head -c 5000000; {VALUE}"))
        .run(&veritech_protocol::Execution {
            output_bytes: 10_000,
            ..execution()
        })
        .await;

    let bytes: usize = run.messages().iter().map(|message| message.len()).sum();
    assert_eq!(run.value(), "1", "{:?}", run.outcome);
    // Each of these lines counts as two bytes, and the one over the limit comes as well.
    assert_eq!(bytes, 5001);
}

#[tokio::test]
async fn a_flood_of_empty_lines_is_cut_too() {
    let run = start(&format!(
        "{READY}head -c 5000000 /dev/zero | tr '\\0' '\\n'; {VALUE}"
    ))
    .run(&veritech_protocol::Execution {
        output_bytes: 1000,
        ..execution()
    })
    .await;

    assert_eq!(run.value(), "1", "{:?}", run.outcome);
    assert_eq!(run.output.len(), 1001);
}

#[tokio::test]
async fn something_detached_that_holds_the_pipes_delays_nothing_and_is_killed() {
    let mut rig = start(&format!(
        "{READY}setsid sleep 97 & echo $!; {VALUE}sleep 97"
    ));

    let run = rig.run(&execution()).await;

    assert_eq!(run.value(), "1", "{run:?}");
    assert_eq!(rig.cyclone.exit_code().await, Some(0));
    let pid = run.messages().concat();
    testkit::eventually(crate::rig::PATIENCE, "the sleeper is gone", async || {
        !is_alive(&pid)
    })
    .await;
}

#[tokio::test]
async fn an_exit_counts_although_something_detached_holds_the_pipes() {
    let run = start(&format!("{READY}setsid sleep 97 & exit 5"))
        .run(&execution())
        .await;

    let failure = run.failure().expect("a failure");
    assert_eq!(failure.details.get("exit_code"), Some(&5.into()));
}

#[tokio::test]
async fn closing_every_pipe_is_no_result() {
    let run = start(&format!("{READY}exec 0<&- 1>&- 2>&- 3>&-; exit 0"))
        .run(&execution())
        .await;

    assert_eq!(run.code(), "runner_exited", "{run:?}");
}

#[tokio::test]
async fn a_runner_that_does_not_read_is_ended_in_time_without_a_result() {
    let mut rig = start(r#"echo '{"event":"ready"}' >&3; sleep 97"#);
    let mut sent = execution();
    sent.code = "x".repeat(1_000_000);
    sent.timeout_ms = 200;

    let run = rig.run(&sent).await;

    assert!(run.outcome.is_none() && run.error.is_some(), "{run:?}");
    assert_eq!(rig.cyclone.exit_code().await, Some(0));
}

#[tokio::test]
async fn the_runner_has_nothing_but_its_four_descriptors() {
    let run = start(&format!("{READY}ls /proc/$$/fd; {VALUE}"))
        .run(&execution())
        .await;

    // Some shells keep a descriptor of their own at 10 or above.
    let listed: Vec<u32> = run
        .messages()
        .iter()
        .filter_map(|fd| fd.parse().ok())
        .collect();
    let low: Vec<u32> = listed.into_iter().filter(|&fd| fd < 10).collect();
    assert_eq!(low, [0, 1, 2, 3], "{run:?}");
}

#[tokio::test]
async fn the_runner_starts_with_an_empty_environment() {
    let run = start(&format!(
        "{READY}tr '\\0' '\\n' < /proc/$$/environ; {VALUE}"
    ))
    .run(&execution())
    .await;

    assert_eq!(run.value(), "1", "{run:?}");
    assert!(run.messages().is_empty(), "{run:?}");
}

#[tokio::test]
async fn the_runner_has_its_own_session_and_is_the_first_to_go() {
    let run = start(&format!(
        "{READY}echo $$ $(cut -d' ' -f6 /proc/$$/stat); cat /proc/$$/oom_score_adj; {VALUE}"
    ))
    .run(&execution())
    .await;

    let messages = run.messages();
    let (pid, session) = messages
        .first()
        .and_then(|line| line.split_once(' '))
        .expect("two numbers");
    assert_eq!(pid, session);
    assert_eq!(messages.get(1), Some(&"1000"));
}
