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
const SCRIPTS: [(&str, &str); 3] = [
    ("javascript", "mjs"),
    ("javascript/vendor", "mjs"),
    ("python", "py"),
];

/// Names a wrapper for the compiler, for packages of the workspace alone.
const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

/// What the executables are made of, relative to the workspace.
const SOURCES: [&str; 11] = [
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

    embed_scripts(&workspace.join("runners"), &out)?;
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        build_executables(&workspace, &out)?;
    }
    Ok(())
}

/// Builds the executables and copies them to `out`.
fn build_executables(workspace: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let target = format!("{}-unknown-linux-gnu", env::var("CARGO_CFG_TARGET_ARCH")?);
    let build_dir = outer_target_dir(out).join("sandboxed");
    let wrapper = weakening_wrapper();
    // Nothing but the executables differs, so nothing but those is kept apart.
    let target_dir = match &wrapper {
        Some(_) => outer_target_dir(out).join("sandboxed-weakened"),
        None => build_dir.clone(),
    };

    let mut cargo = Command::new(env::var("CARGO")?);
    cargo
        .current_dir(workspace)
        // Without the conformance suite, which no sandbox needs.
        .args([
            "build",
            "--locked",
            "--no-default-features",
            "--profile",
            "sandboxed",
        ])
        .args(["--target", &target])
        .arg("--target-dir")
        .arg(&target_dir);
    for (package, executable) in EXECUTABLES {
        cargo.args(["--package", package, "--bin", executable]);
    }
    for (name, _) in env::vars_os() {
        if is_of_the_outer_build(&name.to_string_lossy()) {
            cargo.env_remove(name);
        }
    }
    cargo.env("CARGO_BUILD_BUILD_DIR", &build_dir);
    if let Some(wrapper) = wrapper {
        cargo.env(WRAPPER, wrapper);
    }
    cargo.env(
        "CARGO_ENCODED_RUSTFLAGS",
        "-Ctarget-feature=+crt-static\u{1f}-Crelocation-model=static",
    );
    let status = cargo.status()?;
    if !status.success() {
        return Err(format!("building the embedded executables failed: {status}").into());
    }

    let built = target_dir.join(target).join("sandboxed");
    for (_, executable) in EXECUTABLES {
        fs::copy(built.join(executable), out.join(executable))?;
    }
    Ok(())
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

/// Writes a table of the files of the runners that need an interpreter.
fn embed_scripts(runners: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let runners = runners.canonicalize()?;
    let mut table = vec!["&[".to_owned()];
    for (folder, ending) in SCRIPTS {
        let mut files = Vec::new();
        for entry in fs::read_dir(runners.join(folder))? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                files.push(path);
            }
        }
        files.sort();
        for path in files {
            let name = path.strip_prefix(&runners)?;
            table.push(format!("    ({name:?}, include_bytes!({path:?})),"));
        }
    }
    table.push("]".to_owned());
    fs::write(out.join("scripts.rs"), table.join("\n"))?;
    Ok(())
}
