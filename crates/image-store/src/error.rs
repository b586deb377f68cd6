//! What can go wrong with images, and what a caller is told of it.
//!
//! The texts of [`PullError`] and [`LayerError`] may be shown to callers: they
//! name images, registries and paths within an image, never a path of the host.
//! What the host said is in their sources, for the operator.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sandbox::PrepareError;

use crate::credentials::CredentialsError;

/// A step on the host's own file system that failed.
#[derive(Debug, thiserror::Error)]
#[error("the image store failed to {step}")]
pub struct StoreError {
    /// The step.
    pub step: &'static str,
    /// The failure.
    #[source]
    pub source: io::Error,
}

impl StoreError {
    /// Returns a function that adds the step to a failure.
    pub(crate) fn at(step: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { step, source }
    }
}

/// An error opening a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A step on the file system failed.
    #[error("the image store `{root}` cannot be used")]
    Unusable {
        /// The store's directory.
        root: String,
        /// The step and its failure.
        #[source]
        source: StoreError,
    },

    /// The HTTP client could not be made.
    #[error("no client for registries could be made")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

/// An error getting an image. Nothing is left of the attempt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// The image is not here, and it must not be pulled.
    #[error("it is not in the image store, and the pull policy is `never`")]
    NotPresent,

    /// The registry does not have it.
    #[error("registry `{registry}` has no such image")]
    NotFound {
        /// The registry.
        registry: String,
        /// What it said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// The registry does not give it to us.
    #[error("registry `{registry}` refuses access: {advice}")]
    Denied {
        /// The registry.
        registry: String,
        /// What to do about it.
        advice: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// The registry cannot be reached or does not answer properly.
    #[error("registry `{registry}` {problem} when asked for {what}")]
    Registry {
        /// The registry.
        registry: String,
        /// What was asked for.
        what: &'static str,
        /// What went wrong.
        problem: &'static str,
        /// The failure.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },

    /// The credentials for the registry could not be had.
    #[error("the credentials for the registry could not be had: {0}")]
    Credentials(#[source] CredentialsError),

    /// Something is not what its digest says.
    #[error(
        "{what} does not have the digest it is listed with: {expected} was expected, {actual} came"
    )]
    DigestMismatch {
        /// What was looked at.
        what: String,
        /// The digest it should have.
        expected: String,
        /// The digest it has.
        actual: String,
    },

    /// Something has another size than it is listed with.
    #[error("{what} is listed with {declared} bytes, but {received} came")]
    SizeMismatch {
        /// What was looked at.
        what: String,
        /// The size it should have.
        declared: u64,
        /// The bytes that came before this was noticed.
        received: u64,
    },

    /// Something is larger than this store accepts.
    #[error("{what} over the limit of {limit}")]
    TooLarge {
        /// What is too large, with a verb.
        what: &'static str,
        /// The limit, with its unit.
        limit: String,
    },

    /// A layer cannot be unpacked, or must not be.
    #[error("layer {digest} is refused: {source}")]
    Layer {
        /// The layer.
        digest: String,
        /// Why.
        source: LayerError,
    },

    /// The image as a whole cannot be used as a root filesystem.
    #[error("it is refused: {0}")]
    Unfit(String),

    /// It is no image that this host can run.
    #[error("{0}")]
    Unsupported(String),

    /// A manifest or configuration cannot be read.
    #[error("its {what} is malformed: {problem}")]
    Malformed {
        /// What cannot be read.
        what: &'static str,
        /// Why.
        problem: String,
    },

    /// The host failed.
    #[error(transparent)]
    Store(#[from] StoreError),

    /// It took too long.
    #[error("it took longer than {limit:?}")]
    TimedOut {
        /// How long it may take.
        limit: Duration,
    },

    /// Nobody waits for it any more.
    #[error("it was cancelled")]
    Cancelled,

    /// The task that did it ended without a word.
    #[error("it was given up")]
    GivenUp,
}

impl PullError {
    /// Returns what an engine tells of this failure to prepare `image`, which is
    /// spelt as the request has it.
    pub fn into_prepare_error(self: Arc<Self>, image: &str) -> PrepareError {
        match &*self {
            Self::Cancelled => PrepareError::Cancelled,
            Self::Unsupported(reason) => PrepareError::Unsupported {
                image: image.to_owned(),
                reason: reason.clone(),
            },
            Self::NotPresent
            | Self::NotFound { .. }
            | Self::Denied { .. }
            | Self::Registry { .. }
            | Self::Credentials(_)
            | Self::DigestMismatch { .. }
            | Self::SizeMismatch { .. }
            | Self::TooLarge { .. }
            | Self::Layer { .. }
            | Self::Unfit(_)
            | Self::Malformed { .. }
            | Self::Store(_)
            | Self::TimedOut { .. }
            | Self::GivenUp => PrepareError::Unavailable {
                image: image.to_owned(),
                reason: self.to_string(),
                source: self,
            },
        }
    }
}

/// An error removing an image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoveError {
    /// There is no such image.
    #[error("there is no image `{0}` in the store")]
    NotFound(String),

    /// Sandboxes of it run, or it is being used otherwise.
    #[error("image `{0}` is in use")]
    InUse(String),

    /// The host failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a layer cannot be unpacked, or must not be. Paths are those in the image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LayerError {
    /// A path has a component `..`.
    #[error("path `{0}` has a component `..`")]
    ParentComponent(PathText),

    /// A hard link points out of the image.
    #[error("`{path}` is a hard link to `{target}`, which is outside of the image")]
    LinkOutside {
        /// The link.
        path: PathText,
        /// Where it points.
        target: PathText,
    },

    /// A path leads out of the image by a symbolic link.
    #[error("path `{0}` leaves the image through a symbolic link")]
    LeavesRoot(PathText),

    /// A path leads nowhere.
    #[error("path `{0}` goes through a link that leads nowhere, in circles, or to a file")]
    NoDirectory(PathText),

    /// A hard link's target is not there or cannot be linked to.
    #[error("`{path}` is a hard link to `{target}`, which is not there or no file")]
    NoLinkTarget {
        /// The link.
        path: PathText,
        /// Where it points.
        target: PathText,
    },

    /// A path is empty, too long, too deep, or has a byte that none may have.
    #[error("path `{0}` is empty, too long, too deep, or has a zero byte")]
    InvalidPath(PathText),

    /// A kind of entry that images do not have.
    #[error("`{path}` is of the unknown kind {kind}")]
    UnknownKind {
        /// The entry.
        path: PathText,
        /// Its kind, as the archive has it.
        kind: u8,
    },

    /// A sparse file in a form that is not understood.
    #[error("`{0}` is a sparse file in a form that is not supported")]
    UnknownSparse(PathText),

    /// The headers of an entry take more memory than any honest one's.
    #[error("the headers of an entry are larger than {0} bytes")]
    HeadersTooLarge(u64),

    /// It takes more room than an image may.
    #[error("unpacked, the image takes more than {0} bytes")]
    TooManyBytes(u64),

    /// It lists more than an image may.
    #[error("the image has more than {0} entries")]
    TooManyEntries(u64),

    /// The file system has not enough room for it.
    #[error("the disk of the image store has not enough room")]
    NoRoom,

    /// It is not an archive, is damaged, or ends too early.
    #[error("it is no tar archive, damaged, or cut off")]
    Damaged(#[source] io::Error),

    /// The host failed to write it.
    #[error("it could not be written at `{path}`")]
    Write {
        /// The entry.
        path: PathText,
        /// The failure.
        #[source]
        source: io::Error,
    },
}

/// A path in an image, fit to be shown: escaped and cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathText(String);

impl PathText {
    const MAX_CHARACTERS: usize = 256;

    pub(crate) fn new(path: &[u8]) -> Self {
        let text = path.escape_ascii().take(Self::MAX_CHARACTERS);
        Self(text.map(char::from).collect())
    }
}

impl fmt::Display for PathText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
