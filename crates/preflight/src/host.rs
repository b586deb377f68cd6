//! The kernel, and whether there is enough of what every place takes.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sandbox::Check;

use crate::list::{CORE_DUMPS, KERNEL, MEMORY, OPEN_FILES};

/// The first kernel with everything that the native engine asks of it: `mount_setattr(2)` came last.
const OLDEST_KERNEL: (u32, u32) = (5, 12);

/// Files that a sandbox needs in the dispatcher: its session, its process, its cgroups and pipes.
const FILES_PER_PLACE: u64 = 16;

/// Files that the dispatcher needs anyway.
const FILES: u64 = 128;

/// Looks at the kernel's version.
pub fn kernel() -> Check {
    let name = rustix::system::uname();
    kernel_is(&name.release().to_string_lossy())
}

fn kernel_is(release: &str) -> Check {
    let mut numbers = release
        .split(|it: char| !it.is_ascii_digit())
        .map(str::parse);
    let (oldest, oldest_minor) = OLDEST_KERNEL;
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if (major, minor) >= OLDEST_KERNEL => {
            Check::passed(KERNEL, format!("Linux {release}"))
        }
        _ => Check::refused(
            KERNEL,
            format!("Linux {release} lacks what sandboxes are made with"),
            format!("run Linux {oldest}.{oldest_minor} or later"),
        ),
    }
}

/// Looks at what the host does with a process that crashes.
pub fn core_dumps() -> Check {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    core_pattern_is(pattern.trim())
}

fn core_pattern_is(pattern: &str) -> Check {
    match pattern.strip_prefix('|') {
        // A pipe ignores the limit of zero bytes that sandboxes have.
        Some(program) => Check::warned(
            CORE_DUMPS,
            format!(
                "each function that crashes has the host start `{}` as root, which reads its memory \
                 and may keep it",
                program.split_whitespace().next().unwrap_or(program)
            ),
            "run `sysctl -w kernel.core_pattern=core`: sandboxes write no such files",
        ),
        None => Check::passed(CORE_DUMPS, "nothing is kept of functions that crash"),
    }
}

/// What places may use together.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// How many executions run at once.
    pub places: u64,
    /// How many sandboxes may wait besides.
    pub warm: u64,
    /// Memory of one by default, scratch space included, in bytes.
    pub default_bytes: u64,
    /// The same at most.
    pub maximum_bytes: u64,
}

/// Holds what places may use against the host's memory.
pub fn memory(demand: Demand) -> Check {
    let table = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = table.lines().find_map(|line| {
        let kibibytes = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?;
        kibibytes.trim().parse::<u64>().ok()?.checked_mul(1024)
    });
    match total {
        Some(total) => memory_suffices(demand, total),
        None => Check::warned(
            MEMORY,
            "how much this host has cannot be told",
            "mount /proc, with its `meminfo`",
        ),
    }
}

fn memory_suffices(demand: Demand, total: u64) -> Check {
    let mebibytes = |bytes: u64| bytes >> 20;
    let all = demand.default_bytes.saturating_mul(demand.places);
    let has = mebibytes(total);
    if demand.default_bytes > total {
        return Check::refused(
            MEMORY,
            format!(
                "one function may use {} MiB, and this host has {has} MiB",
                mebibytes(demand.default_bytes)
            ),
            "lower `limits.default.memory`",
        );
    }
    if all > total {
        return Check::warned(
            MEMORY,
            format!(
                "{} places may use {} MiB together, and this host has {has} MiB",
                demand.places,
                mebibytes(all)
            ),
            format!(
                "set `places = {}`, or lower `limits.default.memory`",
                (total / demand.default_bytes.max(1)).max(1)
            ),
        );
    }
    if demand.maximum_bytes > total {
        return Check::warned(
            MEMORY,
            format!(
                "one function may ask for {} MiB, and this host has {has} MiB",
                mebibytes(demand.maximum_bytes)
            ),
            "lower `limits.maximum.memory`",
        );
    }
    let all = mebibytes(all);
    Check::passed(
        MEMORY,
        format!("all places together may use {all} of {has} MiB"),
    )
}

/// Sees that this process may open enough files, and asks for more if it may have them.
pub fn open_files(demand: Demand) -> Check {
    let needed = files_for(demand);
    let limit = getrlimit(Resource::Nofile);
    let check = files_suffice(needed, limit.maximum);
    if check.ok && limit.current.is_some_and(|current| current < needed) {
        let wanted = Rlimit {
            current: Some(needed),
            maximum: limit.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, wanted) {
            return Check::refused(
                OPEN_FILES,
                format!("{needed} are needed, and cannot be had: {error}"),
                fix_for_files(needed),
            );
        }
    }
    check
}

fn files_for(demand: Demand) -> u64 {
    let sandboxes = demand.places.saturating_add(demand.warm);
    FILES.saturating_add(sandboxes.saturating_mul(FILES_PER_PLACE))
}

fn files_suffice(needed: u64, maximum: Option<u64>) -> Check {
    match maximum {
        Some(maximum) if maximum < needed => Check::refused(
            OPEN_FILES,
            format!("{needed} are needed for all places, and {maximum} are allowed"),
            fix_for_files(needed),
        ),
        _ => Check::passed(
            OPEN_FILES,
            format!("the {needed} that all places need are allowed"),
        ),
    }
}

fn fix_for_files(needed: u64) -> String {
    format!("set `LimitNOFILE={needed}` in the unit or run `ulimit -n {needed}`, or lower `places`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn demand(places: u64, default_bytes: u64, maximum_bytes: u64) -> Demand {
        Demand {
            places,
            warm: 0,
            default_bytes,
            maximum_bytes,
        }
    }

    #[test]
    fn a_kernel_must_have_all_that_is_asked_of_it() {
        for enough in ["5.12.0", "6.1.0-18-amd64", "5.15.0-microsoft", "10.0"] {
            assert!(kernel_is(enough).ok, "{enough}");
        }
        for old in ["5.11.22", "4.18.0-553.el8", "2.6.60", "unknown", ""] {
            assert!(kernel_is(old).is_refusal(), "{old}");
        }
    }

    #[test]
    fn a_program_that_reads_crashed_functions_is_named() {
        let piped = core_pattern_is("|/usr/share/apport/apport -p%p -s%s");

        assert!(!piped.ok && !piped.required);
        assert!(
            piped.detail.contains("`/usr/share/apport/apport`"),
            "{piped:?}"
        );
        assert!(core_pattern_is("core").ok);
        assert!(core_pattern_is("/var/crash/core.%p").ok);
    }

    #[test]
    fn one_function_must_fit_and_all_should() {
        assert!(memory_suffices(demand(4, GIB, 2 * GIB), 8 * GIB).ok);
        assert!(memory_suffices(demand(1, 9 * GIB, 9 * GIB), 8 * GIB).is_refusal());
        let many = memory_suffices(demand(40, GIB, GIB), 8 * GIB);
        assert!(!many.ok && !many.required, "{many:?}");
        assert!(many.fix.is_some_and(|fix| fix.contains("`places = 8`")));
        let large = memory_suffices(demand(1, GIB, 9 * GIB), 8 * GIB);
        assert!(!large.ok && !large.required, "{large:?}");
    }

    #[test]
    fn files_for_all_places_must_be_allowed() {
        let needed = files_for(demand(8, GIB, GIB));

        assert_eq!(needed, 256);
        assert!(files_suffice(needed, Some(256)).ok);
        assert!(files_suffice(needed, None).ok);
        assert!(files_suffice(needed, Some(255)).is_refusal());
    }
}
