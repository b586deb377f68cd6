//! Builds the intruder: a static program without relocations or a C library, that
//! can be copied into memory and called.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = "fixtures/intruder/main.rs";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={SOURCE}");
    if env::var("CARGO_CFG_TARGET_OS")? != "linux" || env::var("CARGO_CFG_TARGET_ARCH")? != "x86_64"
    {
        return Ok(());
    }
    let built = PathBuf::from(env::var("OUT_DIR")?).join("intruder");
    let status = Command::new(env::var("RUSTC")?)
        .args(["--edition", "2024", "--crate-name", "intruder"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .args(["-C", "opt-level=s", "-C", "panic=abort"])
        .args(["-C", "strip=symbols", "-C", "target-feature=+crt-static"])
        .args(["-C", "relocation-model=pie"])
        .args(["-C", "link-arg=-nostdlib", "-C", "link-arg=-nostartfiles"])
        .args([
            "-C",
            "link-arg=-static-pie",
            "-C",
            "link-arg=-Wl,--no-eh-frame-hdr",
        ])
        .args([
            "-C",
            "link-arg=-Wl,--build-id=none",
            "-C",
            "link-arg=-Wl,-z,noseparate-code",
        ])
        .arg("-o")
        .arg(&built)
        .arg(SOURCE)
        .status()?;
    if !status.success() {
        return Err(format!("building the intruder failed: {status}").into());
    }
    println!("cargo::rustc-env=INTRUDER={}", built.display());
    Ok(())
}
