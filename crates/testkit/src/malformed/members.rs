//! Faults of the object: JSON that is no request.

use fastrand::Rng;
use serde_json::json;

use super::{KINDS, Members, Request, pick};

type Fault = (&'static str, fn(&mut Rng, &mut Members, &mut String));

/// What can be wrong: in the members, or in the end of the subject.
pub(super) const FAULTS: &[Fault] = &[
    ("a required member is missing", |rng, request, _| {
        let name = *pick(rng, &["kind", "container_image", "code"]);
        request.members.retain(|(known, _)| known != name);
    }),
    ("a required member is null", |rng, request, _| {
        let name = *pick(rng, &["kind", "container_image", "code"]);
        request.set(name, "null");
    }),
    ("a text is of another type", |rng, request, _| {
        let name = *pick(
            rng,
            &[
                "kind",
                "container_image",
                "container_tag",
                "code",
                "id",
                "handler",
            ],
        );
        request.set(
            name,
            *pick(rng, &["1", "true", "[]", "{}", "[\"resolver\"]", "1.5"]),
        );
    }),
    ("a number is of another type", |rng, request, _| {
        let name = *pick(rng, &["timeout_ms", "queue_timeout_ms"]);
        request.set(
            name,
            *pick(rng, &["\"1\"", "true", "[1]", "{}", "1.5", "-1"]),
        );
    }),
    ("a number that is none", |rng, request, _| {
        let name = *pick(rng, &["timeout_ms", "queue_timeout_ms"]);
        request.set(
            name,
            *pick(
                rng,
                &["NaN", "Infinity", "01", "1_000", "0x10", "+1", ".5", "1."],
            ),
        );
    }),
    ("a number beyond all numbers", |rng, request, _| {
        let name = *pick(rng, &["timeout_ms", "queue_timeout_ms"]);
        let huge = "9".repeat(rng.usize(20..400));
        let numbers = [
            "18446744073709551616",
            "1e400",
            "-9223372036854775809",
            &huge,
        ];
        request.set(name, *pick(rng, &numbers));
    }),
    ("a number beyond its maximum", |rng, request, _| {
        let name = *pick(rng, &["timeout_ms", "queue_timeout_ms"]);
        request.set(name, rng.u64(3_600_001..).to_string());
    }),
    ("no time at all", |_, request, _| {
        request.set("timeout_ms", "0");
    }),
    ("a limit is wrong", |rng, request, _| {
        let limits = [
            r#"{"memory_bytes":-1}"#,
            r#"{"memory_bytes":0}"#,
            r#"{"memory_bytes":1e300}"#,
            r#"{"memory_bytes":18446744073709551615}"#,
            r#"{"cpus":0}"#,
            r#"{"cpus":-0.0}"#,
            r#"{"cpus":1e308}"#,
            r#"{"cpus":"1"}"#,
            r#"{"processes":4294967296}"#,
            r#"{"processes":0}"#,
            r#"{"disk_bytes":1.5}"#,
            r#"{"output_bytes":"all"}"#,
            r#"{"result_bytes":99999999999}"#,
            r#"{"cpu_time_ms":0}"#,
            r#"{"memory":1}"#,
            r#"{"cpus":1,"cpus":1}"#,
            "[]",
            "[67108864]",
            "null",
            "\"none\"",
        ];
        request.set("limits", *pick(rng, &limits));
    }),
    ("a member twice", |rng, request, _| {
        let twice = pick(rng, &request.members).clone();
        request.members.push(twice);
    }),
    ("an unknown member", |rng, request, _| {
        let long = "x".repeat(rng.usize(1..5000));
        let names = [
            "timout_ms",
            "Kind",
            "KIND",
            "kind ",
            "",
            "__proto__",
            "constructor",
            "result",
            "event",
            "kınd",
            "a\nb",
            "code\0",
            &long,
        ];
        let name = *pick(rng, &names);
        request.set(name, *pick(rng, &["null", "1", "{}", "\"x\""]));
    }),
    ("nested too deep", |rng, request, _| {
        let levels = rng.usize(132..2000);
        let value = match rng.bool() {
            true => format!("{}{}", "[".repeat(levels), "]".repeat(levels)),
            false => format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels)),
        };
        request.set("inputs", value);
    }),
    ("a lone surrogate", |rng, request, _| {
        let name = *pick(rng, &["code", "container_image", "handler"]);
        request.set(
            name,
            *pick(rng, &[r#""\ud800""#, r#""\udc00x""#, r#""\ud800\ud800""#]),
        );
    }),
    ("an escape that is none", |rng, request, _| {
        request.set(
            "code",
            *pick(rng, &[r#""\x41""#, r#""\u12""#, r#""\u{41}""#, r#""\'""#]),
        );
    }),
    ("an image that is none", |rng, request, _| {
        let long = "a".repeat(rng.usize(256..3000));
        let names = [
            "",
            " ",
            "/",
            "..",
            "../../etc",
            "a//b",
            "builtin/",
            "Builtin/quickjs",
            "-v",
            "a b",
            "builtin/quickjs\n",
            "builtin/quickjs\0",
            "$(id)",
            "http://x/y",
            "a:b:c",
            &long,
        ];
        request.set("container_image", json!(pick(rng, &names)).to_string());
    }),
    ("an image that is not allowed", |rng, request, _| {
        let names = [
            "node",
            "docker.io/library/node",
            "registry.example.com:5000/a/b",
            "localhost/x",
        ];
        request.set("container_image", json!(pick(rng, &names)).to_string());
    }),
    ("a tag that is none", |rng, request, _| {
        let long = "a".repeat(rng.usize(129..3000));
        let tags = [
            "",
            " ",
            ".",
            "-x",
            "a/b",
            "a b",
            "sha256:",
            "sha256:abc",
            "sha512:00",
            "é",
            "a\n",
            "latest\0",
            "../x",
            &long,
        ];
        request.set("container_tag", json!(pick(rng, &tags)).to_string());
    }),
    ("an id that is none", |rng, request, _| {
        let long = "a".repeat(rng.usize(129..3000));
        let ids = [
            "", " ", "*", ">", "a.b", "a b", "é", "a\r\nb", "../x", "a\0", &long,
        ];
        request.set("id", json!(pick(rng, &ids)).to_string());
    }),
    ("a variable that is none", |rng, request, _| {
        let long = format!(r#"{{"{}":""}}"#, "a".repeat(rng.usize(257..3000)));
        let many: Vec<_> = (0..rng.usize(257..400))
            .map(|n| format!(r#""v{n}":"""#))
            .collect();
        let many = format!("{{{}}}", many.join(","));
        let variables = [
            r#"{"":"x"}"#,
            r#"{"A=B":"x"}"#,
            r#"{"A\u0000":"x"}"#,
            r#"{"A":"\u0000"}"#,
            r#"{"A":1}"#,
            r#"{"A":null}"#,
            r#"["A=b"]"#,
            "null",
            "\"A=b\"",
            &long,
            &many,
        ];
        request.set("env", *pick(rng, &variables));
    }),
    ("a handler that is none", |rng, request, _| {
        let long = "a".repeat(rng.usize(257..3000));
        request.set(
            "handler",
            json!(pick(rng, &["", "a\0b", "\0", &long])).to_string(),
        );
    }),
    ("a word that is not known", |rng, request, _| {
        let name = *pick(
            rng,
            &[
                "language",
                "response_type",
                "network",
                "replies",
                "on_caller_lost",
            ],
        );
        request.set(
            name,
            *pick(
                rng,
                &["\"\"", "\"all\"", "\"Any\"", "1", "{}", "[]", "\"none \""],
            ),
        );
    }),
    (
        "a language that the image does not have",
        |_, request, _| {
            request.set("language", "\"python\"");
        },
    ),
    ("a network that is not allowed", |_, request, _| {
        request.set("network", "\"egress\"");
    }),
    ("a kind that there is not", |rng, request, subject| {
        let kinds = [
            "",
            "Resolver",
            "resolver ",
            "oracle",
            "*",
            ">",
            "resolver\0",
            "résolveur",
        ];
        let kind = *pick(rng, &kinds);
        request.set("kind", json!(kind).to_string());
        if rng.bool() {
            *subject = "oracle".to_owned();
        }
    }),
    (
        "a type that only resolvers have",
        |rng, request, subject| {
            let kind = *pick(
                rng,
                &["qualification", "validation", "code_generation", "action"],
            );
            request.set("kind", json!(kind).to_string());
            request.set("response_type", "\"string\"");
            *subject = kind.to_owned();
        },
    ),
    ("the subject says another kind", |rng, request, subject| {
        let others: Vec<_> = KINDS.iter().filter(|kind| **kind != request.kind).collect();
        *subject = (**pick(rng, &others)).to_owned();
    }),
    ("the subject says no kind", |rng, request, subject| {
        let kind = request.kind;
        let subjects = [
            "oracle".to_owned(),
            format!("{kind}.x"),
            format!("x.{kind}"),
            kind.to_uppercase(),
        ];
        subject.clone_from(pick(rng, &subjects));
    }),
    ("members without names", |_, request, _| {
        // A list of values in the order in which a request has its members.
        let image = r#""builtin/quickjs""#;
        request.members = vec![(
            String::new(),
            format!(r#"["{}",{image},"latest",""]"#, request.kind),
        )];
    }),
];

/// Puts a fault into a request.
pub(super) fn spoil(rng: &mut Rng, mut request: Members) -> Request {
    let (fault, spoil) = *pick(rng, FAULTS);
    let mut subject_kind = request.kind.to_owned();
    spoil(rng, &mut request, &mut subject_kind);
    let text = match request.members.as_slice() {
        [(name, list)] if name.is_empty() => list.clone(),
        _ => request.text(),
    };
    Request {
        subject_kind,
        payload: text.into_bytes(),
        fault,
    }
}
