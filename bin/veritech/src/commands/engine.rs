//! Makes the engine that the configuration asks for.

#[cfg(target_os = "linux")]
mod any;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod examination;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub(crate) use self::any::AnyEngine;
#[cfg(not(target_os = "linux"))]
pub(crate) use self::elsewhere::{capabilities, check_host, for_run, for_serve};
#[cfg(target_os = "linux")]
pub(crate) use self::examination::{check_host, for_serve};
#[cfg(target_os = "linux")]
pub(crate) use self::linux::{capabilities, for_run, store};

/// What an engine offers, and what of it holds on this host.
#[derive(Debug)]
pub(crate) struct Offered {
    /// On every kind of host.
    pub(crate) everywhere: sandbox::Capabilities,
    /// On this one; nothing if that was not looked at.
    pub(crate) here: Vec<sandbox::Case>,
}
