//! The image that the engine brings along: cyclone and the runners, and nothing
//! else.
//!
//! It is built in memory and loaded into the daemon, under a name made of its
//! content, so that all dispatchers with the same programs share one.

use std::io;

use bytes::Bytes;
use sandbox::Executable;
use sandbox::Programs;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

/// A file of the image.
struct File {
    path: String,
    mode: u32,
    content: Source,
}

/// Where a file's content is.
enum Source {
    Here(&'static [u8]),
    Elsewhere(std::path::PathBuf),
}

/// The image that the engine brings along.
#[derive(Clone, Debug)]
pub(crate) struct Builtin {
    programs: Programs,
    /// Stands for everything in it.
    digest: String,
    /// Each file's path below `/veritech`, and the digest of its content.
    files: Vec<(String, [u8; 32])>,
}

impl Builtin {
    /// Describes the image with these programs. Reads all of them.
    pub(crate) fn new(programs: Programs) -> io::Result<Self> {
        let mut sum = Sha256::new();
        let mut files = Vec::new();
        for file in contents(&programs) {
            let content: [u8; 32] = Sha256::digest(&*file.read()?).into();
            sum.update(file.path.as_bytes());
            sum.update([0]);
            sum.update(file.mode.to_le_bytes());
            sum.update(content);
            files.push((file.path, content));
        }
        let digest = hex(&sum.finalize()).chars().take(16).collect();
        Ok(Self {
            programs,
            digest,
            files,
        })
    }

    /// Returns the image's name in the daemon.
    pub(crate) fn tag(&self) -> String {
        format!("veritech-builtin:{}", self.digest)
    }

    /// Returns the name of the volume with the same files.
    pub(crate) fn volume(&self) -> String {
        format!("veritech-{}", self.digest)
    }

    /// Returns each file's path below `/veritech`, and the digest of its content.
    pub(crate) fn files(&self) -> &[(String, [u8; 32])] {
        &self.files
    }

    /// Returns the image as the archive that a daemon loads. Reads all programs.
    pub(crate) fn archive(&self) -> io::Result<Bytes> {
        let layer = self.layer()?;
        let config = serde_json::to_vec(&json!({
            "architecture": docker_architecture(),
            "os": "linux",
            "config": {},
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&layer))] },
        }))?;
        let config_name = format!("{}.json", sha256(&config));
        let manifest = serde_json::to_vec(&json!([{
            "Config": config_name,
            "RepoTags": [self.tag()],
            "Layers": ["layer.tar"],
        }]))?;
        let mut archive = Builder::new(Vec::new());
        add_file(&mut archive, "layer.tar", 0o644, &layer)?;
        add_file(&mut archive, &config_name, 0o644, &config)?;
        add_file(&mut archive, "manifest.json", 0o644, &manifest)?;
        archive.into_inner().map(Bytes::from)
    }

    /// Returns the image's one layer.
    fn layer(&self) -> io::Result<Vec<u8>> {
        let mut layer = Builder::new(Vec::new());
        add_directory(&mut layer, "dev", 0o755)?;
        add_directory(&mut layer, "proc", 0o555)?;
        add_directory(&mut layer, "tmp", 0o1777)?;
        add_directory(&mut layer, "veritech", 0o755)?;
        let mut directories = std::collections::BTreeSet::new();
        for file in contents(&self.programs) {
            let mut above = file.path.as_str();
            let mut missing = Vec::new();
            while let Some((directory, _)) = above.rsplit_once('/') {
                missing.push(directory.to_owned());
                above = directory;
            }
            for directory in missing.into_iter().rev() {
                if directories.insert(directory.clone()) {
                    add_directory(&mut layer, &format!("veritech/{directory}"), 0o755)?;
                }
            }
            let path = format!("veritech/{}", file.path);
            add_file(&mut layer, &path, file.mode, &file.read()?)?;
        }
        layer.into_inner()
    }
}

impl File {
    fn read(&self) -> io::Result<std::borrow::Cow<'static, [u8]>> {
        match &self.content {
            Source::Here(bytes) => Ok((*bytes).into()),
            Source::Elsewhere(path) => std::fs::read(path).map(Into::into),
        }
    }
}

/// Lists the files below `/veritech`.
fn contents(programs: &Programs) -> impl Iterator<Item = File> {
    let executable = |path: &str, executable: &Executable| File {
        path: path.to_owned(),
        mode: 0o755,
        content: match executable {
            Executable::Embedded(bytes) => Source::Here(bytes),
            Executable::File(path) => Source::Elsewhere(path.clone()),
        },
    };
    let scripts = programs.scripts.iter().map(|(path, bytes)| File {
        path: (*path).to_owned(),
        mode: 0o644,
        content: Source::Here(bytes),
    });
    [
        executable("cyclone", &programs.cyclone),
        executable("quickjs", &programs.quickjs),
    ]
    .into_iter()
    .chain(scripts)
}

fn add_directory(archive: &mut Builder<Vec<u8>>, path: &str, mode: u32) -> io::Result<()> {
    let mut header = header(EntryType::Directory, mode, 0);
    archive.append_data(&mut header, path, io::empty())
}

fn add_file(
    archive: &mut Builder<Vec<u8>>,
    path: &str,
    mode: u32,
    content: &[u8],
) -> io::Result<()> {
    let length = content.len().try_into().map_err(io::Error::other)?;
    let mut header = header(EntryType::Regular, mode, length);
    archive.append_data(&mut header, path, content)
}

/// Returns a header that is the same whenever and by whomever it is made.
fn header(kind: EntryType, mode: u32, length: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(length);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

/// Returns the architecture that this is built for, as Docker calls it.
pub(crate) fn docker_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn programs(quickjs: &'static [u8]) -> Programs {
        Programs {
            cyclone: Executable::Embedded(b"cyclone"),
            quickjs: Executable::Embedded(quickjs),
            scripts: &[
                ("javascript/vendor/a.mjs", b"a"),
                ("javascript/b.mjs", b"b"),
            ],
        }
    }

    #[test]
    fn the_same_programs_make_the_same_image_and_others_another() {
        let one = Builtin::new(programs(b"1")).expect("readable");
        let same = Builtin::new(programs(b"1")).expect("readable");
        let other = Builtin::new(programs(b"2")).expect("readable");

        assert_eq!(one.tag(), same.tag());
        assert_ne!(one.tag(), other.tag());
        assert_eq!(
            one.archive().expect("readable"),
            same.archive().expect("readable")
        );
    }

    #[test]
    fn the_layer_has_the_programs_and_where_to_mount() {
        let layer = Builtin::new(programs(b"1"))
            .and_then(|it| it.layer())
            .expect("readable");
        let mut archive = tar::Archive::new(&*layer);
        let mut listed = Vec::new();
        for entry in archive.entries().expect("an archive") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            listed.push((path, text));
        }

        let expected = [
            ("dev", ""),
            ("proc", ""),
            ("tmp", ""),
            ("veritech", ""),
            ("veritech/cyclone", "cyclone"),
            ("veritech/quickjs", "1"),
            ("veritech/javascript", ""),
            ("veritech/javascript/vendor", ""),
            ("veritech/javascript/vendor/a.mjs", "a"),
            ("veritech/javascript/b.mjs", "b"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(listed, expected);
    }
}
