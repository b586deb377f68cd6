//! Why an engine could not do what it was asked to.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// An error preparing an image. Several who wait for one image are told the same.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// This engine cannot or may not run the image.
    #[error("image `{image}` cannot be run: {reason}")]
    Unsupported {
        /// The image and its tag, as the request wrote them.
        image: String,
        /// What is wrong with it and what would do instead.
        reason: String,
    },

    /// The image may be run but could not be had.
    #[error("image `{image}` could not be prepared: {reason}")]
    Unavailable {
        /// The image and its tag, as the request wrote them.
        image: String,
        /// What failed, in words for the caller.
        reason: String,
        /// The underlying failure.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },

    /// The engine itself is not there, so that nothing is known of the image.
    #[error("the {engine} engine is not available: {reason}")]
    EngineUnavailable {
        /// Which engine.
        engine: crate::EngineKind,
        /// Why not, in words for the caller.
        reason: &'static str,
        /// The underlying failure.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },

    /// The preparation was cancelled.
    #[error("preparing the image was cancelled")]
    Cancelled,
}

/// An error launching a sandbox. Nothing is left of the attempt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// The host does not allow something that every sandbox must have.
    #[error("this host refuses {what}; {fix}")]
    Refused {
        /// The step that the host refused, such as `user namespaces`.
        what: &'static str,
        /// What an operator has to do about it.
        fix: String,
        /// The refusal.
        #[source]
        source: io::Error,
    },

    /// A step of building the sandbox failed.
    #[error("sandbox set-up failed at step `{step}`")]
    Setup {
        /// The step.
        step: String,
        /// The failure.
        #[source]
        source: io::Error,
    },

    /// The engine itself is not there.
    #[error("the {engine} engine is not available: {reason}")]
    EngineUnavailable {
        /// Which engine.
        engine: crate::EngineKind,
        /// Why not, in words for the caller.
        reason: String,
        /// The underlying failure, if there is more to say.
        #[source]
        source: Option<Arc<dyn Error + Send + Sync>>,
    },

    /// The specification asks for what the engine does not offer.
    #[error("the {engine} engine does not offer {what}")]
    NotOffered {
        /// Which engine.
        engine: crate::EngineKind,
        /// What was asked for.
        what: &'static str,
    },

    /// The launch was cancelled.
    #[error("launch was cancelled")]
    Cancelled,
}

/// An error connecting to the cyclone of a sandbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The sandbox has a single connection, and it was taken.
    #[error("the connection to this sandbox was taken before")]
    Taken,

    /// The connection could not be made.
    #[error("could not connect to the sandbox")]
    Io(#[source] io::Error),
}

/// An error destroying a sandbox: it may still be there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DestroyError {
    /// Something in it did not end after it was killed.
    #[error("the sandbox was not gone {waited:?} after it was killed")]
    NotGone {
        /// How long was waited.
        waited: Duration,
    },

    /// A step of removing it failed.
    #[error("removing the sandbox failed at step `{step}`")]
    Io {
        /// The step.
        step: &'static str,
        /// The failure.
        #[source]
        source: io::Error,
    },
}

/// An error removing what an earlier dispatcher left.
#[derive(Debug, thiserror::Error)]
#[error("could not remove leftover `{what}`")]
pub struct ReclaimError {
    /// The leftover.
    pub what: String,
    /// The failure.
    #[source]
    pub source: io::Error,
}
