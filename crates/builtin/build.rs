//! Builds the executables that run in and around a sandbox, statically, so that
//! they can be embedded.
//!
//! They need flags of their own (`crt-static`, a fixed text address), which set
//! for the whole build would break procedural macros: hence a cargo of their
//! own, with its own target directory, shared by every profile of the outer one.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Package and binary of each executable.
const EXECUTABLES: [(&str, &str); 3] = [
    ("cyclone", "cyclone"),
    ("sandbox-native", "veritech-launcher"),
    ("veritech-quickjs", "quickjs"),
];

/// Folders of the runners, and the ending of the files in each that they need.
const SCRIPTS: [(&str, &str); 4] = [
    ("javascript/bundle", "cjs"),
    ("javascript/bundle", "mjs"),
    ("javascript/vendor", "mjs"),
    ("python", "py"),
];

/// The package of the library that JavaScript runtimes load, and what it is called in sandboxes.
const ADDON: (&str, &str) = ("zygote-addon", "javascript/zygote.node");

/// The architectures that [`ADDON`] is written for.
const ADDON_ARCHITECTURES: [&str; 1] = ["x86_64"];

/// Names a wrapper for the compiler, for packages of the workspace alone.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// What the executables are made of, relative to the workspace.
const SOURCES: [&str; 13] = [
    "Cargo.toml",
    "Cargo.lock",
    "bin/cyclone",
    "crates/cyclone-server",
    "crates/descriptors",
    "crates/sandbox",
    "crates/sandbox-native",
    "crates/self-check",
    "crates/syscall-policy",
    "crates/veritech-protocol",
    "crates/zygote",
    "crates/zygote-addon",
    "runners",
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..");
    for source in SOURCES {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(source).display()
        );
    }

    let mut scripts = scripts(&workspace.join("runners"))?;
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let nested = Nested::new(&workspace, &out)?;
        nested.build_executables(&out)?;
        if ADDON_ARCHITECTURES.contains(&nested.architecture.as_str()) {
            let addon = nested.build_addon(&out)?;
            scripts.push((ADDON.1.to_owned(), addon));
        }
    }
    embed(&scripts, &out)
}

/// The C compiler for [`Libc::Musl`], as Debian's package `musl-tools` has it.
const MUSL_COMPILER: &str = "musl-gcc";

/// The C library of what sandboxes execute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Libc {
    /// Where there is Rust and a C compiler, there is this one.
    Gnu,
    /// Its programs ask nothing of the processor when they start. In a virtual machine each
    /// `CPUID` leaves it, and there are dozens in the start of the other.
    Musl,
}

impl Libc {
    fn chosen() -> Self {
        match env::var_os("CARGO_FEATURE_MUSL") {
            Some(_) => Self::Musl,
            None => Self::Gnu,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gnu => "gnu",
            Self::Musl => "musl",
        }
    }

    /// Returns what may be missing if it cannot be built with, for a person to read.
    fn advice(self, target: &str) -> String {
        match self {
            Self::Gnu => String::new(),
            Self::Musl => format!(
                "; the feature `musl` needs `rustup target add {target}` and, on Debian, \
                 `apt-get install musl-tools`"
            ),
        }
    }
}

/// A build of its own.
struct Nested<'a> {
    workspace: &'a Path,
    architecture: String,
    libc: Libc,
    build_dir: PathBuf,
    target_dir: PathBuf,
    wrapper: Option<OsString>,
}

impl<'a> Nested<'a> {
    fn new(workspace: &'a Path, out: &Path) -> Result<Self, Box<dyn Error>> {
        let build_dir = outer_target_dir(out).join("sandboxed");
        let wrapper = weakening_wrapper();
        Ok(Self {
            workspace,
            architecture: env::var("CARGO_CFG_TARGET_ARCH")?,
            libc: Libc::chosen(),
            // Nothing but the executables differs, so nothing but those is kept apart.
            target_dir: match &wrapper {
                Some(_) => outer_target_dir(out).join("sandboxed-weakened"),
                None => build_dir.clone(),
            },
            build_dir,
            wrapper,
        })
    }

    fn target(&self, libc: Libc) -> String {
        format!("{}-unknown-linux-{}", self.architecture, libc.name())
    }

    /// Where what was built is.
    fn built(&self, libc: Libc) -> PathBuf {
        self.target_dir.join(self.target(libc)).join("sandboxed")
    }

