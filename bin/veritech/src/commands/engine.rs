//! Makes the engine that the configuration asks for.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod native;

#[cfg(not(target_os = "linux"))]
pub(crate) use self::elsewhere::{check_host, for_run, for_serve};
#[cfg(target_os = "linux")]
pub(crate) use self::native::{check_host, for_run, for_serve};
