//! The one table of what enforces which limit, for `started` events and the
//! capability matrix.

use sandbox::{Enforcement, Mechanism};

use crate::cgroup::Controllers;

/// What the processes of a sandbox are like, as far as limits are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Our own programs, whose memory is what they write to.
    Builtin,
    /// A language runtime, which reserves far more memory than it uses: limits
    /// on reservations keep it from starting at all.
    Runtime,
}

/// Returns what enforces each limit with these controllers, `None` where there
/// are no cgroups.
pub(crate) fn enforcement(controllers: Option<&Controllers>, workload: Workload) -> Enforcement {
    let by_cgroup = |has: fn(&Controllers) -> bool| {
        controllers
            .filter(|controllers| has(controllers))
            .map(|controllers| controllers.version.mechanism())
    };
    Enforcement {
        memory: by_cgroup(|it| it.memory).unwrap_or(match workload {
            Workload::Builtin => Mechanism::Rlimit,
            Workload::Runtime => Mechanism::Sampled,
        }),
        cpu: by_cgroup(|it| it.cpu).unwrap_or(Mechanism::Affinity),
        // No kernel interface ends a group of processes at a sum of time.
        cpu_time: Mechanism::Sampled,
        processes: by_cgroup(|it| it.processes).unwrap_or(Mechanism::Rlimit),
        disk: Mechanism::Tmpfs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgroup::Version;

    #[test]
    fn a_controller_that_is_missing_is_stood_in_for_alone() {
        let controllers = Controllers {
            version: Version::V2,
            memory: true,
            processes: true,
            cpu: false,
        };

        let table = enforcement(Some(&controllers), Workload::Runtime);

        assert_eq!(table.memory, Mechanism::CgroupV2);
        assert_eq!(table.cpu, Mechanism::Affinity);
        assert_eq!(table.processes, Mechanism::CgroupV2);
    }

    #[test]
    fn a_runtime_without_cgroups_has_its_memory_sampled() {
        assert_eq!(
            enforcement(None, Workload::Runtime).memory,
            Mechanism::Sampled
        );
        assert_eq!(
            enforcement(None, Workload::Builtin).memory,
            Mechanism::Rlimit
        );
    }
}
