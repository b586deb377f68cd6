//! The native engine's part of the capability matrix.

use sandbox::{Capabilities, Case, EngineKind, Network};

use crate::cgroup::{Cgroups, Controllers, Version};
use crate::config::Config;
use crate::enforcement::{Workload, enforcement};

/// The networks that sandboxes can be given.
pub(crate) const NETWORKS: &[Network] = &[Network::None];

/// The name of each kind of image.
const IMAGES: [(&str, Workload); 2] = [
    ("builtin", Workload::Builtin),
    ("all others", Workload::Runtime),
];

/// Returns what the engine offers, on every kind of host.
pub fn capabilities() -> Capabilities {
    let whole = |version| Controllers {
        version,
        memory: true,
        processes: true,
        cpu: true,
    };
    let hosts = [Some(whole(Version::V2)), Some(whole(Version::V1)), None];
    Capabilities {
        engine: EngineKind::Native,
        needs: "Linux 5.12 with user namespaces and seccomp filters; cgroups that it can write \
                to, for the limits that they hold",
        identities: "started by root: two unprivileged host users for each sandbox; \
                     by another user: that user",
        networks: NETWORKS,
        cases: hosts
            .iter()
            .flat_map(|controllers| cases(controllers.as_ref()))
            .collect(),
    }
}

/// Returns what holds on this host as it is.
pub fn cases_here(config: &Config) -> Vec<Case> {
    let cgroups = config.cgroups.then(Cgroups::open).and_then(Result::ok);
    let controllers = cgroups.as_ref().map(Cgroups::controllers);
    cases(controllers.as_ref()).into()
}

/// Returns what enforces the limits with these controllers, `None` where there
/// are no cgroups: for builtin images, then for all others.
pub(crate) fn cases(controllers: Option<&Controllers>) -> [Case; 2] {
    IMAGES.map(|(images, workload)| Case {
        host: host(controllers),
        images,
        enforcement: enforcement(controllers, workload),
    })
}

/// Says in words what a host has.
fn host(controllers: Option<&Controllers>) -> String {
    let Some(controllers) = controllers else {
        return "without cgroups".to_owned();
    };
    let version = match controllers.version {
        Version::V1 => "cgroups v1",
        Version::V2 => "cgroups v2",
    };
    let missing: Vec<&str> = [
        ("memory", controllers.memory),
        ("processes", controllers.processes),
        ("cpu", controllers.cpu),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| (!is_there).then_some(name))
    .collect();
    if missing.is_empty() {
        version.to_owned()
    } else {
        format!("{version} without {}", missing.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_lacks_is_said() {
        let controllers = Controllers {
            version: Version::V1,
            memory: true,
            processes: true,
            cpu: false,
        };

        assert_eq!(host(Some(&controllers)), "cgroups v1 without cpu");
        assert_eq!(host(None), "without cgroups");
    }

    #[test]
    fn this_host_without_cgroups_is_one_of_the_matrix() {
        let config = Config {
            cgroups: false,
            ..Config::default()
        };
        let matrix = capabilities().cases;

        for case in cases_here(&config) {
            assert!(matrix.contains(&case), "{case:?}");
        }
    }
}
