//! The dispatcher's own process: it holds credentials, inputs and values in its memory.

use std::fs;
use std::io;

use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
use sandbox::Check;

use crate::list::{ARGUMENTS, MEMORY_OF_THE_DISPATCHER, ORDINARY_USER};

/// Keeps the memory of this process from others of the same user, and out of core
/// dumps. Programs that it starts are as they would be without.
///
/// # Errors
///
/// Returns the kernel's refusal.
pub fn close_memory() -> io::Result<()> {
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Looks at who can read this process's memory; it need not be closed where it holds nothing yet.
pub fn memory(must_be_closed: bool) -> Check {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let tracer = status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:")?.trim().parse().ok());
    let closed = matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    memory_is(tracer, closed || !must_be_closed)
}

fn memory_is(tracer: Option<u32>, closed: bool) -> Check {
    match tracer {
        Some(0) if closed => Check::passed(MEMORY_OF_THE_DISPATCHER, "nobody reads it"),
        Some(0) => Check::refused(
            MEMORY_OF_THE_DISPATCHER,
            "other processes of this user can read it",
            "report it: the kernel does not close it, though it was asked to",
        ),
        Some(tracer) => Check::refused(
            MEMORY_OF_THE_DISPATCHER,
            format!(
                "process {tracer} traces this one, and so reads credentials, inputs and values"
            ),
            format!("end process {tracer}, or start veritech without it"),
        ),
        None => Check::refused(
            MEMORY_OF_THE_DISPATCHER,
            "whether anybody reads it cannot be told",
            "mount /proc",
        ),
    }
}

/// Looks for a password on the command line, which every user of the host can read.
pub fn arguments() -> Check {
    arguments_are(std::env::args_os().map(|it| it.to_string_lossy().into_owned()))
}

fn arguments_are(arguments: impl Iterator<Item = String>) -> Check {
    // `user:password@`, in a URL or without one.
    let is_secret = |argument: String| {
        argument
            .rsplit_once('@')
            .is_some_and(|(before, _)| before.trim_start_matches(|it| it != ':').len() > 1)
            && !argument.starts_with('/')
    };
    if arguments.skip(1).any(is_secret) {
        return Check::warned(
            ARGUMENTS,
            "a password stands on the command line, which all users of this host can read",
            "give `nats_url` in the configuration file, or use `nats_credentials`",
        );
    }
    Check::passed(ARGUMENTS, "no password stands on the command line")
}

/// Says who sandboxes are on the host where veritech is not root.
pub fn ordinary_user() -> Option<Check> {
    let user = rustix::process::geteuid();
    (!user.is_root()).then(|| {
        Check::warned(
            ORDINARY_USER,
            format!("sandboxes are user {} on this host, as everything of that user", user.as_raw()),
            "use a user that owns nothing else; started by root, each sandbox gets users of its own",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracer_and_open_memory_are_refused() {
        assert!(memory_is(Some(0), true).ok);
        assert!(memory_is(Some(0), false).is_refusal());
        assert!(memory_is(None, true).is_refusal());
        let traced = memory_is(Some(4711), true);
        assert!(
            traced.is_refusal() && traced.detail.contains("4711"),
            "{traced:?}"
        );
    }

    #[test]
    fn closed_memory_is_seen_as_closed() {
        assert!(memory(true).is_refusal(), "it is open before");
        close_memory().expect("the kernel allows it");
        assert!(memory(true).ok);
    }

    #[test]
    fn a_password_on_the_command_line_is_seen() {
        let found = |argument: &str| {
            let arguments = ["veritech", "serve", "--nats-url", argument];
            arguments_are(arguments.map(str::to_owned).into_iter())
        };

        for secret in [
            "nats://me:secret@host:4222",
            "me:secret@host",
            "--nats-url=tls://a:b@h",
        ] {
            let check = found(secret);
            assert!(!check.ok && !check.detail.contains("secret@"), "{secret}");
        }
        for open in ["nats://host:4222", "/home/me:x@y.toml"] {
            assert!(found(open).ok, "{open}");
        }
    }
}
