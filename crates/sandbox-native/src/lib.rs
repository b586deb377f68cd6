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
//! Linux only, and empty elsewhere.
#![cfg(target_os = "linux")]

mod cgroup;
mod config;
mod connection;
mod doctor;
mod enforcement;
mod engine;
mod images;
mod keeper;
pub mod launcher;
mod observation;
mod process;
mod refusal;
mod slots;
mod step;
mod supervision;
mod syscalls;
mod wire;

pub use self::config::{Config, Executables, HostImages};
pub use self::doctor::check_host;
pub use self::engine::{NativeEngine, NativeSandbox};
