//! Turns a failed step into an error that says what the operator can do.

use std::fs;
use std::path::Path;

use rustix::io::Errno;
use sandbox::LaunchError;

use crate::step::Step;
use crate::wire::Failure;

/// Switches of the kernel that forbid user namespaces, with the value that does,
/// and the command that changes it.
const SWITCHES: [(&str, &str, &str); 3] = [
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "sudo sysctl -w user.max_user_namespaces=15000",
    ),
];

/// What to do inside a container that forbids namespaces.
const IN_CONTAINER: &str = "if this is a container, run it with `--security-opt \
    seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`";

/// Returns the error of a launch that failed so.
pub(crate) fn explain(failure: Failure) -> LaunchError {
    let setup = || LaunchError::Setup {
        step: failure.step.name().to_owned(),
        source: failure.source(),
    };
    let denied = matches!(
        Errno::from_raw_os_error(failure.errno),
        Errno::PERM | Errno::ACCESS | Errno::NOSPC | Errno::USERS | Errno::NOSYS | Errno::INVAL
    );
    if !denied {
        return setup();
    }
    let refused = |what, fix: String| LaunchError::Refused {
        what,
        fix,
        source: failure.source(),
    };
    match failure.step {
        Step::LauncherNamespaces | Step::Namespaces => {
            refused("user namespaces", allow_user_namespaces())
        }
        Step::LauncherIds => refused(
            "mapping user ids",
            match forbidding_switch() {
                Some(_) => allow_user_namespaces(),
                None => "set `native.first_host_uid` to the first of 65536 ids that exist here \
                         (see /proc/self/uid_map) and that nobody uses"
                    .to_owned(),
            },
        ),
        Step::Proc => refused(
            "mounting /proc",
            format!("something is mounted over parts of the host's /proc; {IN_CONTAINER}"),
        ),
        // With AppArmor's restriction namespaces can be made but not used.
        Step::LauncherRoot
        | Step::HostFiles
        | Step::Store
        | Step::Root
        | Step::StoredImage
        | Step::Scratch
            if forbidding_switch().is_some() =>
        {
            refused("mounting in user namespaces", allow_user_namespaces())
        }
        Step::Filter => refused(
            "seccomp filters",
            "run a kernel built with CONFIG_SECCOMP_FILTER".to_owned(),
        ),
        _ => setup(),
    }
}

/// Says how user namespaces are allowed on this host.
pub(crate) fn allow_user_namespaces() -> String {
    match forbidding_switch() {
        Some(command) => format!("run `{command}`"),
        None => IN_CONTAINER.to_owned(),
    }
}

/// Returns the command that changes a switch which forbids user namespaces here.
pub(crate) fn forbidding_switch() -> Option<&'static str> {
    // Root is not subject to the restrictions on others.
    let privileged = rustix::process::geteuid().is_root();
    SWITCHES
        .iter()
        .filter(|(path, ..)| !privileged || path.ends_with("max_user_namespaces"))
        .find(|(path, forbids, _)| {
            fs::read_to_string(Path::new(path)).is_ok_and(|value| value.trim() == *forbids)
        })
        .map(|(_, _, command)| *command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_namespace_comes_with_a_command() {
        let error = explain(Failure {
            step: Step::LauncherNamespaces,
            errno: Errno::PERM.raw_os_error(),
        });

        let LaunchError::Refused { what, fix, .. } = error else {
            panic!("got {error:?}");
        };
        assert_eq!(what, "user namespaces");
        assert!(fix.contains('`'), "names a command: {fix}");
    }

    #[test]
    fn any_other_failure_names_its_step() {
        let error = explain(Failure {
            step: Step::Scratch,
            errno: Errno::NOMEM.raw_os_error(),
        });

        assert!(
            matches!(&error, LaunchError::Setup { step, .. } if step == "scratch"),
            "got {error:?}"
        );
    }
}
