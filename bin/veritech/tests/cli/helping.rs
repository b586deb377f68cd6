//! Help, completions, and what the host can do.

use serde_json::Value;

use crate::rig::{Done, veritech};

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let done = Done::of(veritech().arg("--help")).exits(0);
    for text in [
        "run",
        "call",
        "serve",
        "cancel",
        "status",
        "doctor",
        "config",
        "completions",
        "124 timed out",
        "veritech run examples/greet.js",
    ] {
        assert!(done.stdout.contains(text), "no `{text}` in {done:#?}");
    }
}

#[test]
fn run_and_call_have_the_same_options_for_a_function() {
    let options = |command: &str| {
        let done = Done::of(veritech().args([command, "--help"])).exits(0);
        done.stdout
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
            .map(|word| word.trim_end_matches([',', ':', '.']).to_owned())
            .collect::<Vec<_>>()
    };
    let call = options("call");
    // Where a call is executed is the dispatcher's affair.
    let here = ["--engine", "--runner"];
    for option in options("run") {
        if here.contains(&option.as_str()) {
            continue;
        }
        assert!(call.contains(&option), "`call` has no {option}: {call:?}");
    }
}

#[test]
fn every_shell_gets_a_completion_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let done = Done::of(veritech().args(["completions", shell])).exits(0);
        assert!(done.stdout.contains("doctor"), "{shell}: {done:#?}");
    }
}

#[test]
fn the_doctor_finds_a_host_that_runs_the_other_tests_well() {
    let done = Done::of(veritech().args(["doctor", "--output", "json"])).exits(0);
    let report: Value = serde_json::from_str(&done.stdout).expect("JSON");
    assert_eq!(report["ok"], true, "{done:#?}");
    let rows = report["capabilities"].as_array().expect("the matrix");
    for engine in ["native", "docker"] {
        let mut of_engine = rows.iter().filter(|row| row["engine"] == engine);
        assert!(of_engine.any(|row| row["limits"]["disk_bytes"] == "tmpfs"));
    }
    let here: Vec<&Value> = rows.iter().filter(|row| row["here"] == true).collect();
    assert_eq!(here.len(), 2, "builtin images and all others: {here:#?}");

    let done = Done::of(veritech().arg("doctor")).exits(0);
    for text in ["seccomp", "memory", "* native", "cgroup"] {
        assert!(done.stdout.contains(text), "no `{text}` in {done:#?}");
    }
}
