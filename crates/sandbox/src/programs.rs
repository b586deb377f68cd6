//! What an engine puts into sandboxes: programs and scripts of ours.

use std::path::PathBuf;

/// The directory, inside every sandbox, with cyclone and the runners.
pub const DIRECTORY: &str = "/veritech";

/// Cyclone, inside every sandbox.
pub const CYCLONE: &str = "/veritech/cyclone";

/// The image whose runner tries the walls of its sandbox from inside. No request can
/// name it: engines give it to whoever holds them.
pub const SELF_CHECK_IMAGE: &str = "builtin/self-check:latest";

/// The command of that runner.
pub const SELF_CHECK_COMMAND: &str = "/veritech/cyclone --self-check";

/// The programs and scripts that an engine brings along.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Cyclone, statically linked.
    pub cyclone: Executable,
    /// The QuickJS runner, statically linked.
    pub quickjs: Executable,
    /// The files of the runners for other languages, by their paths below
    /// [`DIRECTORY`].
    pub scripts: &'static [(&'static str, &'static [u8])],
}

/// Where a program is.
#[derive(Clone)]
pub enum Executable {
    /// In this process's memory.
    Embedded(&'static [u8]),
    /// In a file.
    File(PathBuf),
}

impl std::fmt::Debug for Executable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded(bytes) => write!(f, "Embedded({} bytes)", bytes.len()),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}
