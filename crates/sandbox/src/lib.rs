//! The contract between the dispatcher and a sandbox engine.
//!
//! An [`Engine`] turns a [`SandboxSpec`] into a running [`Sandbox`]: somewhere
//! that untrusted code can execute without reaching the host, its neighbours,
//! or whoever comes later. The dispatcher is written against this crate alone;
//! each engine lives in a crate of its own.
//!
//! # Lifecycle
//!
//! ```text
//!  image name ──prepare──▶ Image ──launch──▶ Sandbox ──connect──▶ stream to its cyclone
//!                                    │          │                        │
//!                                    │          └── ended by itself ──┐  │
//!                                    │                                ▼  ▼
//!                                    └── fails: nothing is left     (end,) destroy, always, once
//! ```
//!
//! A sandbox serves one execution and is then destroyed. It is never used
//! again: reuse would let one function leave something behind for the next.
//!
//! # Trust
//!
//! Everything that comes out of [`Sandbox::connect`]'s stream is written by an
//! adversary; this crate never interprets it. A [`Report`] is the engine's own
//! observation from outside and can be relied upon.
#![forbid(unsafe_code)]

pub mod attribution;
pub mod capabilities;
#[cfg(target_os = "linux")]
pub mod cgroup;
pub mod check;
pub mod enforcement;
pub mod engine;
pub mod error;
pub mod joined;
pub mod limits;
pub mod programs;
pub mod pull;
pub mod reference;
pub mod runner;
#[cfg(any(test, feature = "test-util"))]
pub mod scripted;

pub use self::attribution::Attribution;
pub use self::capabilities::{Capabilities, Case};
pub use self::check::Check;
pub use self::enforcement::{Enforcement, Mechanism};
pub use self::engine::{
    Ending, Engine, EngineKind, Image, Phase, Progress, Report, Sandbox, SandboxId, SandboxSpec,
    Token,
};
pub use self::error::{ConnectError, DestroyError, LaunchError, PrepareError, ReclaimError};
pub use self::joined::{GivenUp, Joined};
pub use self::limits::{Limit, LimitHit, Limits, Network, Refusals};
pub use self::programs::{Executable, Programs};
pub use self::pull::{PullPolicy, UnknownPullPolicy};
pub use self::reference::{ImagePattern, InvalidPattern, InvalidReference, RegistryReference};
pub use self::runner::{
    ChosenRunner, InjectionRule, InvalidLabel, NoRunner, OwnRunner, Runner, UnknownRunner,
    choose_runner, command_within, zygote_command,
};
