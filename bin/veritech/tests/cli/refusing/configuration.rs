//! Configurations that are unsafe, or run nothing.

use super::{configuration, is_refused, is_root, is_warned_of, serve, serve_after_mounting};

#[test]
fn inbox_prefixes_that_reach_requests_are_refused() {
    let file =
        configuration("inbox_prefixes = [\"_INBOX\", \"staging\"]\nsubject_prefix = \"staging\"\n");
    let mut command = serve();
    is_refused(
        command.arg("--config").arg(file.path()),
        &["reply subjects: ", "`staging` reaches `staging.veritech`"],
    );
}

#[test]
fn limits_that_limit_nothing_or_run_nothing_are_refused() {
    for (text, key) in [
        (
            "[limits.maximum]\ntimeout = \"30days\"\n",
            "`limits.maximum.timeout`",
        ),
        (
            "[limits.default]\nmemory = \"1MiB\"\n",
            "`limits.default.memory`",
        ),
        ("[limits.default]\ndisk = \"0B\"\n", "`limits.default.disk`"),
    ] {
        let file = configuration(text);
        let mut command = serve();
        is_refused(command.arg("--config").arg(file.path()), &["limits: ", key]);
    }
}

#[test]
fn more_memory_for_a_function_than_there_is_is_refused() {
    let file = configuration(
        "[limits.default]\nmemory = \"64TiB\"\n[limits.maximum]\nmemory = \"64TiB\"\n",
    );
    let mut command = serve();
    is_refused(
        command.arg("--config").arg(file.path()),
        &["memory for places: ", "lower `limits.default.memory`"],
    );
}

#[test]
fn more_places_than_there_is_memory_for_are_warned_of() {
    let file = configuration("places = 500\n[limits.default]\nmemory = \"1GiB\"\n");
    let mut command = serve();
    is_warned_of(
        command.arg("--config").arg(file.path()),
        &["memory for places", "set `places = "],
    );
}

#[test]
fn host_users_of_the_hosts_own_are_refused() {
    if !is_root() {
        return;
    }
    for first in ["0", "999", "1000", "65534", "4294967295"] {
        let mut command = serve();
        command.env("VERITECH_NATIVE_FIRST_HOST_UID", first);
        is_refused(
            &mut command,
            &["host users: ", "fix: set `native.first_host_uid = "],
        );
    }
}

#[test]
fn host_users_that_somebody_has_are_refused_by_his_name() {
    if !is_root() {
        return;
    }
    for (file, line) in [
        ("/etc/passwd", "somebody:x:1879050000:100::/:/bin/sh"),
        ("/etc/group", "somebody:x:1879050000:"),
        ("/etc/subuid", "somebody:1879040000:65536"),
    ] {
        let script = format!(
            "[ -e {file} ] || exit 0\n\
             mount -t tmpfs none /mnt\n\
             (cat {file}; echo {line}) > /mnt/other\n\
             mount --bind /mnt/other {file}"
        );
        let mut command = serve_after_mounting(&script);
        is_refused(&mut command, &["host users: ", "`somebody`"]);
    }
}

#[test]
fn sampled_memory_is_refused_unless_it_is_allowed() {
    if !is_root() {
        return;
    }
    let file = configuration("[native]\nhost_images = true\n");
    // Where nothing can be written, there are no cgroups for sandboxes.
    let script = "for it in /sys/fs/cgroup/* /sys/fs/cgroup; do mount --bind -o ro /proc/self/task $it || true; done";
    let mut command = serve_after_mounting(script);
    is_refused(
        command.arg("--config").arg(file.path()),
        &["memory limits: ", "native.allow_sampled"],
    );
    let mut command = serve_after_mounting(script);
    command.env("VERITECH_NATIVE_ALLOW_SAMPLED", "true");
    is_warned_of(
        command.arg("--config").arg(file.path()),
        &["memory limits", "as configured"],
    );
}

#[test]
fn registries_in_the_clear_are_warned_of() {
    let mut command = serve();
    command.env("VERITECH_INSECURE_REGISTRIES", "registry.example.com:5000");
    is_warned_of(&mut command, &["registries", "registry.example.com:5000"]);
}

#[test]
fn a_docker_daemon_elsewhere_in_the_clear_is_refused() {
    let mut command = serve();
    command
        .args(["--engine", "docker"])
        .env("VERITECH_DOCKER_HOST", "tcp://192.0.2.1:2375")
        .env("VERITECH_DOCKER_CALL_TIMEOUT", "200ms");
    is_refused(
        &mut command,
        &["docker address: ", "docker daemon: ", "tunnel"],
    );
}
