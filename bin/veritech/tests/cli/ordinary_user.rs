//! Everything that needs no privilege works without.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::rig::{Done, greet};

/// The ids that stand for nobody in particular.
const NOBODY: &str = "65534";

/// The command and a function where anybody may read them.
fn open_to_all(function: &Path) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path();
    let program = Path::new(env!("CARGO_BIN_EXE_veritech"));
    fs::copy(program, path.join("veritech")).expect("the command is copied");
    fs::copy(function, path.join("function.js")).expect("the function is copied");
    for (name, mode) in [("", 0o755), ("veritech", 0o755), ("function.js", 0o644)] {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(path.join(name), permissions).expect("its owner may");
    }
    directory
}

/// Returns a command that runs `program` as an ordinary user, whoever we are.
fn unprivileged(program: &Path) -> Command {
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", NOBODY, "--regid", NOBODY])
            .args(["--clear-groups", "--no-new-privs"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command
}

#[test]
fn the_example_greets_an_ordinary_user() {
    let directory = open_to_all(&greet());
    let mut command = unprivileged(&directory.path().join("veritech"));
    command.current_dir(directory.path()).args([
        "run",
        "function.js",
        "--inputs",
        "{\"name\":\"Ada\"}",
    ]);
    let done = Done::of(&mut command).exits(0);
    assert_eq!(done.stdout, "\"Hello, Ada!\"\n", "{done:#?}");
}

#[test]
fn an_ordinary_users_functions_are_limited_too() {
    let directory = open_to_all(&greet());
    let bomb = directory.path().join("function.js");
    let code = "export default () => { const kept = []; for (;;) kept.push('x'.repeat(1e6) + kept.length) }";
    fs::write(&bomb, code).expect("the function is written");
    let mut command = unprivileged(&directory.path().join("veritech"));
    command.current_dir(directory.path()).args([
        "run",
        "function.js",
        "--memory",
        "64MiB",
        "--timeout",
        "20s",
    ]);
    Done::of(&mut command).exits(1).says(&["out of memory"]);
}
