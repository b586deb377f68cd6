//! What this host allows, before sandboxes are made and for `veritech doctor`.

use std::fs;
use std::path::{Path, PathBuf};

use image_store::Store;
use rustix::fs::StatVfsMountFlags;
use sandbox::Check;

use crate::capabilities;
use crate::cgroup::Cgroups;
use crate::config::Config;
use crate::engine::NativeEngine;
use crate::images::Images;
use crate::refusal;

/// Looks at what the kernel, and the store of images if there is one, must allow.
///
/// # Cancellation
///
/// Safe to drop.
pub async fn check_host(config: &Config) -> Vec<Check> {
    let mut checks = vec![user_namespaces(), seccomp()];
    if let Some(images) = &config.registry_images {
        checks.push(store(&images.store).await);
    }
    checks
}

/// Says what holds limits on this host, and which interpreters it has.
///
/// It makes and removes cgroups of this process: not to be called beside an engine.
pub fn describe_host(config: &Config) -> Vec<Check> {
    let mut checks = limits(config);
    checks.extend(
        interpreters(config)
            .into_iter()
            .map(|(name, found)| match found {
                Ok(path) => Check::passed(name, path.display().to_string()),
                Err(reason) => Check::warned(name, "not available", reason),
            }),
    );
    checks
}

/// Returns the interpreters that host images of this configuration are run with.
pub fn interpreters_in_use(config: &Config) -> Vec<PathBuf> {
    if !config.host_images.allowed {
        return Vec::new();
    }
    let found = interpreters(config).into_iter();
    found.filter_map(|(_, path)| path.ok()).collect()
}

/// Looks at whether sandboxes of an engine could be swapped out.
pub fn check_swap(engine: &NativeEngine) -> Check {
    let swaps = fs::read_to_string("/proc/swaps").unwrap_or_default();
    // The first line is a heading.
    swap(swaps.lines().count() > 1, engine.forbids_swap())
}

fn user_namespaces() -> Check {
    match refusal::forbidding_switch() {
        None => Check::passed("user namespaces", "not restricted"),
        Some(command) => Check::refused(
            "user namespaces",
            "restricted by a kernel setting",
            format!("run `{command}`"),
        ),
    }
}

fn seccomp() -> Check {
    if Path::new("/proc/sys/kernel/seccomp/actions_avail").exists() {
        return Check::passed("seccomp filters", "available");
    }
    Check::refused(
        "seccomp filters",
        "missing",
        "run a kernel built with CONFIG_SECCOMP_FILTER",
    )
}

fn limits(config: &Config) -> Vec<Check> {
    let cgroups = config.cgroups.then(Cgroups::open);
    let cgroup = match &cgroups {
        None => Check::passed("cgroups", "not used: the configuration says so"),
        Some(Ok(cgroups)) => Check::passed(
            "cgroups",
            format!("writable ({})", cgroups.controllers().version.mechanism()),
        ),
        Some(Err(error)) => Check::warned(
            "cgroups",
            format!("not usable: {error}"),
            "start it with `systemd-run --user --scope -p Delegate=yes`, or as a service with \
             `Delegate=yes`",
        ),
    };
    let controllers = cgroups
        .and_then(Result::ok)
        .map(|cgroups| cgroups.controllers());
    let [builtin, others] = capabilities::cases(controllers.as_ref());
    let mut checks = vec![cgroup];
    for (name, case) in [
        ("limits of builtin images", builtin),
        ("limits of host images", others),
    ] {
        let table: Vec<String> = case
            .enforcement
            .table()
            .map(|(limit, mechanism)| format!("{limit}: {mechanism}"))
            .collect();
        checks.push(Check::passed(name, table.join(", ")));
    }
    checks
}

/// Decides over swap by whether the host has any, and whether a sandbox can be kept
/// from it.
fn swap(in_use: bool, forbidden: bool) -> Check {
    match (in_use, forbidden) {
        (false, _) => Check::passed("swap", "none"),
        (true, true) => Check::warned(
            "swap",
            "in use: sandboxes are kept from it, inputs and values in the dispatcher are not",
            "encrypt it, or run `swapoff -a`",
        ),
        (true, false) => Check::refused(
            "swap",
            "in use, and sandboxes cannot be kept from it: secrets of functions would reach the \
             disk, and their memory limits would not hold",
            "run `swapoff -a`, or give veritech a cgroup that accounts for swap (`Delegate=yes`; \
             with cgroups of version 1 boot with `swapaccount=1`)",
        ),
    }
}

fn interpreters(config: &Config) -> Vec<(&'static str, Result<PathBuf, String>)> {
    let host = crate::config::HostImages {
        allowed: true,
        ..config.host_images.clone()
    };
    Images::find(&host)
        .interpreters()
        .map(|(name, found)| (name, found.map(Path::to_owned).map_err(str::to_owned)))
        .collect()
}

/// Says where images of registries are kept, and how much they take.
async fn store(store: &Store) -> Check {
    const NAME: &str = "image store";
    let root = store.root();
    let unusable = |detail: String, fix: &str| Check::refused(NAME, detail, fix);
    let executable = rustix::fs::statvfs(root)
        .is_ok_and(|found| !found.f_flag.contains(StatVfsMountFlags::NOEXEC));
    if !executable {
        return unusable(
            format!("{}: programs cannot be executed there", root.display()),
            "use a directory on a file system that is not mounted `noexec`",
        );
    }
    match store.list().await {
        Ok(images) => {
            let bytes: u64 = images.iter().map(|image| image.size).sum();
            let count = match images.len() {
                1 => "1 image".to_owned(),
                several => format!("{several} images"),
            };
            let (root, mebibytes) = (root.display(), bytes >> 20);
            Check::passed(NAME, format!("{root}: {count}, {mebibytes} MiB"))
        }
        Err(error) => unusable(
            format!("{}: {error}", root.display()),
            "see that it is a directory that this user can write to",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_that_sandboxes_are_kept_from_is_a_warning_and_other_swap_is_refused() {
        assert!(swap(false, false).ok);
        let kept = swap(true, true);
        assert!(!kept.ok && !kept.is_refusal(), "{kept:?}");
        assert!(swap(true, false).is_refusal());
    }
}
