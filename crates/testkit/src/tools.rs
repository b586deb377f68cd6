//! Where the programs are that tests need and cargo does not build.
//!
//! `cargo xtask tools` installs them below `target/tools`, where they are found
//! without being told. An environment variable names another one to use
//! instead: `VERITECH_TEST_NODE=/opt/node/bin/node cargo nextest run`.

use std::env;
use std::path::{Path, PathBuf};

/// Returns the NATS server (`VERITECH_TEST_NATS_SERVER`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn nats_server() -> PathBuf {
    locate("VERITECH_TEST_NATS_SERVER", "bin/nats-server")
}

/// Returns Node.js 24 (`VERITECH_TEST_NODE`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn node() -> PathBuf {
    locate("VERITECH_TEST_NODE", "bin/node")
}

/// Returns Deno 2 (`VERITECH_TEST_DENO`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn deno() -> PathBuf {
    locate("VERITECH_TEST_DENO", "bin/deno")
}

/// Returns workerd (`VERITECH_TEST_WORKERD`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn workerd() -> PathBuf {
    locate("VERITECH_TEST_WORKERD", "bin/workerd")
}

/// Returns a Python 3 interpreter (`VERITECH_TEST_PYTHON`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn python() -> PathBuf {
    locate("VERITECH_TEST_PYTHON", "bin/python3")
}

/// Returns the directory to set as `PYTHONPATH` so that [`python`] can import
/// `nats` (`VERITECH_TEST_PYTHONPATH`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn python_path() -> PathBuf {
    locate("VERITECH_TEST_PYTHONPATH", "nats-py")
}

/// Returns the directory of functions that use public npm packages
/// (`VERITECH_TEST_NPM_CORPUS`): for each a `<name>.js`, and a `<name>.json`
/// with its `inputs` and the `expected` value.
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn npm_corpus() -> PathBuf {
    locate("VERITECH_TEST_NPM_CORPUS", "npm-corpus")
}

/// Returns the directory of the JSON Schema Test Suite
/// (`VERITECH_TEST_JSON_SCHEMA`): below `tests/<draft>`, each file is a list of
/// groups, each of them a schema with values and their verdicts.
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn json_schema_tests() -> PathBuf {
    locate("VERITECH_TEST_JSON_SCHEMA", "json-schema")
}

/// Returns a registry of images (`VERITECH_TEST_REGISTRY`, otherwise
/// `docker-registry` on the `PATH`).
///
/// # Panics
///
/// If it is not installed.
#[track_caller]
pub fn registry() -> PathBuf {
    const VARIABLE: &str = "VERITECH_TEST_REGISTRY";
    if let Some(chosen) = env::var_os(VARIABLE) {
        return PathBuf::from(chosen);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|directory| directory.join("docker-registry"))
        .find(|program| program.is_file());
    assert!(
        found.is_some(),
        "`docker-registry` is not on the PATH: install Debian's package of that name, \
         or set `{VARIABLE}` to a program that is used in the same way"
    );
    found.unwrap_or_default()
}

/// Returns what `variable` names, or else what is installed under `name`.
#[track_caller]
fn locate(variable: &str, name: &str) -> PathBuf {
    let chosen = env::var_os(variable).map(PathBuf::from);
    let path = chosen.unwrap_or_else(|| installed().join(name));
    assert!(
        path.exists(),
        "`{}` is not there: run `cargo xtask tools` to install it, or set `{variable}`",
        path.display()
    );
    path
}

fn installed() -> PathBuf {
    target().join("tools")
}

/// Returns the directory for what is made by building and testing.
///
/// # Panics
///
/// Never: this package lies in the workspace.
pub fn target() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .ancestors()
        .nth(2)
        .expect("invariant: this package lies two directories below the workspace")
        .join("target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_where_tests_look_for_it() {
        for program in [nats_server(), node(), deno(), python()] {
            assert!(program.is_file(), "{} is no file", program.display());
        }
        assert!(python_path().join("nats").is_dir());
        assert!(npm_corpus().join("lodash.js").is_file());
        assert!(json_schema_tests().join("tests/draft2020-12").is_dir());
    }

    #[test]
    #[should_panic(expected = "run `cargo xtask tools`")]
    fn a_missing_tool_fails_with_the_command_that_installs_it() {
        locate("VERITECH_TEST_NO_SUCH_TOOL", "no-such-tool");
    }
}
