//! What is measured, and on what.

pub(crate) mod calls;
pub(crate) mod containers;
pub(crate) mod echo;
pub(crate) mod host;
pub(crate) mod life;
pub(crate) mod peers;
pub(crate) mod process;
