//! What is printed where.

use serde_json::{Value, json};
use testkit::tools;

use crate::rig::{Done, Function, greet, veritech};

#[test]
fn the_example_greets() {
    let done = Done::of(
        veritech()
            .arg("run")
            .arg(greet())
            .args(["--inputs", "{\"name\":\"Ada\"}"]),
    )
    .exits(0);
    assert_eq!(done.stdout, "\"Hello, Ada!\"\n", "{done:#?}");
    assert_eq!(done.stderr, "info  greeting Ada\n", "{done:#?}");
}

#[test]
fn output_goes_to_standard_error_with_its_level_and_the_value_to_standard_output() {
    let done = Function::new(
        "export default () => {
           console.debug('one'); console.log('two'); console.warn('three'); console.error('four\\nfive');
           return { six: 6 };
         }",
    )
    .run(&[])
    .exits(0);
    assert_eq!(done.stdout, "{\"six\":6}\n");
    let expected = "debug one\ninfo  two\nwarn  three\nerror four\nerror five\n";
    assert_eq!(done.stderr, expected);
}

#[test]
fn a_function_without_a_value_prints_none() {
    let done = Function::new("export default () => {}").run(&[]).exits(0);
    assert_eq!(done.stdout, "");
}

#[test]
fn as_json_the_result_event_is_alone_on_standard_output() {
    let done = Function::new("export default () => { console.log('hm'); return 1 }")
        .run(&["--output", "json"])
        .exits(0);
    let lines = done.json_lines();
    let [result] = lines.as_slice() else {
        panic!("{done:#?}");
    };
    assert_eq!(result["event"], "result", "{result}");
    assert_eq!(result["value"], 1, "{result}");
    let timings = result["timings"].as_object().expect("timings");
    let total = &timings["total_us"];
    let sum: u64 = timings.values().filter_map(Value::as_u64).sum();
    assert_eq!(
        json!(sum),
        json!(total.as_u64().unwrap_or_default() * 2),
        "{timings:?}"
    );
}

#[test]
fn as_json_a_failure_is_a_result_too() {
    let done = Function::new("export default () => { throw new Error('no') }")
        .run(&["--output", "json"])
        .exits(1);
    let lines = done.json_lines();
    assert_eq!(lines[0]["failure"]["code"], "exception", "{done:#?}");
}

#[test]
fn as_events_every_event_is_a_line_and_the_result_the_last() {
    let done = Function::new("export default () => { console.log('hm'); return 1 }")
        .run(&["--output", "events"])
        .exits(0);
    let lines = done.json_lines();
    let names: Vec<_> = lines.iter().map(|line| line["event"].as_str()).collect();
    let expected = ["accepted", "started", "output", "result"].map(Some);
    assert_eq!(names, expected, "{done:#?}");
    assert!(lines.iter().all(|line| line["id"] == lines[0]["id"]));
}

#[test]
fn inputs_come_from_a_file_or_from_standard_input() {
    let function = Function::new("export default ({ name }) => name");
    let inputs = Function::named("inputs.json", "{\"name\":\"Zoë\"}");
    let argument = format!("@{}", inputs.path().display());
    let done = function.run(&["--inputs", &argument]).exits(0);
    assert_eq!(done.stdout, "\"Zoë\"\n");

    let mut command = veritech();
    command
        .arg("run")
        .arg(function.path())
        .args(["--inputs", "-"]);
    let done = Done::fed(&mut command, "{\"name\":\"Ada\"}").exits(0);
    assert_eq!(done.stdout, "\"Ada\"\n");
}

#[test]
fn options_reach_the_function() {
    let function = Function::new(
        "export function chosen(inputs, { kind }) {
           return { status: 'ok', payload: [kind, process.env.COLOUR] };
         }",
    );
    let node = tools::node();
    let mut command = veritech();
    command
        .env("VERITECH_NATIVE_NODE", node)
        .arg("run")
        .arg(function.path())
        .args(["--handler", "chosen", "--kind", "action"])
        .args(["--image", "host/node", "--env", "COLOUR=red"]);
    let done = Done::of(&mut command).exits(0);
    assert_eq!(
        done.stdout, "{\"status\":\"ok\",\"payload\":[\"action\",\"red\"]}\n",
        "{done:#?}"
    );
}

#[test]
fn a_value_of_the_wrong_type_is_the_functions_failure() {
    Function::new("export default () => 'seven'")
        .run(&["--response-type", "integer"])
        .exits(1)
        .says(&["invalid_result", "integer"]);
}

#[test]
fn typescript_is_known_by_its_ending() {
    let function = Function::named(
        "function.ts",
        "export default ({ name }: { name: string }): string => name;",
    );
    let mut command = veritech();
    command
        .env("VERITECH_NATIVE_NODE", tools::node())
        .arg("run")
        .arg(function.path())
        .args(["--image", "host/node", "--inputs", "{\"name\":\"Ada\"}"]);
    let done = Done::of(&mut command).exits(0);
    assert_eq!(done.stdout, "\"Ada\"\n", "{done:#?}");
}
