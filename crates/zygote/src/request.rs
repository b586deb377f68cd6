//! What a zygote is asked.

/// How many descriptors are for `init`.
pub const INIT_DESCRIPTORS: usize = 11;

/// How many descriptors are for the runner: one by which it is let go, and its own 0 to 3.
pub const RUNNER_DESCRIPTORS: usize = 5;

/// How many cgroups a sandbox may be in.
pub const MAX_CGROUPS: usize = 8;

/// Asks for a sandbox's two processes. With it come the descriptors for `init`, for the runner, and
/// those of the files by which they join their cgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The runner's user and group, in the new user namespace.
    pub runner: u32,
    /// Whether other groups can be, and are to be, left.
    pub leave_groups: bool,
}

impl Request {
    /// Returns the datagram.
    pub const fn encode(self) -> [u8; 5] {
        let [a, b, c, d] = self.runner.to_le_bytes();
        [a, b, c, d, self.leave_groups as u8]
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) const fn decode(bytes: [u8; 5]) -> Self {
        let [a, b, c, d, leave_groups] = bytes;
        Self {
            runner: u32::from_le_bytes([a, b, c, d]),
            leave_groups: leave_groups != 0,
        }
    }
}
