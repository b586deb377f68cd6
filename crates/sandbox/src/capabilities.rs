//! What engines can hold their sandboxes to: the capability matrix.
//!
//! Each engine fills this from the code that decides what enforces its limits,
//! so that `veritech doctor` and the documents show what is true.

use crate::enforcement::Enforcement;
use crate::engine::EngineKind;
use crate::limits::Network;

/// What one engine offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Which engine.
    pub engine: EngineKind,
    /// What must be there for it to work.
    pub needs: &'static str,
    /// Who its sandboxes are on the host.
    pub identities: &'static str,
    /// The networks that it can give sandboxes, some only where configured.
    pub networks: &'static [Network],
    /// What enforces the limits, for every kind of host and image there is.
    pub cases: Vec<Case>,
}

/// What enforces the limits of some images on some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which hosts, by what they have.
    pub host: String,
    /// Which images.
    pub images: &'static str,
    /// What enforces each limit.
    pub enforcement: Enforcement,
}
