//! The system calls that a sandbox may make.
//!
//! The allow-list of [`syscall_policy`], compiled once for each profile and loaded
//! into each sandbox. Everything else answers as if this kernel did not have it
//! (`ENOSYS`); calls made the way of another architecture end the process.
//! [`program`] compiles.

mod program;

use std::collections::BTreeMap;

use syscall_policy::{Call, Profile, Rule};

use crate::syscalls::Instruction;

/// The filters of all profiles, ready to load.
pub(super) struct Filters {
    builtin: Vec<Instruction>,
    runtime: Vec<Instruction>,
    zygote: Vec<Instruction>,
}

impl Filters {
    /// Compiles the filters.
    pub(super) fn compile() -> Self {
        Self {
            builtin: compile(Profile::Builtin),
            runtime: compile(Profile::Runtime),
            zygote: assemble(syscall_policy::zygote_rules()),
        }
    }

    /// Returns the filter of a profile.
    pub(super) fn of(&self, profile: Profile) -> &[Instruction] {
        match profile {
            Profile::Builtin => &self.builtin,
            Profile::Runtime => &self.runtime,
        }
    }

    /// Returns the filter of zygotes.
    pub(super) fn of_zygotes(&self) -> &[Instruction] {
        &self.zygote
    }
}

/// Compiles the filter of a profile.
pub(super) fn compile(profile: Profile) -> Vec<Instruction> {
    assemble(syscall_policy::rules(profile))
}

fn assemble(rules: BTreeMap<Call, Rule>) -> Vec<Instruction> {
    let rules = rules.into_iter();
    program::compile(&rules.map(|(call, rule)| (call.number(), rule)).collect())
}

impl std::fmt::Debug for Filters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filters")
            .field("builtin", &self.builtin.len())
            .field("runtime", &self.runtime.len())
            .field("zygote", &self.zygote.len())
            .finish()
    }
}
