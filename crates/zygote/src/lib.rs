//! A zygote: a language runtime that is started once, made warm, and never runs a function. For each
//! execution it brings two processes into the world, which are all that a sandbox has.
//!
//! ```text
//!   launcher ──descriptors──▶ zygote ──clone(new namespaces, shared memory)──▶ init ──execve──▶ cyclone
//!      │  ▲                     │ goes on when init has executed                │
//!      │  └───────pidfd─────────┘                                             fork
//!      └── writes init's id maps, lets it go                                    ▼
//!                                                    runner: a copy of the zygote's memory
//! ```
//!
//! The zygote is in a sandbox of its own and has no capability. What its child may do, it may do as
//! the first process of new namespaces, and gives up before any code of a function is there. `init`
//! executes the launcher's own program, which builds the same walls as around any other sandbox;
//! the runner waits for them, and then gives up what is left.
//!
//! [`serve`] returns in the runner alone. All of this is without the standard library and without a
//! C library but for `fork`, because runtimes with any C library load it.
//!
//! Written for x86-64; elsewhere there is what a launcher says, and nobody to say it to.
#![cfg_attr(not(test), no_std)]
#![cfg(target_os = "linux")]

#[cfg(target_arch = "x86_64")]
mod birth;
mod capabilities;
#[cfg(target_arch = "x86_64")]
mod clone;
#[cfg(target_arch = "x86_64")]
mod descriptors;
#[cfg(target_arch = "x86_64")]
mod memory;
#[cfg(target_arch = "x86_64")]
mod message;
mod request;
#[cfg(target_arch = "x86_64")]
mod serve;
#[cfg(target_arch = "x86_64")]
mod syscall;
#[cfg(target_arch = "x86_64")]
mod walls;

use core::ffi::CStr;

pub use self::capabilities::drop_capabilities;
pub use self::request::{INIT_DESCRIPTORS, MAX_CGROUPS, RUNNER_DESCRIPTORS, Request};
#[cfg(target_arch = "x86_64")]
pub use self::serve::{exit, serve};

/// The descriptor on which a zygote is asked for children.
pub const CONTROL: i32 = 3;

/// The descriptor with the program that `init` executes: the launcher.
pub const LAUNCHER: i32 = 4;

/// The descriptor with the filter of system calls of a runner, as the kernel reads it.
pub const FILTER: i32 = 5;

/// The first of the descriptors that `init` finds after it has executed [`LAUNCHER`], in the order
/// in which they were sent.
pub const FIRST_INHERITED: i32 = 200;

/// The argument by which the launcher's program knows that it is a sandbox's first process.
pub const ENTER: &CStr = c"--enter";

/// The number of the runner's process in its sandbox.
pub const RUNNER_PID: i32 = 2;

/// What a zygote says when it can be asked.
pub const READY: &[u8] = b"ready";
