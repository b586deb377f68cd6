//! The system calls that a sandbox may make.
//!
//! An allow-list in two profiles. Everything else answers as if the kernel did
//! not have it (`ENOSYS`), which programs know how to live with. Each engine
//! turns the list into what it has: the native one into a seccomp program, the
//! Docker one into a profile in Docker's own format.
//!
//! Linux only, and empty elsewhere.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

mod call;
mod forbidden;
mod lists;
mod rules;

pub use self::call::Call;
pub use self::forbidden::{Attempt, FORBIDDEN, OF_THE_ARCHITECTURE, is_refusal};
pub use self::rules::{Profile, Rule, rules, zygote_rules};
