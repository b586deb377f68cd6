//! What the kernel keeps by number or name until somebody removes it.

use std::fs;

use super::Item;

/// Where the kernel lists objects of System V's interprocess communication.
const IPC: [&str; 3] = ["shm", "sem", "msg"];

/// Returns the network devices.
pub(super) fn devices() -> Vec<Item> {
    let entries = fs::read_dir("/sys/class/net")
        .into_iter()
        .flatten()
        .flatten();
    entries
        .map(|entry| Item::Device(entry.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Returns the objects of System V's interprocess communication.
pub(super) fn ipc() -> Vec<Item> {
    let of_kind = |kind: &str| {
        let table = fs::read_to_string(format!("/proc/sysvipc/{kind}")).unwrap_or_default();
        let numbers = table.lines().skip(1).map(|line| {
            // The key and the number; what follows changes.
            let fields: Vec<_> = line.split_whitespace().take(2).collect();
            Item::Ipc(format!("{kind} {}", fields.join(" ")))
        });
        numbers.collect::<Vec<_>>()
    };
    IPC.into_iter().flat_map(of_kind).collect()
}
