//! Builds the probe: a static program with a fixed text address, as cyclone is,
//! so that it starts wherever cyclone would.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = "probe/main.rs";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=probe");
    if env::var("CARGO_CFG_TARGET_OS")? != "linux" {
        return Ok(());
    }
    let target = format!("{}-unknown-linux-gnu", env::var("CARGO_CFG_TARGET_ARCH")?);
    let built = PathBuf::from(env::var("OUT_DIR")?).join("sandbox-probe");
    let status = Command::new(env::var("RUSTC")?)
        .args(["--edition", "2024", "-O", "--target", &target])
        .args(["-C", "target-feature=+crt-static"])
        .args(["-C", "relocation-model=static"])
        .args(["-C", "strip=symbols"])
        .arg("-o")
        .arg(&built)
        .arg(SOURCE)
        .status()?;
    if !status.success() {
        return Err(format!("building the probe failed: {status}").into());
    }
    println!("cargo::rustc-env=SANDBOX_PROBE={}", built.display());
    Ok(())
}
