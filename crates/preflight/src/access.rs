//! Who can change or read a file, by the file itself and by every directory above it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::users::ROOT;

/// Everybody may write.
const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_READ: u32 = 0o004;
const GROUP_READS: u32 = 0o040;

/// In such a directory nobody replaces what is another's.
const STICKY: u32 = 0o1000;

/// One file or directory, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mode: u32,
}

/// A file, links resolved, with the directories above it, the file first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain(pub(crate) Vec<Entry>);

/// Who is trusted with files: root, and the user of this process with its group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trusted {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Trusted {
    pub(crate) fn this_process() -> Self {
        Self {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        }
    }

    fn is_user(self, uid: u32) -> bool {
        uid == ROOT || uid == self.uid
    }

    fn is_group(self, gid: u32) -> bool {
        gid == ROOT || gid == self.gid
    }
}

impl Chain {
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let entries = path.ancestors().map(|path| {
            let found = fs::metadata(path)?;
            Ok(Entry {
                path: path.to_owned(),
                uid: found.uid(),
                gid: found.gid(),
                mode: found.mode(),
            })
        });
        entries.collect::<io::Result<_>>().map(Self)
    }

    /// Says who else could change the file, or put another in its place.
    pub(crate) fn changeable(&self, by_other_than: Trusted) -> Option<String> {
        self.0.iter().enumerate().find_map(|(depth, entry)| {
            let path = entry.path.display();
            if !by_other_than.is_user(entry.uid) {
                return Some(format!("`{path}` belongs to user {}", entry.uid));
            }
            // Above a file or directory of ours, such a directory protects it.
            if depth > 0 && entry.mode & STICKY != 0 {
                return None;
            }
            if entry.mode & OTHERS_WRITE != 0 {
                return Some(format!("`{path}` can be written by everybody"));
            }
            if entry.mode & GROUP_WRITES != 0 && !by_other_than.is_group(entry.gid) {
                return Some(format!("`{path}` can be written by group {}", entry.gid));
            }
            None
        })
    }

    /// Returns whether others may read the file itself.
    pub(crate) fn is_readable(&self, by_other_than: Trusted) -> bool {
        self.0.first().is_some_and(|entry| {
            let by_group = entry.mode & GROUP_READS != 0 && !by_other_than.is_group(entry.gid);
            entry.mode & OTHERS_READ != 0 || by_group
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Trusted = Trusted {
        uid: 1000,
        gid: 1000,
    };

    fn chain(entries: &[(&str, u32, u32, u32)]) -> Chain {
        let entries = entries.iter().map(|&(path, uid, gid, mode)| Entry {
            path: path.into(),
            uid,
            gid,
            mode,
        });
        Chain(entries.collect())
    }

    #[test]
    fn a_file_of_mine_below_directories_of_root_is_mine() {
        let mine = chain(&[
            ("/srv/me/x", 1000, 1000, 0o100_664),
            ("/srv/me", 1000, 1000, 0o40_775),
            ("/srv", 0, 0, 0o40_755),
            ("/", 0, 0, 0o40_755),
        ]);

        assert_eq!(mine.changeable(ME), None);
    }

    #[test]
    fn whoever_may_write_to_it_or_above_it_is_named() {
        let file = ("/a/x", 0, 0, 0o100_644);
        for (above, who) in [
            (("/a", 33, 0, 0o40_755), "user 33"),
            (("/a", 0, 50, 0o40_775), "group 50"),
            (("/a", 0, 0, 0o40_757), "everybody"),
        ] {
            let found = chain(&[file, above]).changeable(ME).expect(who);
            assert!(found.contains(who) && found.contains("`/a`"), "{found}");
        }
        let found = chain(&[("/a/x", 0, 0, 0o100_666)]).changeable(ME);
        assert!(found.is_some_and(|found| found.contains("`/a/x`")));
    }

    #[test]
    fn a_secret_may_be_read_by_root_and_the_dispatchers_own_group() {
        for (gid, mode, others) in [
            (50, 0o100_600, false),
            (1000, 0o100_640, false),
            (0, 0o100_440, false),
            (50, 0o100_640, true),
            (1000, 0o100_644, true),
        ] {
            let file = chain(&[("/etc/x", 0, gid, mode)]);
            assert_eq!(file.is_readable(ME), others, "{gid}: {mode:o}");
        }
    }

    #[test]
    fn in_a_sticky_directory_nobody_replaces_what_is_mine() {
        let sticky = ("/tmp", 0, 0, 0o41_777);

        assert_eq!(
            chain(&[("/tmp/x", 1000, 1000, 0o100_600), sticky]).changeable(ME),
            None
        );
        assert!(chain(&[sticky]).changeable(ME).is_some());
    }
}
