//! The examples do what they say.

use std::path::{Path, PathBuf};

use crate::rig::{Done, veritech};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

#[test]
fn an_address_is_validated_in_python() {
    let validated = |address: &str| {
        Done::of(
            veritech()
                .env("VERITECH_NATIVE_PYTHON", testkit::tools::python())
                .arg("run")
                .arg(example("mail-address.py"))
                .args(["--image", "host/python", "--kind", "validation"])
                .arg("--inputs")
                .arg(format!(r#"{{"address":"{address}"}}"#)),
        )
    };

    let valid = validated("ada@example.org");
    assert_eq!(valid.code, Some(0), "{valid:?}");
    assert!(valid.stdout.contains(r#""valid":true"#), "{valid:?}");
    assert!(valid.stderr.contains("checked for"), "{valid:?}");

    let invalid = validated("ada@-.example");
    assert_eq!(invalid.code, Some(0), "{invalid:?}");
    assert!(invalid.stdout.contains("`-` is no label"), "{invalid:?}");
}
