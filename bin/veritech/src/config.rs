//! The configuration: defaults < file < environment < command line.
//!
//! Every source writes into one TOML table by the same names; the table is
//! checked once.
//!
//! ```text
//!  file ──┐
//!  env ───┼──▶ Layers (a TOML table) ──▶ Raw ──▶ Settings
//!  flags ─┘        unknown keys are errors    values are checked
//! ```

mod engines;
mod images;
mod keys;
mod layers;
mod pool;
mod raw;

pub(crate) use self::engines::{DockerConnect, EngineChoice, EngineSettings};
pub(crate) use self::layers::Layers;
pub(crate) use self::raw::Settings;
