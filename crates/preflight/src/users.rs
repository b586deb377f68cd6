//! The host users that sandboxes get where veritech is root: nobody else may be one of them.

use std::fs;
use std::ops::RangeInclusive;

use sandbox::Check;

use crate::list::USERS;

/// Root's id.
pub(crate) const ROOT: u32 = 0;

/// How many ids sandboxes get.
const COUNT: u32 = 65_536;

/// Below this are the host's own users.
const FIRST_ORDINARY: u32 = 1000;

/// Stands for whoever has no id of his own.
const NOBODY: u32 = 65_534;

/// Stands for no id at all.
const NONE: u32 = u32::MAX;

/// Ids that somebody has, with whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    ids: RangeInclusive<u32>,
    by: String,
}

/// Reads who has which ids on this host.
pub fn read() -> Vec<Taken> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let mut taken = single("user", &read("/etc/passwd"));
    taken.extend(single("group", &read("/etc/group")));
    taken.extend(ranges("/etc/subuid", &read("/etc/subuid")));
    taken.extend(ranges("/etc/subgid", &read("/etc/subgid")));
    taken
}

/// Reads lines such as `name:x:ID:…`.
fn single(what: &str, text: &str) -> Vec<Taken> {
    let ids = text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let id: u32 = fields.nth(1)?.parse().ok()?;
        Some(Taken {
            ids: id..=id,
            by: format!("the {what} `{name}`"),
        })
    });
    ids.collect()
}

/// Reads lines such as `name:FIRST:COUNT`.
fn ranges(file: &str, text: &str) -> Vec<Taken> {
    let ranges = text.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let first: u32 = fields.next()?.parse().ok()?;
        let count: u32 = fields.next()?.trim().parse().ok()?;
        let last = first.checked_add(count.checked_sub(1)?)?;
        Some(Taken {
            ids: first..=last,
            by: format!("`{name}` in {file}"),
        })
    });
    ranges.collect()
}

/// Decides whether sandboxes may be the users from `first` on.
pub fn check(first: u32, taken: &[Taken]) -> Check {
    let fix = || format!("set `native.first_host_uid = {}`", free(taken));
    let refused = |why: String| Check::refused(USERS, why, fix());
    let Some(last) = first.checked_add(COUNT - 1).filter(|last| *last != NONE) else {
        return refused(format!("there are no {COUNT} ids from {first} on"));
    };
    if first < FIRST_ORDINARY {
        return refused(format!(
            "ids from {first} on are those of the host's own services"
        ));
    }
    if (first..=last).contains(&NOBODY) {
        return refused(format!(
            "ids from {first} on include {NOBODY}, which is nobody's"
        ));
    }
    match whose(first..=last, taken) {
        Some(other) => refused(format!(
            "ids from {first} to {last} are not free: {} has some",
            other.by
        )),
        None => Check::passed(
            USERS,
            format!("sandboxes are users {first} to {last}, which nobody has"),
        ),
    }
}

fn whose(ids: RangeInclusive<u32>, taken: &[Taken]) -> Option<&Taken> {
    taken
        .iter()
        .find(|taken| taken.ids.start() <= ids.end() && ids.start() <= taken.ids.end())
}

/// Returns the first of enough ids that nobody has.
fn free(taken: &[Taken]) -> u32 {
    (2..0x7000)
        .map(|block| block * COUNT)
        .find(|first| whose(*first..=first + (COUNT - 1), taken).is_none())
        .unwrap_or(0x7000 * COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u32 = 1_879_048_192;

    fn refusal(first: u32, taken: &[Taken]) -> String {
        let check = check(first, taken);
        assert!(check.is_refusal(), "{check:?}");
        check.detail
    }

    #[test]
    fn ids_that_nobody_has_are_taken() {
        let taken = single(
            "user",
            "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/:/bin/sh\n",
        );

        let check = check(FIRST, &taken);
        assert!(check.ok, "{check:?}");
    }

    #[test]
    fn ids_of_the_hosts_own_users_are_refused() {
        assert!(refusal(0, &[]).contains("services"));
        assert!(refusal(999, &[]).contains("services"));
        assert!(refusal(1000, &[]).contains("65534"));
        assert!(refusal(65_534, &[]).contains("65534"));
        assert!(refusal(u32::MAX - 65_535, &[]).contains("no 65536 ids"));
        assert!(refusal(u32::MAX, &[]).contains("no 65536 ids"));
    }

    #[test]
    fn ids_that_somebody_has_are_refused_by_the_name_and_others_proposed() {
        let mut taken = single("user", "build:x:1879050000:5::/:/bin/sh\nbad line\n:::");
        taken.extend(ranges("/etc/subuid", "ann:100000:65536\nbad:1:0\nworse\n"));
        assert_eq!(taken.len(), 2, "{taken:?}");

        assert!(refusal(FIRST, &taken).contains("`build`"));
        assert!(refusal(100_000, &taken).contains("`ann` in /etc/subuid"));
        assert!(refusal(165_535, &taken).contains("`ann`"));
        let proposed = free(&taken);
        assert!(check(proposed, &taken).ok, "{proposed}");
    }
}
