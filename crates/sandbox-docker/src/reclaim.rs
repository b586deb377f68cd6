//! Removes the containers of dispatchers that no longer run.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, SystemTime};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum as State};
use bollard::query_parameters::ListContainersOptionsBuilder;
use sandbox::ReclaimError;

use crate::container::{INSTANCE_LABEL, LEASE_LABEL};
use crate::daemon::Daemon;
use crate::events::Events;
use crate::removal;

/// How long removing one container may take.
const REMOVAL_DEADLINE: Duration = Duration::from_secs(15);

/// How old a lease must be that was made but not started. Large, as the clock of
/// the daemon's host may be another.
const ABANDONED_AFTER: Duration = Duration::from_secs(10 * 60);

/// Removes what no live instance has, and says how much that was.
///
/// # Errors
///
/// Returns the first container that could not be removed, after trying all.
pub(crate) async fn reclaim(daemon: &Daemon, events: &Events) -> Result<usize, ReclaimError> {
    let filters = HashMap::from([("label", vec![INSTANCE_LABEL])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let listed = daemon.api().list_containers(Some(options));
    let listed = daemon
        .ask("list containers", listed)
        .await
        .map_err(|error| failed("containers", error))?;
    let mut first_error = None;
    let mut removed = 0;
    for id in nobodys(&listed, |name| events.is_watched(name), SystemTime::now()) {
        match removal::remove(daemon, &id, REMOVAL_DEADLINE).await {
            Ok(true) => removed += 1,
            // Gone meanwhile, or listed by a daemon that does not have it: one that
            // was killed while it removed containers does so until its next start.
            Ok(false) => {}
            Err(error) => first_error = first_error.or_else(|| Some(failed(&id, error))),
        }
    }
    match first_error {
        Some(error) => Err(error),
        None => Ok(removed),
    }
}

fn failed(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> ReclaimError {
    ReclaimError {
        what: what.to_owned(),
        source: io::Error::other(error),
    }
}

/// Returns the ids of the containers that belong to nobody.
///
/// All were listed at once. A sandbox is made after its instance's lease runs, so
/// the list has both or the lease is over. What `is_ours` is being looked after.
fn nobodys(
    listed: &[ContainerSummary],
    is_ours: impl Fn(&str) -> bool,
    now: SystemTime,
) -> Vec<String> {
    let live: HashSet<&str> = listed
        .iter()
        .filter(|it| it.state == Some(State::RUNNING))
        .filter_map(|it| label(it, LEASE_LABEL))
        .collect();
    let is_nobodys = |container: &&ContainerSummary| match label(container, LEASE_LABEL) {
        Some(_) => match container.state {
            Some(State::RUNNING) => false,
            Some(State::CREATED) => age(container, now) > ABANDONED_AFTER,
            _ => true,
        },
        None => label(container, INSTANCE_LABEL).is_none_or(|instance| !live.contains(instance)),
    };
    listed
        .iter()
        .filter(is_nobodys)
        // One that was half removed has no name.
        .filter(|container| !name(container).is_some_and(&is_ours))
        .filter_map(|container| container.id.clone())
        .collect()
}

fn label<'a>(container: &'a ContainerSummary, name: &str) -> Option<&'a str> {
    container.labels.as_ref()?.get(name).map(String::as_str)
}

fn name(container: &ContainerSummary) -> Option<&str> {
    let name = container.names.as_ref()?.first()?;
    Some(name.strip_prefix('/').unwrap_or(name))
}

fn age(container: &ContainerSummary, now: SystemTime) -> Duration {
    let created = container
        .created
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    created
        .and_then(|created| now.duration_since(created).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, instance: &str, lease: bool, state: State) -> ContainerSummary {
        let mut labels = HashMap::from([(INSTANCE_LABEL.to_owned(), instance.to_owned())]);
        if lease {
            labels.insert(LEASE_LABEL.to_owned(), instance.to_owned());
        }
        ContainerSummary {
            id: Some(name.to_owned()),
            names: Some(vec![format!("/{name}")]),
            labels: Some(labels),
            state: Some(state),
            created: Some(1000),
            ..ContainerSummary::default()
        }
    }

    #[test]
    fn only_the_containers_of_instances_without_a_running_lease_are_nobodys() {
        let listed = [
            container("live-lease", "live", true, State::RUNNING),
            container("live-1", "live", false, State::RUNNING),
            container("live-2", "live", false, State::EXITED),
            container("dead-lease", "dead", true, State::EXITED),
            container("dead-1", "dead", false, State::RUNNING),
            container("dead-2", "dead", false, State::CREATED),
            container("starting-lease", "starting", true, State::CREATED),
            container("ours-1", "ours", false, State::RUNNING),
        ];
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let ours = |name: &str| name == "ours-1";

        assert_eq!(
            nobodys(&listed, ours, at(1001)),
            ["dead-lease", "dead-1", "dead-2"]
        );
        assert!(
            nobodys(&listed, ours, at(10_000)).contains(&"starting-lease".to_owned()),
            "a lease that was never started stays for ever"
        );
    }
}
