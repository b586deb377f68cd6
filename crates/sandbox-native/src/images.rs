//! The images that the engine has, and the runner of each.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sandbox::{Image, PrepareError};

use crate::config::HostImages;
use crate::enforcement::Workload;
use crate::wire::{ImageRoot, Interpreter};

/// The one tag that images of this engine have.
const TAG: &str = "latest";

/// Where host interpreters are inside their sandboxes.
const INTERPRETERS: &str = "/veritech/interpreter";

/// The JavaScript runner inside sandboxes.
const JAVASCRIPT_RUNNER: &str = "/veritech/javascript/runner.mjs";

/// An image of this engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// QuickJS, which the engine brings along.
    QuickJs,
    /// The host's Node.js.
    Node,
    /// The host's Deno.
    Deno,
}

/// The images that sandboxes can be launched from.
#[derive(Debug)]
pub(crate) struct Images {
    allowed: bool,
    known: Vec<Known>,
    missing: Vec<(Kind, String)>,
}

#[derive(Debug)]
struct Known {
    kind: Kind,
    interpreter: Option<Interpreter>,
    /// The command of its runner, once it was asked for.
    runner: OnceLock<String>,
}

/// What a launch needs to know of an image.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    /// Which root the launcher takes.
    pub(crate) index: usize,
    /// The command of its runner.
    pub(crate) runner: String,
    /// The variables that its language needs to start.
    pub(crate) environment: &'static [&'static str],
    /// What its processes are like.
    pub(crate) workload: Workload,
}

impl Kind {
    const ALL: [Self; 3] = [Self::QuickJs, Self::Node, Self::Deno];

    /// Returns the image's name in requests.
    const fn name(self) -> &'static str {
        match self {
            Self::QuickJs => "builtin/quickjs",
            Self::Node => "host/node",
            Self::Deno => "host/deno",
        }
    }

    /// Returns the name of its interpreter, on the host and inside.
    const fn short(self) -> &'static str {
        match self {
            Self::QuickJs => "quickjs",
            Self::Node => "node",
            Self::Deno => "deno",
        }
    }

    const fn languages(self) -> &'static [&'static str] {
        match self {
            Self::QuickJs => &["javascript"],
            Self::Node | Self::Deno => &["javascript", "typescript"],
        }
    }

    const fn environment(self) -> &'static [&'static str] {
        match self {
            Self::QuickJs | Self::Node => &[],
            // Without a home it does not start, and it must not write to one.
            Self::Deno => &["DENO_DIR=/dev/null"],
        }
    }

    const fn workload(self) -> Workload {
        match self {
            Self::QuickJs => Workload::Builtin,
            Self::Node | Self::Deno => Workload::Runtime,
        }
    }
}

impl Images {
    /// Finds out which images there are on this host.
    pub(crate) fn find(host: &HostImages) -> Self {
        let mut images = Self {
            allowed: host.allowed,
            known: vec![Known {
                kind: Kind::QuickJs,
                interpreter: None,
                runner: OnceLock::new(),
            }],
            missing: Vec::new(),
        };
        if host.allowed {
            for (kind, configured) in [(Kind::Node, &host.node), (Kind::Deno, &host.deno)] {
                match interpreter(kind.short(), configured.as_deref()) {
                    Ok(path) => images.known.push(Known {
                        kind,
                        interpreter: Some(Interpreter {
                            name: kind.short().to_owned(),
                            path,
                        }),
                        runner: OnceLock::new(),
                    }),
                    Err(reason) => images.missing.push((kind, reason)),
                }
            }
        }
        images
    }

    /// Returns the roots for the launcher, in the order that [`Template::index`] counts.
    pub(crate) fn roots(&self) -> Vec<ImageRoot> {
        self.known
            .iter()
            .map(|known| ImageRoot {
                name: known.kind.short().to_owned(),
                interpreter: known.interpreter.clone(),
            })
            .collect()
    }

