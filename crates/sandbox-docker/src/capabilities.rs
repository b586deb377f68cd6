//! The Docker engine's part of the capability matrix.

use sandbox::{Capabilities, Case, Enforcement, EngineKind, Mechanism, Network};

/// Returns what enforces each limit, where the daemon has cgroups of the version
/// that `cgroup` stands for.
pub const fn enforcement(cgroup: Mechanism) -> Enforcement {
    Enforcement {
        memory: cgroup,
        cpu: cgroup,
        // No kernel interface ends a group of processes at a sum of time.
        cpu_time: Mechanism::Sampled,
        processes: cgroup,
        disk: Mechanism::Tmpfs,
    }
}

/// Returns what holds where the daemon has cgroups of that version.
pub fn case(cgroup: Mechanism) -> Case {
    Case {
        host: match cgroup {
            Mechanism::CgroupV1 => "cgroups v1".to_owned(),
            Mechanism::CgroupV2 => "cgroups v2".to_owned(),
            other => other.name().to_owned(),
        },
        images: "all",
        enforcement: enforcement(cgroup),
    }
}

/// Returns what the engine offers, with every kind of daemon.
pub fn capabilities() -> Capabilities {
    Capabilities {
        engine: EngineKind::Docker,
        needs: "Docker Engine 20.10 or later, local or remote",
        identities: "an unprivileged host user for each sandbox, another one if the daemon \
                     remaps users",
        networks: &[Network::None, Network::Egress],
        cases: [Mechanism::CgroupV2, Mechanism::CgroupV1].map(case).into(),
    }
}
