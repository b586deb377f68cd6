//! What a dispatcher has left on the host.

use testkit::HostInventory;
use testkit::inventory::Item;

/// Names of processes that a dispatcher or a sandbox may consist of.
const OURS: [&str; 6] = [
    "veritech",
    "cyclone",
    "quickjs",
    "node",
    "deno",
    "MainThread",
];

/// Returns what is there now, was not there `before`, and can be ours: every
/// namespace, mount, cgroup, file and socket, and processes by their names,
/// since other programs of the host come and go as they like.
pub fn leftovers(before: &HostInventory) -> Vec<Item> {
    let mut found = HostInventory::take().since(before);
    found.retain(|item| match item {
        Item::Process { name, .. } => OURS.iter().any(|ours| name.contains(ours)),
        _ => true,
    });
    found
}
