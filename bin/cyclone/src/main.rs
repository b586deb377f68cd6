//! Executes one function in a sandbox, as its first process.
//!
//! `cyclone --help` says how it is called. What it does is in the crate `cyclone-server`.
//! Sandboxes are Linux; elsewhere this program does nothing.
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod arguments;
#[cfg(target_os = "linux")]
mod program;

use std::process::ExitCode;

/// The same with any C library: that of musl is slow.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    return program::run();
    #[cfg(not(target_os = "linux"))]
    return ExitCode::FAILURE;
}
