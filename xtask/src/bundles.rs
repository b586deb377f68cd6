//! The JavaScript runner as one file for each runtime, made of its sources by a bundler.
//!
//! The files are committed, so that building Veritech takes cargo alone.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::generate::Options;
use crate::{process, tools, workspace};

/// What each bundle is called, and how it is made.
const BUNDLES: [(&str, &[&str]); 2] = [
    (
        // Node.js loads a module of the older kind sooner.
        "node.cjs",
        &["--platform=node", "--format=cjs", "--target=node20"],
    ),
    (
        "deno.mjs",
        &[
            "--platform=neutral",
            "--conditions=deno",
            "--external:node:*",
            "--format=esm",
        ],
    ),
];

const BANNER: &str = "--banner:js=// Made of src/ by `cargo xtask generate`: not to be edited.";

/// Makes every bundle, or fails if one is not what would be made.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let esbuild = tools::esbuild()?;
    let runner = workspace::root().join("runners/javascript");
    for (name, arguments) in BUNDLES {
        let bundled = process::output(
            Command::new(&esbuild)
                .current_dir(&runner)
                .args(["src/runner.mjs", "--bundle", "--charset=utf8", BANNER])
                .args(arguments),
        )?;
        let path = runner.join("bundle").join(name);
        if !options.check {
            fs::write(&path, bundled)
                .with_context(|| format!("failed to write `{}`", path.display()))?;
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&bundled) {
            bail!(
                "`{}` is not what its sources make: run `cargo xtask generate`",
                path.display()
            );
        }
    }
    Ok(())
}
