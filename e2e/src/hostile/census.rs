//! What a dispatcher holds, and what there is on its host, at one moment.
//!
//! Everything is counted by what it is, so that two moments can be compared:
//! processes and what waits to be reaped, containers, descriptors by their kind,
//! subscriptions on the NATS server, places; and of the host mounts, cgroups, network
//! devices, files and IPC objects.

use std::collections::BTreeMap;
use std::fs;

use testkit::HostInventory;
use testkit::inventory::Item;

use crate::containers::containers;
use crate::engine::TestEngine;
use crate::processes::{Process, descendants};
use crate::world::{World, figure, figures};
use crate::zygotes::is_zygote;

/// The figures of a dispatcher that come back to what they were.
const FIGURES: [&str; 5] = ["places", "running", "waiting", "warm", "quarantined"];

/// The name of the launcher's process.
const LAUNCHER: &str = "veritech-launch";

type Counts = BTreeMap<String, usize>;

/// How many there are of everything.
#[derive(Clone, Debug)]
pub struct Census {
    /// What must be exactly as before.
    exact: Counts,
    /// What may be fewer, since not all of it is ours.
    growing: Counts,
}

impl Census {
    /// Counts.
    ///
    /// # Panics
    ///
    /// If something cannot be asked.
    pub async fn take(world: &World) -> Self {
        let dispatcher = world.instance.id();
        let mut exact = Counts::new();
        let mut growing = Counts::new();

        // Orphans of whatever the dispatcher started are below this process.
        let mut processes = descendants(std::process::id());
        // Functions that ask for other limits have zygotes of their own made, which stay.
        let has_zygotes = TestEngine::current() == TestEngine::Zygotes;
        processes.retain(|process| !has_zygotes || !is_zygote(process));
        for Process { pid, name, .. } in &processes {
            count(&mut exact, format!("process {pid} ({name})"));
        }
        for process in world.instance.processes() {
            count(&mut exact, format!("process {} of a sandbox", process.pid));
        }
        if TestEngine::current() == TestEngine::Docker {
            for id in containers(dispatcher) {
                count(&mut exact, format!("container {id}"));
            }
        }
        let launchers = processes.iter().filter(|process| process.name == LAUNCHER);
        let holders = launchers.map(|process| process.pid).chain([dispatcher]);
        for pid in holders.filter(|_| !has_zygotes) {
            for kind in descriptors(pid) {
                count(&mut growing, format!("descriptor of process {pid}: {kind}"));
            }
        }
        let client = format!("veritech {}", world.instance.name());
        for subscription in world.server.subscriptions_of(&client).await {
            count(&mut exact, format!("subscription {subscription:?}"));
        }
        for (name, data) in figures(&world.client).await {
            for of in FIGURES {
                let number = usize::try_from(figure(&data, of)).unwrap_or(usize::MAX);
                exact.insert(format!("{of} of {name}"), number);
            }
        }
        for item in HostInventory::take()
            .items()
            .filter(|item| is_of(item, dispatcher))
        {
            count(&mut growing, item.to_string());
        }
        Self { exact, growing }
    }

    /// Returns what is not as it was `before`.
    pub fn since(&self, before: &Self) -> Vec<String> {
        let mut changed = Vec::new();
        let mut compare = |now: &Counts, then: &Counts, fewer: bool| {
            let names = now
                .keys()
                .chain(then.keys().filter(|name| !now.contains_key(*name)));
            for name in names {
                let number = |counts: &Counts| counts.get(name).copied().unwrap_or_default();
                let (now, then) = (number(now), number(then));
                if now > then || (fewer && now < then) {
                    changed.push(format!("{name}: {now}, before {then}"));
                }
            }
        };
        compare(&self.exact, &before.exact, true);
        compare(&self.growing, &before.growing, false);
        changed
    }
}

fn count(counts: &mut Counts, name: String) {
    *counts.entry(name).or_default() += 1;
}

/// Whether an item may be a dispatcher's.
///
/// Processes, with the namespaces they hold, are counted by whose child they are, and
/// cgroups are named after their dispatcher: the host may have those of others.
fn is_of(item: &Item, dispatcher: u32) -> bool {
    match item {
        Item::Process { .. } | Item::NetworkNamespace(_) => false,
        Item::Cgroup(path) => path
            .to_string_lossy()
            .contains(&format!("/veritech-{dispatcher}-")),
        _ => true,
    }
}

/// Returns what each descriptor of a process is, without what tells it from its like.
fn descriptors(pid: u32) -> Vec<String> {
    let directory = fs::read_dir(format!("/proc/{pid}/fd"));
    let links = directory.into_iter().flatten().flatten();
    links
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .map(|target| {
            let target = target.to_string_lossy().into_owned();
            match target.split_once(":[") {
                Some((kind, _)) => kind.to_owned(),
                None => target,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(exact: &[(&str, usize)], growing: &[(&str, usize)]) -> Census {
        let counts = |all: &[(&str, usize)]| {
            let owned = all
                .iter()
                .map(|(name, number)| ((*name).to_owned(), *number));
            owned.collect()
        };
        Census {
            exact: counts(exact),
            growing: counts(growing),
        }
    }

    #[test]
    fn what_has_changed_is_told_and_what_the_host_has_less_of_is_not() {
        let before = census(
            &[("places", 8), ("process 1", 1)],
            &[("mount /a", 1), ("file b", 1)],
        );
        assert_eq!(before.since(&before), Vec::<String>::new());

        let after = census(&[("places", 7), ("process 2", 1)], &[("mount /a", 2)]);
        let changed = after.since(&before);
        assert_eq!(
            changed,
            [
                "places: 7, before 8",
                "process 2: 1, before 0",
                "process 1: 0, before 1",
                "mount /a: 2, before 1"
            ]
        );
    }

    #[test]
    fn descriptors_are_counted_by_their_kind() {
        let (ours, _theirs) = std::io::pipe().expect("a pipe");
        let pipes = |kinds: Vec<String>| kinds.iter().filter(|kind| *kind == "pipe").count();
        let two = pipes(descriptors(std::process::id()));
        drop(ours);
        assert_eq!(pipes(descriptors(std::process::id())), two - 1);
    }
}
