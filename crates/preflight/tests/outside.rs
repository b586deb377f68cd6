//! The program that tries walls, where there are none: everything that it is to find is there.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use preflight::list::{CALLS, COMPANY, FILES_INSIDE, INHERITED, NETWORK_INSIDE, PRIVILEGES};
use preflight::walls;
use sandbox::Check;
use self_check::Report;

/// Runs it as nobody in particular, with some of a sandbox around it: words that come
/// before, such as `env -i`. What it makes of the kernel's objects goes with its namespace.
fn found(around: &[&str]) -> Report {
    let directory = tempfile::tempdir().expect("a directory");
    let program = directory.path().join("cyclone");
    fs::write(&program, builtin::CYCLONE).expect("the program is written");
    for path in [directory.path(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its owner may");
    }
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("unshare");
        command.args([
            "--ipc",
            "setpriv",
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
        ]);
        command
    } else {
        let mut command = Command::new("unshare");
        command.args(["--user", "--ipc"]);
        command
    };
    let mut child = command
        .args(["sh", "-c", "exec \"$@\" 3>&1 1>/dev/null", "sh"])
        .args(around)
        .arg(&program)
        .arg("--self-check")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(b"{}\n").expect("it reads");
    let said = child.wait_with_output().expect("it ends").stdout;
    let said = String::from_utf8(said).expect("text");
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("{\"event\":\"ready\"}"), "{said}");
    let result: serde_json::Value =
        serde_json::from_str(lines.next().expect("a result")).expect("JSON");
    let value = result.get("value").cloned().expect("a value");
    serde_json::from_value(value).expect("a report")
}

fn refused(report: &Report) -> Vec<&'static str> {
    let checks = walls::walls(report).into_iter().filter(Check::is_refusal);
    checks.map(|check| check.name).collect()
}

#[test]
fn without_walls_each_of_them_is_missed() {
    let report = found(&[]);

    let all = [
        CALLS,
        PRIVILEGES,
        FILES_INSIDE,
        NETWORK_INSIDE,
        INHERITED,
        COMPANY,
    ];
    assert_eq!(refused(&report), all, "{report:#?}");
    assert!(report.answered.len() > 20, "{report:#?}");
}

#[test]
fn a_wall_that_is_there_is_not_missed() {
    let report = found(&["env", "-i"]);

    // What the test's own parents have open is there all the same.
    assert!(report.variables.is_empty(), "{report:#?}");
    assert!(refused(&report).contains(&CALLS), "{report:#?}");
}
