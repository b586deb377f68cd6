//! That the bench measures everything that it has a row for.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

use std::process::Command;

use serde_json::Value;

#[test]
fn everything_is_measured_once_and_compared_with_itself() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let saved = directory.path().join("figures.json");
    let bench = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_veritech-bench"))
            .args(["--smoke", "--save"])
            .arg(&saved)
            .args(arguments)
            .output()
            .expect("it starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };

    let report: Value = serde_json::from_str(&bench(&["--output", "json"])).expect("JSON");
    let rows = report["rows"].as_array().expect("rows");
    assert!(rows.len() >= 50, "{rows:?}");
    for row in rows {
        let measured = ["times", "per_second", "figure"];
        assert!(measured.iter().any(|of| !row[of].is_null()), "{row}");
    }

    let file = saved.to_str().expect("text").to_owned();
    let table = bench(&["--only", "burst", "--compare", &file]);
    assert!(table.contains("| before |"), "{table}");
}
