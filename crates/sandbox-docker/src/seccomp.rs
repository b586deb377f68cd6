//! The list of allowed system calls in Docker's own format.
//!
//! What the list leaves out must answer `ENOSYS`. Older daemons know no error of
//! their own for that, only a call's; so all calls that Linux has are named,
//! those refused with the error, and what neither list knows is refused with
//! whatever the daemon takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use syscall_policy::{Call, Profile, Rule};

/// The system calls of Linux, a name a line.
const KNOWN: &str = include_str!("seccomp/known.txt");

/// What the container runtime itself needs between loading the filter and
/// executing cyclone, and does no harm later.
const RUNTIME_NEEDS: [&str; 3] = ["fstatfs", "openat2", "statfs"];

/// How many values after an allowed one are refused one by one, with the error
/// that programs expect, where there is no comparison for all. The few requests
/// and options that exist are near each other.
const REFUSED_AFTER_EACH: usize = 128;

const ENOSYS: i32 = 38;
const EAFNOSUPPORT: i32 = 97;
const AF_NETLINK: u32 = 16;
const NETLINK_ROUTE: u32 = 0;

/// The lower half of an argument.
const LOWER_HALF: u64 = 0xffff_ffff;

/// The architecture that calls must be made for; those of others end the process.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: &str = "SCMP_ARCH_X86_64";
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: &str = "SCMP_ARCH_AARCH64";

/// Returns a profile as Docker's `seccomp=` option takes it.
pub(crate) fn render(profile: Profile) -> String {
    let rules = syscall_policy::rules(profile);
    let mut allowed = BTreeSet::from(RUNTIME_NEEDS);
    let mut conditional = BTreeSet::new();
    let mut syscalls = Vec::new();
    for (call, rule) in rules {
        match conditions(call, rule) {
            None => {
                allowed.insert(call.name());
            }
            Some(entries) => {
                conditional.insert(call.name());
                syscalls.extend(entries);
            }
        }
    }
    let refused: Vec<&str> = KNOWN
        .lines()
        .filter(|name| !allowed.contains(name) && !conditional.contains(name))
        .collect();
    syscalls.push(json!({ "names": allowed, "action": "SCMP_ACT_ALLOW" }));
    syscalls.push(json!({
        "names": refused,
        "action": "SCMP_ACT_ERRNO",
        "errnoRet": ENOSYS,
    }));
    json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": ENOSYS,
        "architectures": [ARCHITECTURE],
        "syscalls": syscalls,
    })
    .to_string()
}

/// Returns the entries of a call whose arguments decide; `None` if none do.
fn conditions(call: Call, rule: Rule) -> Option<Vec<Value>> {
    let allow = |arguments: Value| entry(call, None, arguments);
    let fail = |error: i32, arguments: Value| entry(call, Some(error), arguments);
    match rule {
        Rule::Allow => None,
        Rule::OneOf {
            argument,
            values,
            otherwise,
        } => {
            let allowed = values
                .iter()
                .map(|&value| allow(json!([is(argument, value)])));
            let refused = others(argument, values)
                .into_iter()
                .map(|condition| fail(otherwise, json!([condition])));
            Some(allowed.chain(refused).collect())
        }
        Rule::NoneOf {
            argument,
            bits,
            otherwise,
        } => {
            let none = json!([has(argument, bits, 0)]);
            let refused = (0..u32::BITS)
                .map(|bit| 1 << bit)
                .filter(|bit| bits & bit != 0)
                .map(|bit| fail(otherwise, json!([has(argument, bit, bit)])));
            Some(std::iter::once(allow(none)).chain(refused).collect())
        }
        Rule::Socket { values } => {
            let allowed = values.iter().map(|&value| allow(json!([is(0, value)])));
            let route = [allow(json!([is(0, AF_NETLINK), is(2, NETLINK_ROUTE)]))];
            let families = [values, &[AF_NETLINK]].concat();
            let refused = others(0, &families)
                .into_iter()
                .map(|condition| fail(EAFNOSUPPORT, json!([condition])));
            Some(allowed.chain(route).chain(refused).collect())
        }
    }
}

/// Returns conditions that hold for values which are none of `values`, for as
/// many as can be told.
fn others(argument: u32, values: &[u32]) -> Vec<Value> {
    let values: BTreeSet<u32> = values.iter().copied().collect();
    let beyond =
        |operator: &str, value: u32| json!({ "index": argument, "value": value, "op": operator });
    let below = values.first().filter(|&&first| first > 0);
    let above = values.last();
    let between = values
        .iter()
        .zip(values.iter().skip(1))
        .flat_map(|(&lower, &upper)| (lower..upper).skip(1).take(REFUSED_AFTER_EACH));
    below
        .map(|&first| beyond("SCMP_CMP_LT", first))
        .into_iter()
        .chain(above.map(|&last| beyond("SCMP_CMP_GT", last)))
        .chain(between.map(|value| is(argument, value)))
        .collect()
}

fn is(argument: u32, value: u32) -> Value {
    masked(argument, LOWER_HALF, value)
}

fn has(argument: u32, bits: u32, value: u32) -> Value {
    masked(argument, bits.into(), value)
}

fn masked(argument: u32, mask: u64, value: u32) -> Value {
    json!({
        "index": argument,
        "value": mask,
        "valueTwo": value,
        "op": "SCMP_CMP_MASKED_EQ",
    })
}

fn entry(call: Call, error: Option<i32>, arguments: Value) -> Value {
    match error {
        None => json!({
            "names": [call.name()],
            "action": "SCMP_ACT_ALLOW",
            "args": arguments,
        }),
        Some(error) => json!({
            "names": [call.name()],
            "action": "SCMP_ACT_ERRNO",
            "errnoRet": error,
            "args": arguments,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(profile: Profile, action: &str) -> BTreeSet<String> {
        let profile: Value = serde_json::from_str(&render(profile)).expect("JSON");
        let entries = profile["syscalls"].as_array().expect("a list");
        entries
            .iter()
            .filter(|entry| entry["action"] == action && entry["args"].is_null())
            .flat_map(|entry| entry["names"].as_array().expect("names"))
            .map(|name| name.as_str().expect("a name").to_owned())
            .collect()
    }

    #[test]
    fn every_known_call_is_either_allowed_or_refused() {
        for profile in [Profile::Builtin, Profile::Runtime] {
            let allowed = named(profile, "SCMP_ACT_ALLOW");
            let refused = named(profile, "SCMP_ACT_ERRNO");

            assert!(allowed.is_disjoint(&refused));
            for name in ["io_uring_setup", "clone3", "mount", "unshare", "ptrace"] {
                assert!(refused.contains(name), "{name} in {profile:?}");
            }
            for name in ["read", "execve", "futex"] {
                assert!(allowed.contains(name), "{name} in {profile:?}");
            }
            for name in ["clone", "ioctl", "prctl", "prlimit64", "socketpair"] {
                assert!(!allowed.contains(name) && !refused.contains(name), "{name}");
            }
        }
    }

    #[test]
    fn every_allowed_call_is_known() {
        let known: BTreeSet<&str> = KNOWN.lines().collect();
        for call in syscall_policy::rules(Profile::Runtime).into_keys() {
            assert!(known.contains(call.name()), "{}", call.name());
        }
    }
}
