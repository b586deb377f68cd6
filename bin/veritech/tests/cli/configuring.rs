//! Where settings come from, and how mistakes in them are told.

use crate::rig::{Done, Function, veritech};

fn configuration(text: &str) -> Function {
    Function::named("veritech.toml", text)
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = configuration("log_level = \"error\"\nplaces = 3\nqueue = 5\n");
    let mut command = veritech();
    command
        .env("VERITECH_LOG_LEVEL", "info")
        .env("VERITECH_PLACES", "4")
        .args(["config", "show", "--log-level", "debug", "--config"])
        .arg(file.path());
    let done = Done::of(&mut command).exits(0);
    for line in ["log_level = \"debug\"", "places = 4", "queue = 5"] {
        assert!(done.stdout.contains(line), "no `{line}` in {done:#?}");
    }
}

#[test]
fn what_is_shown_is_a_configuration_itself() {
    let shown = Done::of(veritech().args(["config", "show"])).exits(0);
    let file = configuration(&shown.stdout);
    let mut command = veritech();
    command
        .args(["config", "show", "--config"])
        .arg(file.path());
    let again = Done::of(&mut command).exits(0);
    assert_eq!(again.stdout, shown.stdout);
}

#[test]
fn a_valid_configuration_is_said_to_be_valid() {
    let file = configuration("heartbeat = \"2s\"\n[pool]\n\"builtin/quickjs\" = 2\n");
    let mut command = veritech();
    command
        .args(["config", "check", "--config"])
        .arg(file.path());
    Done::of(&mut command).exits(0).says(&["valid"]);
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_known_one() {
    let file = configuration("nats_ulr = \"nats://127.0.0.1\"\n");
    let mut command = veritech();
    command
        .args(["config", "check", "--config"])
        .arg(file.path());
    Done::of(&mut command)
        .exits(2)
        .says(&["nats_ulr", "did you mean `nats_url`?"]);
}

#[test]
fn an_unknown_variable_is_an_error_with_the_nearest_known_one() {
    let mut command = veritech();
    command
        .env("VERITECH_HEARTBAET", "1s")
        .args(["config", "check"]);
    Done::of(&mut command)
        .exits(2)
        .says(&["VERITECH_HEARTBAET", "did you mean `VERITECH_HEARTBEAT`?"]);
}

#[test]
fn a_wrong_value_is_an_error_with_its_key() {
    let file = configuration("heartbeat = \"often\"\n");
    let mut command = veritech();
    command
        .args(["config", "check", "--config"])
        .arg(file.path());
    Done::of(&mut command)
        .exits(2)
        .says(&["heartbeat", "often"]);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    Done::of(veritech().args(["config", "check", "--config", "/no/such/file"]))
        .exits(2)
        .says(&["/no/such/file"]);
}

#[test]
fn secrets_are_not_shown() {
    for scheme in ["nats://", ""] {
        let mut command = veritech();
        command
            .env(
                "VERITECH_NATS_URL",
                format!("{scheme}ada:lovelace@127.0.0.1:4222"),
            )
            .args(["config", "show"]);
        let done = Done::of(&mut command).exits(0);
        assert!(!done.stdout.contains("lovelace"), "{done:#?}");
        assert!(done.stdout.contains("127.0.0.1:4222"), "{done:#?}");
    }
}

#[test]
fn a_file_that_is_not_toml_is_an_error_with_its_position_and_no_secret() {
    let file = configuration("places = 3\nnats_url = \"nats://ada:lovelace@127.0.0.1\n");
    let mut command = veritech();
    command
        .args(["config", "check", "--config"])
        .arg(file.path());
    let done = Done::of(&mut command)
        .exits(2)
        .says(&["veritech.toml", "line 2, column "]);
    assert!(!done.stderr.contains("lovelace"), "{done:#?}");
}

#[test]
fn a_server_that_is_not_there_is_named_without_its_password() {
    let mut command = veritech();
    command.args(["status", "--nats-url", "ada:lovelace@127.0.0.1:9"]);
    let done = Done::of(&mut command).exits(3).says(&["127.0.0.1:9"]);
    assert!(!done.stderr.contains("lovelace"), "{done:#?}");
}

#[test]
fn requests_that_cyclone_would_not_take_cannot_be_allowed() {
    let mut command = veritech();
    command
        .env("VERITECH_MAX_REQUEST", "48MiB")
        .args(["config", "check"]);
    Done::of(&mut command)
        .exits(2)
        .says(&["max_request", "31MiB"]);
}

#[test]
fn limits_of_the_configuration_hold_for_run() {
    let file = configuration("[limits.default]\ntimeout = \"200ms\"\n");
    let function = Function::new("export default () => { for (;;); }");
    let config = file.path();
    let config = config.to_str().expect("UTF-8");
    function.run(&["--config", config]).exits(124);
}
