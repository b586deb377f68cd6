//! Limits that are none, or under which nothing runs.

use sandbox::Check;
use veritech_protocol::{Bound, Bounds};

use crate::list::LIMITS;

const MIB: u64 = 1 << 20;

/// The smallest memory in which the smallest runner answers.
const LEAST_MEMORY: u64 = 16 * MIB;

/// Cyclone and a runner.
const LEAST_PROCESSES: u64 = 2;

/// A day: whatever runs longer is a service and no function.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// More processes than a host has numbers for, at a few places.
const MOST_PROCESSES: u64 = 16 * 1024;

/// Decides whether every limit limits, and leaves room to run.
pub fn check(bounds: &Bounds) -> Check {
    let rules: [(&str, &Bound, u64, u64); 7] = [
        ("timeout", &bounds.timeout_ms, 1, LONGEST_MS),
        ("cpu_time", &bounds.cpu_time_ms, 1, LONGEST_MS),
        ("memory", &bounds.memory_bytes, LEAST_MEMORY, u64::MAX / 2),
        ("cpus", &bounds.cpu_millis, 1, u64::MAX / 2),
        (
            "processes",
            &bounds.processes,
            LEAST_PROCESSES,
            MOST_PROCESSES,
        ),
        ("disk", &bounds.disk_bytes, 4096, u64::MAX / 2),
        ("result", &bounds.result_bytes, 1, u64::MAX / 2),
    ];
    for (name, bound, least, most) in rules {
        let problem = if bound.default < least {
            format!("`limits.default.{name}` is too little to run anything")
        } else if bound.maximum > most {
            format!("`limits.maximum.{name}` is so much that it limits nothing")
        } else {
            continue;
        };
        let unit = match name {
            "timeout" | "cpu_time" => "ms",
            "cpus" => "thousandths",
            "processes" => "processes",
            _ => "bytes",
        };
        return Check::refused(
            LIMITS,
            problem,
            format!("set it between {least} and {most} {unit}, or leave it out"),
        );
    }
    Check::passed(LIMITS, "every one limits, and leaves room to run")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_fine() {
        assert!(check(&Bounds::default()).ok);
    }

    #[test]
    fn too_little_and_no_limit_at_all_are_refused_by_the_key() {
        type Break = fn(&mut Bounds);
        let broken: [(&str, Break); 6] = [
            ("default.processes", |it| it.processes.default = 1),
            ("default.memory", |it| it.memory_bytes.default = MIB),
            ("default.disk", |it| it.disk_bytes.default = 0),
            ("default.result", |it| it.result_bytes.default = 0),
            ("maximum.timeout", |it| {
                it.timeout_ms.maximum = LONGEST_MS + 1;
            }),
            ("maximum.processes", |it| it.processes.maximum = 1 << 20),
        ];
        for (key, break_it) in broken {
            let mut bounds = Bounds::default();
            break_it(&mut bounds);
            let found = check(&bounds);
            assert!(
                found.is_refusal() && found.detail.contains(key),
                "{found:?}"
            );
        }
    }
}
