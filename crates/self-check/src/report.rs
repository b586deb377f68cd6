//! What was found inside a sandbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was found inside a sandbox. Everything that should not be is named as whoever reads it
/// would.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many forbidden system calls were made.
    pub attempts: usize,
    /// Those that the kernel looked at, and how they ended.
    pub answered: Vec<String>,
    /// Lines of the process's status: ids, capabilities, `NoNewPrivs`, `Seccomp`.
    pub status: BTreeMap<String, String>,
    /// Whether root's user id could be had by asking for it.
    pub became_root: bool,
    /// The names of the variables in the environment.
    pub variables: Vec<String>,
    /// Open descriptors other than the four that a runner is given.
    pub descriptors: Vec<String>,
    /// Process ids that can be seen, other than its own and cyclone's.
    pub processes: Vec<u32>,
    /// Places of the host, or of cyclone, that can be read.
    pub readable: Vec<String>,
    /// Places outside its scratch space that can be written.
    pub writable: Vec<String>,
    /// Devices other than those that do nothing.
    pub devices: Vec<String>,
    /// Network interfaces that lead somewhere.
    pub interfaces: Vec<String>,
    /// Addresses that could be connected to.
    pub reached: Vec<String>,
}
