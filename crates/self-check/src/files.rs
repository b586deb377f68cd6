//! Files that must not be read or written, really opened. Nothing is written to them.

use std::fs::{self, File, OpenOptions};
use std::os::unix::net::UnixStream;

/// Files of the host, and of cyclone.
const SECRETS: [&str; 10] = [
    "/proc/1/environ",
    "/proc/1/mem",
    "/proc/1/maps",
    "/proc/kcore",
    "/proc/kmsg",
    "/etc/shadow",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/kvm",
    "/dev/fuse",
];

/// Directories that are to be empty or not there; `/proc/1/fd` is cyclone's.
const ELSEWHERE: [&str; 4] = ["/root", "/home", "/mnt", "/proc/1/fd"];

/// Sockets that are as good as root.
const SOCKETS: [&str; 3] = [
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/systemd/private",
];

/// Files through which a host is changed.
const SWITCHES: [&str; 7] = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/drop_caches",
    "/proc/sysrq-trigger",
    "/proc/1/oom_score_adj",
    "/sys/kernel/uevent_helper",
    "/veritech/cyclone",
];

/// Directories that only the host writes to.
const DIRECTORIES: [&str; 10] = [
    "/",
    "/bin",
    "/dev",
    "/etc",
    "/lib",
    "/run",
    "/usr",
    "/var",
    "/veritech",
    "/sys/fs/cgroup",
];

/// The name of a file that is made and removed again where it should be impossible.
const NEW: &str = ".veritech-self-check";

/// What `/dev` may hold.
const HARMLESS: [&str; 16] = [
    "console", "core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr",
    "stdin", "stdout", "tty", "urandom", "zero",
];

/// Lists places that could be read and must not.
pub(crate) fn readable() -> Vec<String> {
    let files = SECRETS.into_iter().filter(|path| File::open(path).is_ok());
    let directories = ELSEWHERE
        .into_iter()
        .filter(|path| fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()));
    let sockets = SOCKETS
        .into_iter()
        .filter(|path| UnixStream::connect(path).is_ok());
    files
        .chain(directories)
        .chain(sockets)
        .map(str::to_owned)
        .collect()
}

/// Lists places that could be written and must not.
pub(crate) fn writable() -> Vec<String> {
    let files = SWITCHES
        .into_iter()
        .filter(|path| OpenOptions::new().write(true).open(path).is_ok());
    let directories = DIRECTORIES.into_iter().filter(|directory| {
        let path = format!("{directory}/{NEW}");
        let made = File::create_new(&path).is_ok();
        if made {
            // It is told of anyway.
            fs::remove_file(&path).ok();
        }
        made
    });
    files.chain(directories).map(str::to_owned).collect()
}

/// Lists devices that no function needs.
pub(crate) fn devices() -> Vec<String> {
    let Ok(entries) = fs::read_dir("/dev") else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !HARMLESS.contains(&name.as_str()))
        .collect()
}
