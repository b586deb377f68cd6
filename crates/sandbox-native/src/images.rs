//! The images that the engine has, and the runner of each.

mod python;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sandbox::programs::{SELF_CHECK_COMMAND, SELF_CHECK_IMAGE};
use sandbox::{Image, OwnRunner, PrepareError};

use crate::config::HostImages;
use crate::enforcement::Workload;
use crate::template::Template;
use crate::wire::{ImageProfile, ImageRoot, Interpreter, Root};

/// The one tag that images of this engine have.
const TAG: &str = "latest";

/// Where host interpreters are inside their sandboxes.
const INTERPRETERS: &str = "/veritech/interpreter";

/// The name of the root in which the walls are tried.
const SELF_CHECK: &str = "self-check";

/// The runners that images of this engine have.
const RUNNERS: [OwnRunner; 4] = OwnRunner::ALL;

/// The images that sandboxes can be launched from.
#[derive(Debug)]
pub(crate) struct Images {
    allowed: bool,
    known: Vec<Known>,
    missing: Vec<(OwnRunner, String)>,
}

#[derive(Debug)]
struct Known {
    runner: OwnRunner,
    interpreter: Option<Interpreter>,
    /// The command of its runner, once it was asked for.
    command: OnceLock<String>,
}

/// Returns the image's name in requests.
const fn image_name(runner: OwnRunner) -> &'static str {
    match runner {
        OwnRunner::QuickJs => "builtin/quickjs",
        OwnRunner::Node => "host/node",
        OwnRunner::Deno => "host/deno",
        OwnRunner::Python => "host/python",
    }
}

/// Returns what the processes of a runner are like.
const fn workload(runner: OwnRunner) -> Workload {
    match runner {
        OwnRunner::QuickJs => Workload::Builtin,
        OwnRunner::Node | OwnRunner::Deno | OwnRunner::Python => Workload::Runtime,
    }
}

impl Images {
    /// Finds out which images there are on this host.
    pub(crate) fn find(host: &HostImages) -> Self {
        let mut images = Self {
            allowed: host.allowed,
            known: vec![Known {
                runner: OwnRunner::QuickJs,
                interpreter: None,
                command: OnceLock::new(),
            }],
            missing: Vec::new(),
        };
        if host.allowed {
            for (runner, configured) in [
                (OwnRunner::Node, &host.node),
                (OwnRunner::Deno, &host.deno),
                (OwnRunner::Python, &host.python),
            ] {
                match interpreter(runner, configured.as_deref()) {
                    Ok(interpreter) => images.known.push(Known {
                        runner,
                        interpreter: Some(interpreter),
                        command: OnceLock::new(),
                    }),
                    Err(reason) => images.missing.push((runner, reason)),
                }
            }
        }
        images
    }

    /// Returns the roots for the launcher, in the order that [`Root::Ready`] counts.
    pub(crate) fn roots(&self) -> Vec<ImageRoot> {
        self.known
            .iter()
            .map(|known| ImageRoot {
                name: known.runner.name().to_owned(),
                interpreter: known.interpreter.clone(),
                profile: known.profile(),
            })
            .chain([ImageRoot {
                name: SELF_CHECK.to_owned(),
                interpreter: None,
                profile: ImageProfile::Runtime,
            }])
            .collect()
    }

    /// Returns the image that a request names.
    pub(crate) fn resolve(&self, image: &str, tag: &str) -> Result<Image, PrepareError> {
        let unsupported = |reason: String| PrepareError::Unsupported {
            image: format!("{image}:{tag}"),
            reason,
        };
        let Some(runner) = RUNNERS
            .into_iter()
            .find(|runner| image_name(*runner) == image)
        else {
            let names = RUNNERS.map(image_name);
            return Err(unsupported(format!(
                "the native engine has {}",
                names.join(", ")
            )));
        };
        if tag != TAG {
            return Err(unsupported(format!("its only tag is `{TAG}`")));
        }
        if runner != OwnRunner::QuickJs && !self.allowed {
            return Err(unsupported(
                "interpreters of the host are not allowed; set `native.host_images` to allow them"
                    .to_owned(),
            ));
        }
        if let Some((_, reason)) = self.missing.iter().find(|(missing, _)| *missing == runner) {
            return Err(unsupported(reason.clone()));
        }
        Ok(Image {
            reference: format!("{}:{TAG}", image_name(runner)),
            digest: None,
            languages: owned(runner.languages()),
        })
    }

    /// Returns what an image that was resolved is launched from.
    ///
    /// The first time this may run an interpreter to ask it what it can do.
    pub(crate) fn template(&self, image: &Image) -> Option<Template> {
        if image.reference == SELF_CHECK_IMAGE {
            return Some(Template {
                root: Root::Ready(self.known.len()),
                runner: SELF_CHECK_COMMAND.to_owned(),
                environment: Vec::new(),
                workload: Workload::Builtin,
                lease: None,
            });
        }
        let (index, known) = self.find_known(image)?;
        Some(Template {
            root: Root::Ready(index),
            runner: known.command.get_or_init(|| command(known)).clone(),
            environment: owned(known.runner.environment()),
            workload: workload(known.runner),
            lease: None,
        })
    }

    /// Returns what the processes of an image are like.
    pub(crate) fn workload(&self, image: &Image) -> Workload {
        self.find_known(image)
            .map_or(Workload::Runtime, |(_, known)| workload(known.runner))
    }

