//! Files that others can read or change.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{NOT_REFUSED, configuration, is_refused, is_root, permit, serve, serve_after_mounting};
use crate::rig::Done;

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[test]
fn a_configuration_that_others_can_change_is_refused() {
    let file = configuration("places = 2\n");
    for mode in [0o602, 0o666] {
        permit(&file.path(), mode);
        let mut command = serve();
        is_refused(
            command.arg("--config").arg(file.path()),
            &[
                "configuration file: ",
                "can be written by everybody",
                "chmod",
            ],
        );
    }
}

#[test]
fn a_configuration_with_a_password_that_others_can_read_is_refused() {
    let file = configuration("");
    fs::write(file.path(), "nats_url = \"nats://me:secret@127.0.0.1:9\"\n").expect("written");
    permit(&file.path(), 0o644);
    let run = || {
        let mut command = serve();
        command.env_remove("VERITECH_NATS_URL");
        command.arg("--config").arg(file.path());
        command
    };
    let done = is_refused(
        &mut run(),
        &["configuration file: ", "it holds a password", "chmod 600"],
    );
    assert!(!done.stderr.contains("secret"), "{done:#?}");

    permit(&file.path(), 0o600);
    Done::of(&mut run()).exits(3).says(&[NOT_REFUSED]);
}

#[test]
fn a_configuration_of_another_user_is_refused() {
    if !is_root() {
        return;
    }
    let file = configuration("");
    std::os::unix::fs::chown(file.path(), Some(65_534), None).expect("root may");
    let mut command = serve();
    is_refused(
        command.arg("--config").arg(file.path()),
        &["configuration file: ", "belongs to user 65534"],
    );
}

#[test]
fn credentials_that_others_can_read_are_refused() {
    let file = configuration("");
    permit(&file.path(), 0o644);
    let mut command = serve();
    command.env("VERITECH_NATS_CREDENTIALS", file.path());
    is_refused(
        &mut command,
        &["credentials file: ", "it holds a private key", "chmod 600"],
    );
}

#[test]
fn a_program_that_everybody_can_change_is_refused() {
    let directory = directory();
    let program = directory.path().join("veritech");
    fs::copy(env!("CARGO_BIN_EXE_veritech"), &program).expect("it is copied");
    permit(&program, 0o777);
    let mut command = std::process::Command::new(&program);
    command
        .env_clear()
        .args(["serve", "--nats-url", super::NO_NATS]);
    is_refused(&mut command, &["program file: ", "everybody can change"]);
}

#[test]
fn an_interpreter_that_others_can_change_is_refused() {
    let directory = directory();
    let node = directory.path().join("node");
    fs::copy("/bin/true", &node).expect("it is copied");
    permit(&node, 0o757);
    let file = configuration(&format!(
        "[native]\nhost_images = true\nallow_sampled = true\nnode = {node:?}\n"
    ));
    let mut command = serve();
    is_refused(
        command.arg("--config").arg(file.path()),
        &["interpreters: ", "others can change", "`native.node`"],
    );
}

/// Returns a configuration under which images of registries may run, from this store.
fn store_at(path: &Path) -> String {
    format!(
        "[store]\npath = {path:?}\n[native]\nallow_sampled = true\n[[images]]\npattern = \"docker.io/*\"\n"
    )
}

#[test]
fn a_store_that_others_can_change_is_refused() {
    let directory = directory();
    let above = directory.path().join("all");
    let store = above.join("images");
    fs::create_dir_all(&store).expect("it is made");
    // The store takes rights on its own directory away by itself.
    permit(&above, 0o777);
    let file = configuration(&store_at(&store));
    let mut command = serve();
    is_refused(
        command.arg("--config").arg(file.path()),
        &["image store owner: ", "others can change", "`store.path`"],
    );
}

#[test]
fn a_store_from_which_nothing_can_be_executed_is_refused() {
    if !is_root() {
        return;
    }
    let directory = directory();
    let store: PathBuf = directory.path().join("images");
    fs::create_dir(&store).expect("it is made");
    let file = configuration(&store_at(&store));
    let script = format!("mount -t tmpfs -o noexec,mode=700 none {}", store.display());
    let mut command = serve_after_mounting(&script);
    is_refused(
        command.arg("--config").arg(file.path()),
        &["image store: ", "noexec"],
    );
}

#[test]
fn a_docker_socket_of_everybody_is_refused() {
    let directory = directory();
    let socket = directory.path().join("docker.sock");
    let _daemon = UnixListener::bind(&socket).expect("a socket");
    permit(&socket, 0o666);
    let mut command = serve();
    command
        .args(["--engine", "docker"])
        .env(
            "VERITECH_DOCKER_HOST",
            format!("unix://{}", socket.display()),
        )
        .env("VERITECH_DOCKER_CALL_TIMEOUT", "200ms");
    is_refused(&mut command, &["docker socket: ", "chmod 660"]);
}
