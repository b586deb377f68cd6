//! What a launch needs to know of an image.

use image_store::StoredImage;

use crate::enforcement::Workload;
use crate::wire::Root;

/// How the sandboxes of an image are made.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// What they see as `/`.
    pub(crate) root: Root,
    /// The command of its runner, for any limits.
    pub(crate) runner: String,
    /// The variables, as `NAME=VALUE`, that its language needs to start.
    pub(crate) environment: Vec<String>,
    /// What its processes are like.
    pub(crate) workload: Workload,
    /// Keeps the image from being removed from the store, if that is where it is.
    pub(crate) lease: Option<StoredImage>,
}
