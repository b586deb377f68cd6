//! Children are observed through a shell.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};

use super::*;

/// Runs `script` in a shell set up by `setup` and returns what it prints.
fn output_of(script: &str, setup: ChildSetup) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    setup.apply(&mut command).expect("a consistent setup");
    let output = command.output().expect("the shell runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

fn pipe() -> (PipeReader, PipeWriter) {
    io::pipe().expect("a pipe")
}

/// Returns the reading end of a pipe that holds `text`.
fn holding(text: &str) -> OwnedFd {
    let (reader, mut writer) = pipe();
    writer.write_all(text.as_bytes()).expect("room for it");
    reader.into()
}

#[test]
fn a_child_writes_to_the_number_it_was_promised() {
    let (mut reader, writer) = pipe();
    let mut command = Command::new("sh");
    command.args(["-c", "echo hello >&3"]);
    ChildSetup {
        descriptors: vec![(writer.into(), 3)],
        ..ChildSetup::default()
    }
    .apply(&mut command)
    .expect("a consistent setup");
    let mut child = command.spawn().expect("the shell runs");
    drop(command);

    let mut said = String::new();
    reader.read_to_string(&mut said).expect("the pipe ends");
    assert_eq!(said, "hello\n");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn descriptors_that_occupy_each_others_numbers_are_not_mixed_up() {
    let (one, two) = (holding("one\n"), holding("two\n"));
    let (at_one, at_two) = (one.as_raw_fd(), two.as_raw_fd());
    assert!(at_one.max(at_two) < 10, "a shell knows single digits only");

    let output = output_of(
        &format!("cat <&{at_one}; cat <&{at_two}"),
        ChildSetup {
            descriptors: vec![(one, at_two), (two, at_one)],
            ..ChildSetup::default()
        },
    );
    assert_eq!(output, "two\none");
}

#[test]
fn a_program_that_does_not_exist_is_an_error_of_the_spawn() {
    for target in 3..12 {
        let (mut reader, writer) = pipe();
        let mut command = Command::new("/does/not/exist");
        ChildSetup {
            descriptors: vec![(writer.into(), target)],
            ..ChildSetup::default()
        }
        .apply(&mut command)
        .expect("a consistent setup");

        let error = command.spawn().expect_err("there is no such program");
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "target {target}");
        drop(command);
        let mut said = Vec::new();
        reader.read_to_end(&mut said).expect("the pipe ends");
        assert_eq!(said, b"", "the report of the failure must not get out");
    }
}

#[test]
fn a_child_has_only_what_it_was_given() {
    let (_reader, _writer) = pipe();
    let output = output_of(
        "for fd in /proc/self/fd/*; do echo ${fd##*/}; done",
        ChildSetup {
            descriptors: vec![(holding(""), 9)],
            ..ChildSetup::default()
        },
    );
    let own: Vec<&str> = output
        .lines()
        .filter(|fd| ["3", "4", "5", "6", "7", "8", "9"].contains(fd))
        .collect();
    // The shell holds the directory it lists for a moment.
    assert!(own.contains(&"9") && own.len() <= 2, "{output}");
}

#[test]
fn a_child_may_lead_its_own_session() {
    let output = output_of(
        "read -r pid name state parent group session rest < /proc/self/stat; echo $((session - $$))",
        ChildSetup {
            new_session: true,
            ..ChildSetup::default()
        },
    );
    assert_eq!(output, "0");
}

#[test]
fn a_child_may_be_the_first_to_die_when_memory_runs_out() {
    let output = output_of(
        "cat /proc/self/oom_score_adj",
        ChildSetup {
            oom_score_adj: Some(1000),
            ..ChildSetup::default()
        },
    );
    assert_eq!(output, "1000");
}

#[test]
fn a_child_may_have_another_identity_and_the_worst_score() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root may take another identity");
        return;
    }
    let output = output_of(
        "id -u; id -g; id -G; cat /proc/self/oom_score_adj",
        ChildSetup {
            identity: Some(Identity {
                uid: 1001,
                gid: 1002,
            }),
            oom_score_adj: Some(1000),
            ..ChildSetup::default()
        },
    );
    assert_eq!(output, "1001\n1002\n1002\n1000");
}

#[test]
fn a_setup_that_contradicts_itself_is_refused() {
    let mut command = Command::new("true");
    let standard = ChildSetup {
        descriptors: vec![(holding(""), 1)],
        ..ChildSetup::default()
    };
    assert!(matches!(
        standard.apply(&mut command),
        Err(SetupError::Reserved { target: 1 })
    ));

    let twice = ChildSetup {
        descriptors: vec![(holding(""), 3), (holding(""), 4), (holding(""), 3)],
        ..ChildSetup::default()
    };
    assert!(matches!(
        twice.apply(&mut command),
        Err(SetupError::GivenTwice { target: 3 })
    ));
}
