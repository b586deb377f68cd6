//! OCI images without a daemon: pulled, verified, unpacked, cached, evicted.
//!
//! A [`Store`] keeps images below one directory, each unpacked into a root
//! filesystem that many sandboxes mount read-only at once.
//!
//! ```text
//!  name ──registry──▶ manifest ──▶ blobs ──▶ layers ──▶ images/sha256-…/rootfs
//!                        │           │          │
//!                        └─ digest ──┴─ digest ─┴─ digest of what is in it
//! ```
//!
//! # Invariants
//!
//! - What lies below `images/` is complete and was verified; everything else is
//!   made in a directory of its own below `tmp/`, which is removed with the
//!   process that made it, or by the next one.
//! - Nothing of an image is ever written outside of its root filesystem, and
//!   nothing in it is privileged: no device, no set-user-id bit, no capability,
//!   no owner but the one who unpacked it.
//! - Whoever holds a [`StoredImage`] keeps it from being removed, by any process.
//!
//! # Trust
//!
//! Registries and archives are hostile: each size is bounded before it is
//! believed, and no path in them reaches the host.
#![forbid(unsafe_code)]

mod archive;
mod config;
pub mod credentials;
mod digest;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod import;
mod layer;
mod layout;
mod lock;
mod manifest;
mod names;
mod pull;
mod registry;
mod shelf;
mod spelling;
mod stop;
mod store;
mod tree;
mod unpack;
mod workspace;
mod zstd;

pub use self::config::StoreConfig;
pub use self::credentials::{Credentials, CredentialsError};
pub use self::error::{LayerError, OpenError, PullError, RemoveError, StoreError};
pub use self::import::ImportError;
pub use self::shelf::{Counts, StoredImage, Summary};
pub use self::spelling::{InvalidName, parse_name};
pub use self::store::Store;
