//! How the exit code tells what happened.

use crate::rig::{Done, Function, veritech};

/// A port on which nothing listens: that of a service long gone.
const NO_NATS: &str = "nats://127.0.0.1:9";

#[test]
fn a_value_is_success() {
    Function::new("export default () => 1").run(&[]).exits(0);
}

#[test]
fn an_exception_is_1_and_shown_with_its_place() {
    Function::new("export default () => {\n  throw new TypeError('no way');\n}\n")
        .run(&[])
        .exits(1)
        .says(&["TypeError: no way", "(exception)", "function.js:2:"]);
}

#[test]
fn a_syntax_error_is_1_and_shown_with_its_position() {
    Function::new("export default () => {\n  let 1 = 2;\n}\n")
        .run(&[])
        .exits(1)
        .says(&["SyntaxError", "at line 2, column 7"]);
}

#[test]
fn inputs_that_are_not_json_are_2() {
    Function::new("export default () => 1")
        .run(&["--inputs", "{name: 1}"])
        .exits(2)
        .says(&["--inputs", "not JSON"]);
}

#[test]
fn a_file_that_is_not_there_is_2() {
    Done::of(veritech().args(["run", "no-such-function.js"]))
        .exits(2)
        .says(&["no-such-function.js"]);
}

#[test]
fn an_image_that_is_not_there_is_2() {
    Function::new("export default () => 1")
        .run(&["--image", "builtin/cobol"])
        .exits(2)
        .says(&["builtin/cobol", "unsupported_image"]);
}

#[test]
fn a_limit_beyond_its_maximum_is_2_and_names_both() {
    Function::new("export default () => 1")
        .run(&["--memory", "1TiB"])
        .exits(2)
        .says(&["limits.memory_bytes"]);
}

#[test]
fn an_option_that_there_is_not_is_2() {
    Function::new("export default () => 1")
        .run(&["--memroy", "1MiB"])
        .exits(2)
        .says(&["--memory"]);
}

#[test]
fn a_function_that_lasts_too_long_is_124() {
    Function::new("export default () => { for (;;); }")
        .run(&["--timeout", "300ms"])
        .exits(124)
        .says(&["timed_out", "300"]);
}

#[test]
fn a_nats_server_that_is_not_there_is_3() {
    let function = Function::new("export default () => 1");
    for command in ["call", "serve", "status", "cancel"] {
        let mut arguments = vec![command, "--nats-url", NO_NATS];
        let path = function.path();
        match command {
            "call" => arguments.push(path.to_str().expect("UTF-8")),
            "cancel" => arguments.push("some-id"),
            _ => {}
        }
        Done::of(veritech().args(arguments))
            .exits(3)
            .says(&["127.0.0.1:9"]);
    }
}
