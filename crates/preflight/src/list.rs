//! Every check there is, those of the engines included: by its name, what it is for, and how it ends.

mod entries;

pub use self::entries::LIST;

/// Which engine a check matters to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// Every one.
    All,
    /// The native one.
    Native,
    /// The docker one.
    Docker,
}

/// What `serve` does about a check that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does not start.
    Refuses,
    /// It does not start if it is bad, and warns if it could be better.
    RefusesOrWarns,
    /// It warns, once.
    Warns,
}

/// One check.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in `doctor`, refusals and warnings.
    pub name: &'static str,
    /// Which engine it matters to.
    pub concerns: Concerns,
    /// What becomes of `serve`.
    pub effect: Effect,
    /// What must be true.
    pub what: &'static str,
    /// What could happen otherwise.
    pub why: &'static str,
    /// What mends it.
    pub remedy: &'static str,
}

/// The name of a check, beside its entry in [`LIST`].
macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)*) => {
        $($(#[$doc])* pub const $constant: &str = $name;)*
    };
}

names! {
    /// TLS and users of the NATS server.
    NATS = "nats";
    /// The server's `max_payload`.
    MESSAGE_SIZE = "nats message size";
    /// `inbox_prefixes`.
    REPLY_SUBJECTS = "reply subjects";
    /// `nats_credentials`.
    CREDENTIALS_FILE = "credentials file";
    /// `--config`.
    CONFIGURATION_FILE = "configuration file";
    /// The command line.
    ARGUMENTS = "command line";
    /// `/proc/self/exe`.
    OWN_PROGRAM = "program file";
    /// The dispatcher's memory.
    MEMORY_OF_THE_DISPATCHER = "dispatcher memory";
    /// `[limits]`.
    LIMITS = "limits";
    /// The host's memory.
    MEMORY = "memory for places";
    /// `RLIMIT_NOFILE`.
    OPEN_FILES = "open files";
    /// `core_pattern`.
    CORE_DUMPS = "core dumps";
    /// The kernel's version.
    KERNEL = "kernel";
    /// `native.first_host_uid`.
    USERS = "host users";
    /// Not root.
    ORDINARY_USER = "user";
    /// Switches of the kernel.
    USER_NAMESPACES = "user namespaces";
    /// `CONFIG_SECCOMP_FILTER`.
    SECCOMP = "seccomp filters";
    /// Whether cgroups can be used.
    CGROUPS = "cgroups";
    /// What holds memory.
    MEMORY_LIMIT = "memory limits";
    /// `/proc/swaps`.
    SWAP = "swap";
    /// Files of interpreters.
    INTERPRETERS = "interpreters";
    /// `store.path`, and what is in it.
    STORE = "image store";
    /// `store.path`, and whose it is.
    STORE_OWNER = "image store owner";
    /// `insecure_registries`.
    REGISTRIES = "registries";
    /// A sandbox.
    WHOLE_SANDBOX = "a whole sandbox";
    /// Inside: system calls.
    CALLS = "forbidden system calls";
    /// Inside: ids and capabilities.
    PRIVILEGES = "privileges in a sandbox";
    /// Inside: files.
    FILES_INSIDE = "files in a sandbox";
    /// Inside: addresses.
    NETWORK_INSIDE = "network in a sandbox";
    /// Inside: environment and descriptors.
    INHERITED = "inheritance of a sandbox";
    /// Inside: processes.
    COMPANY = "processes in a sandbox";
    /// The daemon.
    DAEMON = "docker daemon";
    /// The way to the daemon.
    DAEMON_ADDRESS = "docker address";
    /// The daemon's socket.
    DAEMON_SOCKET = "docker socket";
    /// The daemon's version.
    DAEMON_VERSION = "docker version";
    /// The daemon's users.
    DAEMON_USERS = "docker users";
    /// The daemon's filters.
    DAEMON_SECCOMP = "docker seccomp";
    /// The daemon's cgroups.
    CONTAINER_LIMITS = "limits of containers";
    /// The daemon's swap.
    CONTAINER_SWAP = "swap of containers";
    /// `allow_egress`.
    EGRESS = "outward connections";
}

impl Effect {
    /// Says it in the documentation.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Refuses => "refuses",
            Self::RefusesOrWarns => "refuses, or warns",
            Self::Warns => "warns",
        }
    }
}

impl Concerns {
    /// Says it in the documentation.
    pub const fn text(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Native => "native",
            Self::Docker => "docker",
        }
    }
}

/// Returns the table for the documentation.
pub fn table() -> String {
    let mut text = "| check | engine | `serve` | what must be so | otherwise | mended by |\n\
                    |---|---|---|---|---|---|\n"
        .to_owned();
    for entry in LIST {
        let Entry {
            name,
            concerns,
            effect,
            what,
            why,
            remedy,
        } = entry;
        let (concerns, effect) = (concerns.text(), effect.text());
        let row = [*name, concerns, effect, what, why, remedy].join(" | ");
        text.extend(["| ", &row, " |\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use Concerns::{All, Docker, Native};

    #[test]
    fn no_two_checks_share_a_name() {
        let mut names: Vec<_> = LIST.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), LIST.len());
    }

    #[test]
    fn at_least_fifteen_refuse() {
        let refusing = |concerns| {
            LIST.iter()
                .filter(|it| it.concerns == All || it.concerns == concerns)
                .filter(|it| it.effect != Effect::Warns)
                .count()
        };
        assert!(refusing(Native) >= 15 && refusing(Docker) >= 15);
    }
}
