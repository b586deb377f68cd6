//! What every published image promises.

use std::fs;
use std::path::Path;
use std::process::Command;

use sandbox::OwnRunner;
use sandbox::runner::{ENVIRONMENT_LABEL, LANGUAGES_LABEL, RUNNER_LABEL};

use crate::docker::{Container, docker, inspect};

/// A published image.
struct Published {
    name: &'static str,
    runner: OwnRunner,
    /// What its runner's label says.
    command: String,
    /// Every program in it but cyclone.
    programs: &'static [&'static str],
    /// How large it may be, in megabytes.
    most: u64,
}

fn published() -> [Published; 4] {
    [
        Published {
            name: "veritech/javascript-node",
            runner: OwnRunner::Node,
            command: OwnRunner::Node.command("/usr/local/bin/node", &["--disable-sigusr1"]),
            programs: &["usr/local/bin/node"],
            most: 150,
        },
        Published {
            name: "veritech/javascript-deno",
            runner: OwnRunner::Deno,
            command: OwnRunner::Deno.command("/usr/local/bin/deno", &[]),
            programs: &["usr/local/bin/deno"],
            most: 120,
        },
        Published {
            name: "veritech/python",
            runner: OwnRunner::Python,
            command: OwnRunner::Python.command("/usr/bin/python3", &[]),
            programs: &["usr/bin/python3.11"],
            most: 60,
        },
        Published {
            name: "veritech/quickjs",
            runner: OwnRunner::QuickJs,
            command: OwnRunner::QuickJs.command("", &[]),
            programs: &["veritech/quickjs"],
            most: 10,
        },
    ]
}

#[test]
fn cyclone_alone_is_started_by_an_ordinary_user() {
    for Published { name, .. } in published() {
        let container = Container::create(name);
        let process = Path::new("/proc").join(container.start().to_string());

        let read = |file| fs::read_to_string(process.join(file)).expect("it is running");
        let arguments = read("cmdline");
        assert!(arguments.starts_with("/veritech/cyclone\0"), "{arguments}");
        let status = read("status");
        let field = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::trim).expect("a field of the status")
        };
        assert_eq!(field("Uid:"), "1000\t1000\t1000\t1000", "{name}");
        assert_eq!(field("Gid:"), "1000\t1000\t1000\t1000", "{name}");
        let numbers = field("NSpid:");
        assert!(numbers.ends_with("\t1"), "{name}: {numbers}");
    }
}

#[test]
fn help_is_printed_when_it_is_asked_for() {
    for Published { name, .. } in published() {
        let help = docker(["run", "--rm", "--network", "none", name, "--help"]);
        assert!(help.contains("--listen ADDRESS"), "{name}: {help}");
    }
}

#[test]
fn there_is_no_program_but_cyclone_and_what_its_runner_needs() {
    for image in published() {
        let files = Container::create(image.name).files();

        let mut programs: Vec<_> = files
            .iter()
            // Mount points of Docker's are empty; libraries are not run.
            .filter(|(mode, size, path)| {
                mode.starts_with('-') && mode.contains('x') && *size > 0 && !path.starts_with("lib")
            })
            .map(|(_, _, path)| path.as_str())
            .collect();
        programs.sort_unstable();
        let mut expected = [&["veritech/cyclone"], image.programs].concat();
        expected.sort_unstable();
        assert_eq!(programs, expected, "{}", image.name);

        let raised: Vec<_> = files
            .iter()
            .filter(|(mode, _, _)| mode.contains('s') || mode.contains('S'))
            .collect();
        assert!(raised.is_empty(), "{}: {raised:?}", image.name);
        let writable: Vec<_> = files
            .iter()
            .filter(|(mode, _, path)| {
                !mode.starts_with('l') && mode.get(8..9) == Some("w") && path != "tmp/"
            })
            .collect();
        assert!(writable.is_empty(), "{}: {writable:?}", image.name);
    }
}

#[test]
fn labels_say_what_it_is_and_how_functions_are_executed() {
    for image in published() {
        let config = inspect(image.name)["Config"].take();
        let label = |name: &str| config["Labels"][name].as_str().unwrap_or_default();

        assert_eq!(config["User"], "1000:1000", "{}", image.name);
        assert_eq!(config["WorkingDir"], "/tmp", "{}", image.name);
        assert_eq!(config["Entrypoint"][0], "/veritech/cyclone");
        assert_eq!(label("org.opencontainers.image.title"), image.name);
        for name in ["description", "licenses", "vendor", "version"] {
            let name = format!("org.opencontainers.image.{name}");
            assert!(!label(&name).is_empty(), "{}: no {name}", image.name);
        }
        assert_eq!(label(RUNNER_LABEL), image.command);
        assert_eq!(label(LANGUAGES_LABEL), image.runner.languages().join(","));
        assert_eq!(
            label(ENVIRONMENT_LABEL),
            image.runner.environment().join(" ")
        );
    }
}

#[test]
fn it_is_no_larger_than_what_it_needs() {
    for image in published() {
        let bytes = inspect(image.name)["Size"].as_u64().expect("a size");
        let megabytes = bytes / 1_000_000;
        assert!(megabytes <= image.most, "{}: {megabytes} MB", image.name);
    }
}

#[test]
fn building_again_without_a_change_is_building_nothing() {
    let state = || {
        published().map(|image| {
            let image = inspect(image.name);
            (image["Id"].clone(), image["Created"].clone())
        })
    };
    let before = state();

    let output = Command::new(env!("CARGO"))
        .args(["xtask", "images"])
        .env("VERITECH_TEST_DOCKER_HOST", testkit::docker::host())
        .output()
        .expect("cargo runs");

    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert_eq!(log.matches("is as it would be built").count(), 4, "{log}");
    assert!(!log.contains("docker build"), "{log}");
    assert_eq!(state(), before);
}