    /// Returns the image that a request names.
    pub(crate) fn resolve(&self, image: &str, tag: &str) -> Result<Image, PrepareError> {
        let unsupported = |reason: String| PrepareError::Unsupported {
            image: format!("{image}:{tag}"),
            reason,
        };
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == image) else {
            let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            return Err(unsupported(format!(
                "the native engine has {}",
                names.join(", ")
            )));
        };
        if tag != TAG {
            return Err(unsupported(format!("its only tag is `{TAG}`")));
        }
        if kind != Kind::QuickJs && !self.allowed {
            return Err(unsupported(
                "interpreters of the host are not allowed; set `native.host_images` to allow them"
                    .to_owned(),
            ));
        }
        if let Some((_, reason)) = self.missing.iter().find(|(missing, _)| *missing == kind) {
            return Err(unsupported(reason.clone()));
        }
        Ok(Image {
            reference: format!("{}:{TAG}", kind.name()),
            digest: None,
            languages: kind.languages().iter().map(|&it| it.to_owned()).collect(),
        })
    }

    /// Returns what an image that was resolved is launched from.
    ///
    /// The first time this may run an interpreter to ask it what it can do.
    pub(crate) fn template(&self, image: &Image) -> Option<Template> {
        let (index, known) = self.find_known(image)?;
        Some(Template {
            index,
            runner: known.runner.get_or_init(|| runner(known)).clone(),
            environment: known.kind.environment(),
            workload: known.kind.workload(),
        })
    }

    /// Returns what the processes of an image are like.
    pub(crate) fn workload(&self, image: &Image) -> Workload {
        self.find_known(image)
            .map_or(Workload::Runtime, |(_, known)| known.kind.workload())
    }

    fn find_known(&self, image: &Image) -> Option<(usize, &Known)> {
        let name = image.reference.strip_suffix(TAG)?.strip_suffix(':')?;
        self.known
            .iter()
            .enumerate()
            .find(|(_, known)| known.kind.name() == name)
    }

    /// Lists host interpreters: their image, and where they are or why not.
    pub(crate) fn interpreters(&self) -> impl Iterator<Item = (&'static str, Result<&Path, &str>)> {
        let found = self.known.iter().filter_map(|known| {
            let interpreter = known.interpreter.as_ref()?;
            Some((known.kind.name(), Ok(interpreter.path.as_path())))
        });
        let missing = self
            .missing
            .iter()
            .map(|(kind, reason)| (kind.name(), Err(reason.as_str())));
        found.chain(missing)
    }
}

/// Returns the command of an image's runner.
fn runner(known: &Known) -> String {
    match known.kind {
        Kind::QuickJs => "/veritech/quickjs".to_owned(),
        Kind::Node => {
            // A debugger that user code could wake by a signal; older versions
            // cannot be told.
            let debugger = match &known.interpreter {
                Some(node) if accepts(&node.path, "--disable-sigusr1") => "--disable-sigusr1 ",
                Some(_) | None => "",
            };
            format!(
                "{INTERPRETERS}/node --experimental-vm-modules --no-warnings \
                 {debugger}{JAVASCRIPT_RUNNER}"
            )
        }
        Kind::Deno => format!(
            "{INTERPRETERS}/deno run -A --no-remote --no-npm --no-prompt --no-config --no-lock \
             --no-code-cache --quiet {JAVASCRIPT_RUNNER}"
        ),
    }
}

/// Returns whether a Node.js knows an option.
fn accepts(node: &Path, option: &str) -> bool {
    let status = Command::new(node)
        .args([option, "--version"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// Returns the program of a host interpreter, or why it cannot be used.
fn interpreter(name: &str, configured: Option<&Path>) -> Result<PathBuf, String> {
    let path = match configured {
        Some(path) => path.to_owned(),
        None => on_path(name, std::env::var_os("PATH").as_deref()).ok_or_else(|| {
            format!("no `{name}` was found on PATH; install it or set `native.{name}`")
        })?,
    };
    // Links would lead to other places inside, where only this file is mounted.
    let program = path
        .canonicalize()
        .map_err(|error| format!("`{}` cannot be used: {error}", path.display()))?;
    match is_elf(&program) {
        Ok(true) => Ok(program),
        Ok(false) => Err(format!(
            "`{}` is a script; set `native.{name}` to the program that it starts",
            path.display()
        )),
        Err(error) => Err(format!("`{}` cannot be read: {error}", path.display())),
    }
}

/// Returns the first file of this name in a list of directories.
fn on_path(name: &str, directories: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(directories?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .find(|path| path.is_file())
}

/// Returns whether a file is a program rather than a script.
fn is_elf(path: &Path) -> io::Result<bool> {
    let mut magic = [0; 4];
    match File::open(path)?.read_exact(&mut magic) {
        Ok(()) => Ok(magic == *b"\x7fELF"),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(images: &Images, image: &str, tag: &str) -> String {
        match images.resolve(image, tag) {
            Err(PrepareError::Unsupported { reason, .. }) => reason,
            other => panic!("got {other:?}"),
        }
    }

    #[test]
    fn quickjs_is_always_there() {
        let images = Images::find(&HostImages::default());

        let image = images.resolve("builtin/quickjs", "latest").expect("there");

        assert_eq!(image.reference, "builtin/quickjs:latest");
        assert!(images.template(&image).is_some());
    }

    #[test]
    fn what_cannot_be_run_says_what_would_do() {
        let images = Images::find(&HostImages::default());

        assert!(reason(&images, "host/node", "latest").contains("`native.host_images`"));
        assert!(reason(&images, "library/node", "latest").contains("builtin/quickjs"));
        assert!(reason(&images, "builtin/quickjs", "2").contains("`latest`"));
    }

    #[test]
    fn a_script_in_place_of_an_interpreter_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let shim = directory.path().join("node");
        std::fs::write(&shim, "#!/bin/sh\nexec real-node\n").expect("written");
        let images = Images::find(&HostImages {
            allowed: true,
            node: Some(shim),
            deno: None,
        });

        assert!(reason(&images, "host/node", "latest").contains("is a script"));
    }
}
