//! A server inventory: ten functions, each of which gives one property its value, from
//! a few facts that somebody has entered and from each other.
//!
//! ```text
//! veritech serve
//! cargo run --package veritech-client --example server-inventory
//! ```
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for a terminal"
)]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use serde_json::json;
use veritech_client::{
    Bindings, Client, FunctionBackend, InvalidPointer, Options, PropertyTree, ResolverBackend,
    Schema,
};

/// The image that every function here is run in.
const IMAGE: &str = "builtin/quickjs";

/// A function, the prop that it is bound to, and the props that it takes: each by the name of its
/// input.
struct Function {
    prop: &'static str,
    code: &'static str,
    inputs: &'static [(&'static str, &'static str)],
}

const FUNCTIONS: [Function; 10] = [
    Function {
        prop: "/hardware",
        code: include_str!("functions/hardware.js"),
        inputs: &[("model", "/asset/model")],
    },
    Function {
        prop: "/capacity_gb",
        code: include_str!("functions/capacity.js"),
        inputs: &[("disks", "/hardware/disks")],
    },
    Function {
        prop: "/network/hostname",
        code: include_str!("functions/hostname.js"),
        inputs: &[
            ("role", "/asset/role"),
            ("site", "/asset/site"),
            ("number", "/asset/number"),
        ],
    },
    Function {
        prop: "/network/fqdn",
        code: include_str!("functions/fqdn.js"),
        inputs: &[
            ("hostname", "/network/hostname"),
            ("domain", "/network/domain"),
        ],
    },
    Function {
        prop: "/network/address",
        code: include_str!("functions/address.js"),
        inputs: &[
            ("site", "/asset/site"),
            ("role", "/asset/role"),
            ("number", "/asset/number"),
        ],
    },
    Function {
        prop: "/network/ports",
        code: include_str!("functions/ports.js"),
        inputs: &[("role", "/asset/role")],
    },
    Function {
        prop: "/network/url",
        code: include_str!("functions/url.js"),
        inputs: &[("fqdn", "/network/fqdn"), ("ports", "/network/ports")],
    },
    Function {
        prop: "/warranty_until",
        code: include_str!("functions/warranty.js"),
        inputs: &[("purchased", "/asset/purchased")],
    },
    Function {
        prop: "/checks",
        code: include_str!("functions/checks.js"),
        inputs: &[
            ("fqdn", "/network/fqdn"),
            ("address", "/network/address"),
            ("ports", "/network/ports"),
        ],
    },
    Function {
        prop: "/labels",
        code: include_str!("functions/labels.js"),
        inputs: &[
            ("role", "/asset/role"),
            ("site", "/asset/site"),
            ("cores", "/hardware/cores"),
        ],
    },
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match inventory().await {
        Ok(server) => {
            println!("{:#}", server.to_json());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Resolves the properties of one server.
async fn inventory() -> Result<PropertyTree, Box<dyn Error>> {
    let schema = Schema::from_json(include_str!("schema.json"))?;
    // What somebody has entered is JSON: whether it fits is known when it is resolved.
    let asset = json!({
        "model": env::args().nth(1).unwrap_or_else(|| "r1-large".to_owned()),
        "purchased": "2025-02-28",
        "role": "web",
        "site": "ams",
        "number": 7,
    });
    let domain = ResolverBackend::String {
        value: "example.org".to_owned(),
    };
    let mut bindings = Bindings::new(schema)
        .bind("/asset".parse()?, ResolverBackend::Json { value: asset })?
        .bind("/network/domain".parse()?, domain)?;
    for function in FUNCTIONS {
        let backend = function.backend()?;
        bindings.try_bind(function.prop.parse()?, backend.into())?;
    }

    let url = env::var("VERITECH_NATS_URL");
    let url = url.unwrap_or_else(|_| "nats://127.0.0.1:4222".to_owned());
    let client = Client::connect(&url, Options::default()).await?;
    // Those that need nothing of each other are called side by side.
    Ok(client.resolve_all(&bindings).await?.into_complete()?)
}

impl Function {
    fn backend(&self) -> Result<FunctionBackend, InvalidPointer> {
        let function = FunctionBackend::javascript(IMAGE, self.code);
        self.inputs
            .iter()
            .try_fold(function, |function, (name, prop)| {
                Ok(function.input_from(*name, prop.parse()?))
            })
    }
}