    fn find_known(&self, image: &Image) -> Option<(usize, &Known)> {
        let name = image.reference.strip_suffix(TAG)?.strip_suffix(':')?;
        self.known
            .iter()
            .enumerate()
            .find(|(_, known)| image_name(known.runner) == name)
    }

    /// Lists host interpreters: their image, and where they are or why not.
    pub(crate) fn interpreters(&self) -> impl Iterator<Item = (&'static str, Result<&Path, &str>)> {
        let found = self.known.iter().filter_map(|known| {
            let interpreter = known.interpreter.as_ref()?;
            Some((image_name(known.runner), Ok(interpreter.path.as_path())))
        });
        let missing = self
            .missing
            .iter()
            .map(|(runner, reason)| (image_name(*runner), Err(reason.as_str())));
        found.chain(missing)
    }
}

impl Known {
    /// Returns how much of the kernel its sandboxes need.
    fn profile(&self) -> ImageProfile {
        match self.interpreter {
            None => ImageProfile::Builtin,
            Some(_) => ImageProfile::Runtime,
        }
    }
}

/// Returns the image in which the walls are tried: nothing but cyclone, with all of the
/// kernel that any image gets.
pub(crate) fn self_check() -> Image {
    Image {
        reference: SELF_CHECK_IMAGE.to_owned(),
        digest: None,
        languages: Vec::new(),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Returns the command of an image's runner.
fn command(known: &Known) -> String {
    // A debugger that user code could wake by a signal; older versions of Node.js
    // cannot be told.
    let options: &[&str] = match (known.runner, &known.interpreter) {
        (OwnRunner::Node, Some(node)) if accepts(&node.path, "--disable-sigusr1") => {
            &["--disable-sigusr1"]
        }
        _ => &[],
    };
    let interpreter = match (known.runner, &known.interpreter) {
        // It finds its standard library by its own place.
        (OwnRunner::Python, Some(python)) => python.path.display().to_string(),
        (runner, _) => format!("{INTERPRETERS}/{}", runner.name()),
    };
    known.runner.command(&interpreter, options)
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

/// Returns the interpreter of the host for a runner, or why it cannot be used.
fn interpreter(runner: OwnRunner, configured: Option<&Path>) -> Result<Interpreter, String> {
    let name = runner.name().to_owned();
    let path = program(runner, configured)?;
    let directory = match runner {
        OwnRunner::Python => {
            let home = std::env::var_os("HOME").map(PathBuf::from);
            python::directory(&path, home.as_deref())?
        }
        OwnRunner::QuickJs | OwnRunner::Node | OwnRunner::Deno => None,
    };
    Ok(Interpreter {
        name,
        path,
        directory,
    })
}

/// Returns the program of a host interpreter, or why it cannot be used.
fn program(runner: OwnRunner, configured: Option<&Path>) -> Result<PathBuf, String> {
    let name = runner.name();
    let called = runner.interpreter().unwrap_or(name);
    let path = match configured {
        Some(path) => path.to_owned(),
        None => on_path(called, std::env::var_os("PATH").as_deref()).ok_or_else(|| {
            format!("no `{called}` was found on PATH; install it or set `native.{name}`")
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

/// Returns the first program of this name in a list of directories, or the first
/// script if there is none: version managers put such before the programs.
fn on_path(name: &str, directories: Option<&OsStr>) -> Option<PathBuf> {
    let mut files = std::env::split_paths(directories?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(name))
        .filter(|path| path.is_file())
        .peekable();
    let first = files.peek().cloned();
    files
        .find(|path| matches!(is_elf(path), Ok(true)))
        .or(first)
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
    fn no_request_can_name_the_image_in_which_the_walls_are_tried() {
        let images = Images::find(&HostImages::default());

        assert!(reason(&images, "builtin/self-check", "latest").contains("builtin/quickjs"));
        assert!(images.template(&self_check()).is_some());
    }

    #[test]
    fn what_cannot_be_run_says_what_would_do() {
        let images = Images::find(&HostImages::default());

        assert!(reason(&images, "host/node", "latest").contains("`native.host_images`"));
        assert!(reason(&images, "library/node", "latest").contains("builtin/quickjs"));
        assert!(reason(&images, "builtin/quickjs", "2").contains("`latest`"));
    }

    #[test]
    fn a_program_is_found_behind_a_script_of_its_name() {
        let shims = tempfile::tempdir().expect("a directory");
        let programs = tempfile::tempdir().expect("a directory");
        let (shim, program) = (shims.path().join("x"), programs.path().join("x"));
        std::fs::write(&shim, "#!/bin/sh\n").expect("written");
        let directories = std::env::join_paths([shims.path(), programs.path()]).expect("joined");

        assert_eq!(on_path("x", Some(&directories)), Some(shim));
        std::fs::write(&program, b"\x7fELF").expect("written");
        assert_eq!(on_path("x", Some(&directories)), Some(program));
    }

    #[test]
    fn a_script_in_place_of_an_interpreter_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let shim = directory.path().join("node");
        std::fs::write(&shim, "#!/bin/sh\nexec real-node\n").expect("written");
        let images = Images::find(&HostImages {
            allowed: true,
            node: Some(shim),
            ..HostImages::default()
        });

        assert!(reason(&images, "host/node", "latest").contains("is a script"));
    }
}
