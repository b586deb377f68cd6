//! What the process itself has: identity, environment, descriptors, company.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use descriptors::{Attempted, attempt};

/// The lines of a process's status that say what it may.
const FIELDS: [&str; 10] = [
    "Uid",
    "Gid",
    "Groups",
    "CapInh",
    "CapPrm",
    "CapEff",
    "CapBnd",
    "CapAmb",
    "NoNewPrivs",
    "Seccomp",
];

/// The last descriptor that a runner is given.
const LAST: u32 = 3;

/// Returns what the kernel says of this process.
pub(crate) fn status() -> io::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string("/proc/self/status")?;
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    Ok(fields
        .filter(|(name, _)| FIELDS.contains(name))
        .map(|(name, value)| {
            let words: Vec<_> = value.split_whitespace().collect();
            (name.to_owned(), words.join(" "))
        })
        .collect())
}

/// Asks to be root.
pub(crate) fn became_root() -> io::Result<bool> {
    let asked = attempt(libc::SYS_setresuid, [0; 5])?;
    Ok(asked == Attempted::Made)
}

/// Lists the names of the variables in the environment.
pub(crate) fn variables() -> Vec<String> {
    std::env::vars_os()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect()
}

/// Lists open descriptors that nobody should have passed on.
pub(crate) fn descriptors() -> io::Result<Vec<String>> {
    let names = fs::read_dir("/proc/self/fd")?.flatten();
    // Entries keep the listing open, which is a descriptor too, so only numbers are kept.
    let numbers: Vec<u32> = names
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    Ok(numbers
        .into_iter()
        .filter(|number| *number > LAST)
        .filter_map(|number| {
            let target = fs::read_link(format!("/proc/self/fd/{number}")).ok()?;
            Some(format!("{number}: {}", target.display()))
        })
        .collect())
}

/// Lists processes that can be seen besides this one and the first.
pub(crate) fn processes() -> io::Result<Vec<u32>> {
    let entries = fs::read_dir("/proc")?.flatten();
    let known = [1, std::process::id()];
    Ok(entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| !known.contains(pid))
        .collect())
}
