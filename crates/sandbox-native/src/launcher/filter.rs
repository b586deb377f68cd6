//! The system calls that a sandbox may make.
//!
//! An allow-list in two profiles, compiled once and loaded into each sandbox.
//! Everything else answers as if this kernel did not have it (`ENOSYS`), which
//! programs know how to live with; calls made the way of another architecture
//! end the process. [`policy`] is the list, [`program`] its compilation.

mod policy;
mod program;

use crate::syscalls::Instruction;
use crate::wire::ImageRoot;

/// How much a sandbox needs of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// Our own static programs.
    Builtin,
    /// A language runtime with threads, a compiler and file access.
    Runtime,
}

impl Profile {
    /// Returns the profile of an image's sandboxes.
    pub(super) fn of(image: &ImageRoot) -> Self {
        if image.interpreter.is_some() {
            Self::Runtime
        } else {
            Self::Builtin
        }
    }
}

/// The filters of all profiles, ready to load.
pub(super) struct Filters {
    builtin: Vec<Instruction>,
    runtime: Vec<Instruction>,
}

impl Filters {
    /// Compiles the filters.
    pub(super) fn compile() -> Self {
        Self {
            builtin: program::compile(&policy::rules(Profile::Builtin)),
            runtime: program::compile(&policy::rules(Profile::Runtime)),
        }
    }

    /// Returns the filter of a profile.
    pub(super) fn of(&self, profile: Profile) -> &[Instruction] {
        match profile {
            Profile::Builtin => &self.builtin,
            Profile::Runtime => &self.runtime,
        }
    }
}

impl std::fmt::Debug for Filters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filters")
            .field("builtin", &self.builtin.len())
            .field("runtime", &self.runtime.len())
            .finish()
    }
}
