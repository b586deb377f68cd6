//! Which root file system a sandbox gets.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The most bytes that the place of an image has.
const MAX_PATH_BYTES: usize = 512;

/// The root file system of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Root {
    /// The ready-made one of the image with this number.
    Ready(usize),
    /// That of an image in the store.
    Stored {
        /// Where it is.
        place: StorePlace,
        /// Whether our own programs cover what it has under `/veritech`.
        inject: bool,
    },
}

/// A directory below the store's. What was received from the other side is
/// checked as well as what is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PathBuf")]
pub(crate) struct StorePlace(PathBuf);

/// A path that may lead out of the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no relative path of at most {MAX_PATH_BYTES} bytes without `.` and `..`", .0.display())]
pub(crate) struct InvalidPlace(PathBuf);

impl StorePlace {
    /// Returns the path below the store's directory.
    pub(crate) fn as_path(&self) -> &Path {
        &self.0
    }
}

impl TryFrom<PathBuf> for StorePlace {
    type Error = InvalidPlace;

    fn try_from(path: PathBuf) -> Result<Self, InvalidPlace> {
        let length = path.as_os_str().len();
        let mut parts = path.components();
        if length == 0
            || length > MAX_PATH_BYTES
            || !parts.all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(InvalidPlace(path));
        }
        Ok(Self(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_cannot_lie_outside_the_store() {
        let long = "x".repeat(MAX_PATH_BYTES + 1);
        for path in ["", "/", "/etc", "..", "a/../..", "./a", "a/../b", &long] {
            let place = StorePlace::try_from(PathBuf::from(path));
            assert!(place.is_err(), "{path}");

            let sent = serde_json::json!({"Stored": {"place": path, "inject": false}});
            let received: Result<Root, _> = serde_json::from_value(sent);
            assert!(received.is_err(), "{path}");
        }
    }

    #[test]
    fn a_place_is_received_as_it_was_sent() {
        let place = StorePlace::try_from(PathBuf::from("images/sha256-0/rootfs"));
        let root = Root::Stored {
            place: place.expect("a place"),
            inject: true,
        };

        let sent = serde_json::to_string(&root).expect("it can be sent");

        let received: Root = serde_json::from_str(&sent).expect("it is understood");
        assert_eq!(received, root);
    }
}
