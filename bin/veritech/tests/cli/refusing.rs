//! What `serve` refuses, with what mends it. Each test breaks one thing for real.

mod configuration;
mod files;
mod host;
mod listed;
mod nats;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::rig::{Done, Function};

/// Nobody listens there: what is not refused fails to connect instead of serving.
const NO_NATS: &str = "nats://127.0.0.1:9";

/// What is said of any refusal.
const REFUSED: &str = "functions must not be taken here";

/// What is said where nothing was refused, but nobody listens.
const NOT_REFUSED: &str = "could not connect";

/// Writes a configuration that nobody else can read or change.
fn configuration(text: &str) -> Function {
    let text = format!("nats_url = {NO_NATS:?}\n{text}");
    let file = Function::named("veritech.toml", &text);
    permit(&file.path(), 0o600);
    file
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its owner may");
}

/// Returns `serve`, started by another program with arguments of its own.
fn serve_under(words: &[&str]) -> Command {
    let program = env!("CARGO_BIN_EXE_veritech");
    let mut all = words.iter().copied().chain([program, "serve"]);
    let mut command = Command::new(all.next().expect("one is always there"));
    command
        .args(all)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("VERITECH_NATS_URL", NO_NATS);
    command
}

fn serve() -> Command {
    serve_under(&[])
}

/// Returns `serve` in a mount namespace of its own, after a script has been there. What
/// it mounts is gone with it.
fn serve_after_mounting(script: &str) -> Command {
    let script = format!("set -e\n{script}\nexec \"$@\"");
    serve_under(&["unshare", "--mount", "sh", "-c", &script, "sh"])
}

/// Returns whether this may mount, which the CI always may.
#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests is told what was left out"
)]
fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        assert!(std::env::var_os("CI").is_none(), "the CI must be root");
        eprintln!("skipped: only root can break this");
    }
    is_root
}

/// Runs a command that must be refused, by each of these words.
#[track_caller]
fn is_refused(command: &mut Command, words: &[&str]) -> Done {
    let done = Done::of(command).exits(3).says(&[REFUSED]).says(words);
    assert!(!done.stderr.contains(NOT_REFUSED), "{done:#?}");
    done
}

/// Runs a command that must not be refused, but warned of by these words.
#[track_caller]
fn is_warned_of(command: &mut Command, words: &[&str]) {
    let done = Done::of(command).exits(3).says(&[NOT_REFUSED]).says(words);
    assert!(!done.stderr.contains(REFUSED), "{done:#?}");
}

#[test]
fn a_host_as_it_should_be_is_not_refused() {
    let done = Done::of(&mut serve()).exits(3).says(&[NOT_REFUSED]);
    assert!(!done.stderr.contains(REFUSED), "{done:#?}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_what_mends_it() {
    let file = configuration(
        "inbox_prefixes = [\"veritech\"]\n\
         [limits.default]\nprocesses = 1\n\
         [native]\nfirst_host_uid = 1000\n",
    );
    permit(&file.path(), 0o666);
    let mut command = serve_under(&["prlimit", "--nofile=100:100"]);
    let done = is_refused(
        command.arg("--config").arg(file.path()),
        &[
            "reply subjects: ",
            "limits: ",
            "configuration file: ",
            "open files: ",
            "fix: set `inbox_prefixes`",
            "fix: set `LimitNOFILE=",
        ],
    );
    let fixes = done.stderr.matches("fix: ").count();
    assert!(fixes >= 4, "{done:#?}");
}
