//! What one layer has put into a tree, so that its whiteouts spare it.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

/// A set of paths. It keeps a keyed hash of each, so that a layer with very long
/// names does not take much memory.
#[derive(Debug, Default)]
pub(super) struct Marks {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Marks {
    /// Adds a path and every directory above it.
    pub(super) fn add(&mut self, path: &Path) {
        for path in path.ancestors() {
            if !self.hashes.insert(self.hasher.hash_one(path)) {
                break;
            }
        }
    }

    /// Returns whether the layer has put something at `path` or below.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.hashes.contains(&self.hasher.hash_one(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_marks_what_is_above_it_but_nothing_beside_it() {
        let mut marks = Marks::default();
        marks.add(Path::new("a/b/c"));

        for (path, marked) in [("a", true), ("a/b", true), ("a/b/c", true), ("a/c", false)] {
            assert_eq!(marks.has(Path::new(path)), marked, "{path}");
        }
    }
}
