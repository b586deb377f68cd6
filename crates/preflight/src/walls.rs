//! Judges what was found inside a sandbox.

use sandbox::Check;
use self_check::Report;

use crate::list::{
    CALLS, COMPANY, FILES_INSIDE, INHERITED, NETWORK_INSIDE, PRIVILEGES, WHOLE_SANDBOX,
};
use crate::probe::ProbeError;

/// What can be done about a wall that does not hold.
const FIX: &str = "do not take functions on this host: a kernel, a container runtime or a security \
                   module changes what sandboxes are; `veritech doctor` on another host shows whether \
                   it is this one";

/// The fewest attempts that a report is believed with: all that are known on any architecture.
const FEWEST_ATTEMPTS: usize = 40;

/// The sets of capabilities that a process has.
const CAPABILITIES: [&str; 5] = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

/// Decides over everything that was tried, or that nothing could be.
pub fn check(found: &Result<Report, ProbeError>) -> Vec<Check> {
    match found {
        Ok(report) => {
            let made = "made, tried from inside, and removed";
            let mut checks = vec![Check::passed(WHOLE_SANDBOX, made)];
            checks.extend(walls(report));
            checks
        }
        Err(error) => vec![Check::refused(WHOLE_SANDBOX, error.chain(), error.fix())],
    }
}

/// Decides over each wall.
pub fn walls(report: &Report) -> [Check; 6] {
    [
        calls(report),
        privileges(report),
        files(report),
        network(report),
        inherited(report),
        company(report),
    ]
}

/// Passes if nothing was found that should not be there.
fn none(name: &'static str, holds: &str, found: Vec<String>) -> Check {
    if found.is_empty() {
        Check::passed(name, holds)
    } else {
        Check::refused(name, found.join("; "), FIX)
    }
}

fn each(what: &str, found: &[impl ToString]) -> Option<String> {
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    (!found.is_empty()).then(|| format!("{what}: {}", found.join(", ")))
}

fn calls(report: &Report) -> Check {
    let mut found: Vec<_> = each("the kernel answers", &report.answered)
        .into_iter()
        .collect();
    if report.attempts < FEWEST_ATTEMPTS {
        found.push(format!("only {} calls were made", report.attempts));
    }
    none(
        CALLS,
        &format!("{} were made, and refused", report.attempts),
        found,
    )
}

fn privileges(report: &Report) -> Check {
    let says = |field: &str| report.status.get(field).map(String::as_str);
    let mut found = Vec::new();
    for (field, wanted) in [("NoNewPrivs", "1"), ("Seccomp", "2")] {
        if says(field) != Some(wanted) {
            found.push(format!("`{field}` is {}", says(field).unwrap_or("unknown")));
        }
    }
    for set in CAPABILITIES {
        match says(set) {
            Some(value) if value.bytes().all(|digit| digit == b'0') && !value.is_empty() => {}
            other => found.push(format!("`{set}` is {}", other.unwrap_or("unknown"))),
        }
    }
    for ids in ["Uid", "Gid", "Groups"] {
        match says(ids) {
            Some(value) if value.split_whitespace().all(|id| id != "0") => {}
            other => found.push(format!("`{ids}` is {}", other.unwrap_or("unknown"))),
        }
    }
    if report.became_root {
        found.push("it can become root".to_owned());
    }
    none(PRIVILEGES, "none, and none to be had", found)
}

fn files(report: &Report) -> Check {
    let found = [
        each("can be read", &report.readable),
        each("can be written", &report.writable),
        each("devices", &report.devices),
    ];
    let found = found.into_iter().flatten().collect();
    none(
        FILES_INSIDE,
        "none of the host's, and only its scratch space to write to",
        found,
    )
}

fn network(report: &Report) -> Check {
    let found = [
        each("interfaces", &report.interfaces),
        each("can be reached", &report.reached),
    ];
    none(
        NETWORK_INSIDE,
        "nothing can be reached",
        found.into_iter().flatten().collect(),
    )
}

fn inherited(report: &Report) -> Check {
    let found = [
        each("variables", &report.variables),
        each("descriptors", &report.descriptors),
    ];
    none(
        INHERITED,
        "neither variables nor descriptors",
        found.into_iter().flatten().collect(),
    )
}

fn company(report: &Report) -> Check {
    let found = each("can be seen", &report.processes);
    none(COMPANY, "its own alone", found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found where every wall holds.
    fn sound() -> Report {
        let status = [
            ("Uid", "1001 1001 1001 1001"),
            ("Gid", "1001 1001 1001 1001"),
            ("Groups", ""),
            ("NoNewPrivs", "1"),
            ("Seccomp", "2"),
        ]
        .into_iter()
        .chain(CAPABILITIES.map(|set| (set, "0000000000000000")));
        Report {
            attempts: 55,
            status: status
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Report::default()
        }
    }

    fn refused(report: &Report) -> Vec<&'static str> {
        let refused = walls(report).into_iter().filter(Check::is_refusal);
        refused.map(|check| check.name).collect()
    }

    #[test]
    fn a_sound_sandbox_is_accepted() {
        assert_eq!(refused(&sound()), [""; 0]);
    }

    #[test]
    fn each_hole_is_refused_by_its_wall() {
        let one = || vec!["hole".to_owned()];
        type Break = fn(&mut Report, Vec<String>);
        let holes: [(Break, &str); 11] = [
            (|it, one| it.answered = one, CALLS),
            (|it, _| it.attempts = 0, CALLS),
            (|it, _| it.became_root = true, PRIVILEGES),
            (|it, _| it.status.clear(), PRIVILEGES),
            (|it, one| it.readable = one, FILES_INSIDE),
            (|it, one| it.writable = one, FILES_INSIDE),
            (|it, one| it.devices = one, FILES_INSIDE),
            (|it, one| it.interfaces = one, NETWORK_INSIDE),
            (|it, one| it.reached = one, NETWORK_INSIDE),
            (|it, one| it.variables = one, INHERITED),
            (|it, one| it.descriptors = one, INHERITED),
        ];
        for (break_it, wall) in holes {
            let mut report = sound();
            break_it(&mut report, one());
            assert_eq!(refused(&report), [wall]);
        }
        let mut report = sound();
        report.processes = vec![17];
        assert_eq!(refused(&report), [COMPANY]);
    }

    #[test]
    fn each_privilege_is_refused() {
        for (field, value) in [
            ("Uid", "0 0 0 0"),
            ("Gid", "1001 0 1001 1001"),
            ("Groups", "0"),
            ("NoNewPrivs", "0"),
            ("Seccomp", "0"),
            ("CapBnd", "000001ffffffffff"),
            ("CapEff", ""),
        ] {
            let mut report = sound();
            report.status.insert(field.to_owned(), value.to_owned());
            assert_eq!(refused(&report), [PRIVILEGES], "{field}: {value}");
        }
    }

    #[test]
    fn a_sandbox_that_cannot_be_asked_is_refused() {
        let checks = check(&Err(ProbeError::Late));

        assert!(checks.iter().any(Check::is_refusal), "{checks:?}");
    }
}
