//! The native engine: sandboxes made of Linux namespaces, cgroups and seccomp.
//!
//! Nothing has to be installed. The engine starts one small helper, the
//! [`launcher`], and has it make a sandbox for each launch: seven namespaces, a
//! private root file system, an unprivileged host user, no capabilities, an
//! allow-list of system calls, an empty environment, and a single way out, the
//! socket that cyclone serves its session on.
//!
//! ```text
//!  NativeEngine ── supervision ──▶ launcher ──▶ pid 1 of a sandbox: cyclone
//!       │              │                              │
//!       │              ├── slot: its host users       ├── stream ─▶ NativeSandbox
//!       │              ├── cgroup: its limits         └── pidfd: its end
//!       └── keeper: restarts the launcher
//! ```
//!
//! # Invariants
//!
//! - Namespaces, identity and the filter have no fallback: a host that refuses
//!   one gets no sandbox, and its operator the command that changes it.
//! - The host's root user does not exist below the launcher.
//! - One task owns each sandbox from its first resource to its last. Whatever
//!   ends the launch, or drops the handle, that task takes it apart.
//! - A host user is given out again only once everything of the sandbox that had
//!   it is proved gone.
//!
//! Linux only, and empty elsewhere. Without the feature `engine` there is the
//! launcher alone.
#![cfg(target_os = "linux")]
#![cfg_attr(
    not(feature = "engine"),
    expect(
        dead_code,
        unused_imports,
        reason = "the launcher needs one side of the conversation"
    )
)]

#[cfg(feature = "engine")]
mod capabilities;
#[cfg(feature = "engine")]
mod cgroup;
#[cfg(feature = "engine")]
mod config;
#[cfg(feature = "engine")]
mod connection;
#[cfg(feature = "engine")]
mod doctor;
#[cfg(feature = "engine")]
mod enforcement;
#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "engine")]
mod images;
#[cfg(feature = "engine")]
mod keeper;
pub mod launcher;
#[cfg(feature = "engine")]
mod observation;
#[cfg(feature = "engine")]
mod process;
#[cfg(feature = "engine")]
mod recent;
#[cfg(feature = "engine")]
mod refusal;
#[cfg(feature = "engine")]
mod slots;
mod step;
#[cfg(feature = "engine")]
mod stored;
#[cfg(feature = "engine")]
mod supervision;
mod syscalls;
#[cfg(feature = "engine")]
mod template;
mod wire;
#[cfg(feature = "engine")]
mod zygotes;

#[cfg(feature = "engine")]
pub use self::capabilities::{capabilities, cases_here};
#[cfg(feature = "engine")]
pub use self::config::{Config, Executables, HostImages, RegistryImages};
#[cfg(feature = "engine")]
pub use self::doctor::{check_host, check_swap, describe_host, interpreters_in_use};
#[cfg(feature = "engine")]
pub use self::engine::{NativeEngine, NativeSandbox};
