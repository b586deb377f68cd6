//! Compiles the prelude's scripts to the language's bytecode.
//!
//! Parsing them would take most of the runner's start. The bytecode is of the very version of the
//! language that the runner is linked with, as both come from the same dependency.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use rquickjs::module::WriteOptions;
use rquickjs::{CatchResultExt as _, Context, Module, Runtime};

/// The scripts, in the order in which the runner evaluates them.
const SCRIPTS: &[&str] = &[
    "primordials",
    "failure",
    "inspect",
    "format",
    "console",
    "timers",
    "serialise",
    "platform",
    "clone",
    "encoding",
    "url",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/js");
    let output = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let output = Path::new(&output);

    let context = Context::full(&Runtime::new()?)?;
    let mut table = String::from("&[\n");
    for name in SCRIPTS {
        let source = fs::read_to_string(format!("src/js/{name}.js"))?;
        let bytecode = context.with(|ctx| {
            Module::declare(ctx.clone(), format!("veritech:{name}"), source)
                .and_then(|module| module.write(options()))
                .catch(&ctx)
                .map_err(|error| format!("{name}.js: {error}"))
        })?;
        let path = output.join(format!("{name}.bin"));
        fs::write(&path, bytecode)?;
        writeln!(table, "({name:?}, include_bytes!({path:?})),")?;
    }
    table.push(']');
    fs::write(output.join("scripts.rs"), table)?;
    Ok(())
}

/// Leaves out the source: the prelude's functions show themselves as native.
fn options() -> WriteOptions {
    WriteOptions {
        strip_source: true,
        strip_debug: true,
        ..WriteOptions::default()
    }
}