    /// Builds the executables and copies them to `out`.
    fn build_executables(&self, out: &Path) -> Result<(), Box<dyn Error>> {
        // Without the conformance suite, which no sandbox needs.
        let mut arguments = vec!["build", "--no-default-features"];
        for (package, executable) in EXECUTABLES {
            arguments.extend(["--package", package, "--bin", executable]);
        }
        let flags = "-Ctarget-feature=+crt-static\u{1f}-Crelocation-model=static";
        self.run(&arguments, flags, self.libc)?;
        for (_, executable) in EXECUTABLES {
            fs::copy(self.built(self.libc).join(executable), out.join(executable))?;
        }
        Ok(())
    }

    /// Builds the addon, copies it to `out`, and returns where.
    fn build_addon(&self, out: &Path) -> Result<PathBuf, Box<dyn Error>> {
        // It has no C library of its own, and finds what it calls when it calls it. Optimised as a
        // whole, it asks for nothing that only the standard library has.
        let arguments = [
            "rustc",
            "--package",
            ADDON.0,
            "--lib",
            "--crate-type",
            "cdylib",
            "--config",
            "profile.sandboxed.lto=\"fat\"",
        ];
        let flags = [
            "--cfg=veritech_freestanding",
            "-Clink-arg=-nostdlib",
            "-Crelro-level=partial",
            "-Clink-arg=-Wl,-z,lazy",
        ];
        self.run(&arguments, &flags.join("\u{1f}"), Libc::Gnu)?;
        let library = format!("lib{}.so", ADDON.0.replace('-', "_"));
        let addon = out.join("zygote.node");
        fs::copy(self.built(Libc::Gnu).join(library), &addon)?;
        Ok(addon)
    }

    /// Runs cargo with these arguments, and these flags for the compiler.
    fn run(&self, arguments: &[&str], flags: &str, libc: Libc) -> Result<(), Box<dyn Error>> {
        let target = self.target(libc);
        let mut cargo = Command::new(env::var("CARGO")?);
        cargo
            .current_dir(self.workspace)
            .args(arguments)
            .args(["--locked", "--profile", "sandboxed"])
            .args(["--target", &target])
            .arg("--target-dir")
            .arg(&self.target_dir);
        for (name, _) in env::vars_os() {
            if is_of_the_outer_build(&name.to_string_lossy()) {
                cargo.env_remove(name);
            }
        }
        cargo
            .env("CARGO_BUILD_BUILD_DIR", &self.build_dir)
            .env("CARGO_ENCODED_RUSTFLAGS", flags);
        if let Some(wrapper) = &self.wrapper {
            cargo.env(WRAPPER, wrapper);
        }
        let compiler = format!("CC_{}", target.replace('-', "_"));
        if libc == Libc::Musl && env::var_os(&compiler).is_none() {
            cargo.env(compiler, MUSL_COMPILER);
        }
        let status = cargo.status()?;
        if !status.success() {
            let advice = libc.advice(&target);
            return Err(format!("building what is embedded failed: {status}{advice}").into());
        }
        Ok(())
    }
}

/// The wrapper that leaves walls out of this build, which the inner one needs too.
///
/// This script is of the workspace, so it has been built through that wrapper itself.
fn weakening_wrapper() -> Option<OsString> {
    cfg!(veritech_weakened).then(|| env::var_os(WRAPPER))?
}

/// Whether a variable describes the outer build and would change the inner one.
fn is_of_the_outer_build(name: &str) -> bool {
    let kept = ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_OFFLINE"];
    let wrapper = ["RUSTFLAGS", "RUSTC", "RUSTC_WRAPPER", WRAPPER, "RUSTDOC"];
    (name.starts_with("CARGO") && !kept.contains(&name)) || wrapper.contains(&name)
}

/// The target directory of the cargo that runs this, which cargo marks as a cache.
fn outer_target_dir(out: &Path) -> &Path {
    let marked = |directory: &&Path| directory.join("CACHEDIR.TAG").exists();
    out.ancestors().find(marked).unwrap_or(out)
}

/// Returns the files of the runners that need an interpreter, by their names in sandboxes.
fn scripts(runners: &Path) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let runners = runners.canonicalize()?;
    let mut scripts = Vec::new();
    for (folder, ending) in SCRIPTS {
        for entry in fs::read_dir(runners.join(folder))? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                let name = path.strip_prefix(&runners)?.to_string_lossy().into_owned();
                scripts.push((name, path));
            }
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// Writes a table of files, with their contents.
fn embed(files: &[(String, PathBuf)], out: &Path) -> Result<(), Box<dyn Error>> {
    let mut table = vec!["&[".to_owned()];
    for (name, path) in files {
        table.push(format!("    ({name:?}, include_bytes!({path:?})),"));
    }
    table.push("]".to_owned());
    fs::write(out.join("scripts.rs"), table.join("\n"))?;
    Ok(())
}
