//! `cargo xtask images`: the images that are published.
//!
//! ```text
//!  exporter ──▶ cyclone, runners ─┐
//!  target/tools ─▶ node, deno ────┼─▶ target/images/<name> ──docker build──▶ veritech/<name>
//!  images/<name>/Dockerfile ──────┘    (a build context)
//! ```
//!
//! Each image has a label with a fingerprint of all that it is made of. One
//! whose fingerprint would not change is not built again.

mod base;
mod context;
mod fingerprint;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;

use self::context::{Context, Part};
use crate::docker::Docker;
use crate::{musl, process, tools, workspace};

/// What is released, and the tag of its images next to `latest`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The label with the fingerprint of what an image is made of.
const FINGERPRINT: &str = "org.veritech.fingerprint";

/// Which images to make, and what to do with them.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// The images to build; all by default.
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(IMAGES.map(|image| image.name)))]
    names: Vec<String>,
    /// Push them to this registry, such as `127.0.0.1:5000` or
    /// `registry.example.com/team`.
    #[arg(long, value_name = "REGISTRY")]
    push: Option<String>,
}

/// An image that is published as `veritech/<name>`.
#[derive(Debug)]
struct Image {
    /// Its name, and that of its directory in `images/`.
    name: &'static str,
    /// What is put together for its Dockerfile.
    parts: &'static [Part],
}

const IMAGES: [Image; 4] = [
    Image {
        name: "javascript-node",
        parts: &[
            Part::Ours("javascript"),
            Part::Interpreter {
                program: "node",
                licence: "../LICENSE",
            },
        ],
    },
    Image {
        name: "javascript-deno",
        parts: &[
            Part::Ours("javascript"),
            Part::Interpreter {
                program: "deno",
                licence: "../../deno/LICENSE",
            },
        ],
    },
    Image {
        name: "python",
        parts: &[Part::Ours("python"), Part::Packages],
    },
    Image {
        name: "quickjs",
        parts: &[Part::Ours("quickjs")],
    },
];

/// Builds the images, after making what they are made of, and pushes them if
/// that is asked for.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    tools::install_all()?;
    let docker = Docker::find_or_start()?;
    let chosen = |image: &&Image| {
        options.names.is_empty() || options.names.iter().any(|name| name == image.name)
    };
    let images: Vec<_> = IMAGES.iter().filter(chosen).collect();
    build(&docker, &images)?;
    if let Some(registry) = &options.push {
        for image in images {
            push(&docker, image, registry)?;
        }
    }
    Ok(())
}

/// Builds every image and pushes it to a registry, for tests. The tools are there
/// already.
pub(crate) fn publish_all(docker: &Docker, registry: &str) -> anyhow::Result<()> {
    build(docker, &IMAGES.iter().collect::<Vec<_>>())?;
    IMAGES
        .iter()
        .try_for_each(|image| push(docker, image, registry))
}

fn build(docker: &Docker, images: &[&Image]) -> anyhow::Result<()> {
    let home = workspace::images();
    fs::create_dir_all(&home).with_context(|| format!("failed to make `{}`", home.display()))?;
    let _lock = workspace::lock(&home)?;
    let programs = export()?;
    for image in images {
        build_one(docker, image, &programs)
            .with_context(|| format!("failed to build `veritech/{}`", image.name))?;
    }
    Ok(())
}

/// Writes cyclone and the runners to a directory, and returns it.
fn export() -> anyhow::Result<PathBuf> {
    musl::require()?;
    let programs = workspace::images().join("programs");
    process::run(
        process::cargo()
            .args(["run", "--quiet", "--package", "xtask"])
            .args(["--bin", "exporter", "--features", "exporter", "--"])
            .arg(&programs),
    )?;
    Ok(programs)
}

fn build_one(docker: &Docker, image: &Image, programs: &Path) -> anyhow::Result<()> {
    let context = Context::stage(image.name, image.parts, programs)?;
    let base = if context.is_based_on_debian()? {
        base::ensure(docker)?
    } else {
        String::new()
    };
    let fingerprint = fingerprint::of(&context, &[VERSION, &base])?;

    let name = format!("veritech/{}", image.name);
    let released = format!("{name}:{VERSION}");
    let previous = docker.image(&released)?;
    if docker.label(&released, FINGERPRINT)? == Some(fingerprint.clone()) {
        eprintln!("{released} is as it would be built");
        return process::output(docker.command().args(["tag", &released, &name])).map(drop);
    }

    let mut build = docker.command();
    build
        .args(["build", "--quiet"])
        .args(["--network", context.network()])
        .args(["--build-arg", &format!("VERSION={VERSION}")])
        .args(["--label", &format!("{FINGERPRINT}={fingerprint}")])
        .args(["--tag", &released, "--tag", &name])
        .arg(context.directory());
    process::run(&mut build)?;
    if let Some(previous) = previous {
        // Without its names nobody misses it; where a container still uses it, it stays.
        process::output(docker.command().args(["image", "rm", &previous])).ok();
    }
    Ok(())
}

/// Pushes an image under its two tags.
fn push(docker: &Docker, image: &Image, registry: &str) -> anyhow::Result<()> {
    for tag in [VERSION, "latest"] {
        let ours = format!("veritech/{}:{tag}", image.name);
        let theirs = format!("{}/{ours}", registry.trim_end_matches('/'));
        process::output(docker.command().args(["tag", &ours, &theirs]))?;
        let pushed = process::run(docker.command().args(["push", "--quiet", &theirs]));
        // The name was only how to say where to.
        process::output(docker.command().args(["image", "rm", &theirs]))?;
        pushed?;
    }
    Ok(())
}
