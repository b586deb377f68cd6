//! Every runner passes the conformance suite where it will be used: in its
//! image, in sandboxes of every engine, and as `docker run` starts it.

use std::time::Duration;

use conformance::{Cyclones, Options, Sandboxes, SourceLanguage, Summary};
use image_store::{Store, StoreConfig};
use sandbox::{Engine, Executable, Limits, Phase, Progress, PullPolicy};
use sandbox_docker::DockerEngine;
use sandbox_native::{Executables, NativeEngine, RegistryImages};
use tokio_util::sync::CancellationToken;

use crate::alone::Alone;

/// What each function of the suite may use.
const LIMITS: Limits = Limits {
    memory_bytes: 512 << 20,
    cpu_millis: 1000,
    cpu_time: Duration::from_secs(30),
    processes: 64,
    disk_bytes: 16 << 20,
};

struct Silent;

impl Progress for Silent {
    fn advance(&self, _phase: Phase, _done: u64, _total: u64) {}
}

/// Runs the suite in sandboxes of an image.
async fn conforms_in<E: Engine>(engine: &E, image: &str, tag: &str, language: SourceLanguage) {
    let image = engine
        .prepare(image, tag, &Silent, CancellationToken::new())
        .await
        .expect("the image is prepared");
    let summary = conforms(&Sandboxes::new(engine, image, LIMITS), language, None).await;
    assert!(summary.passed >= 60, "only {summary}");
}

/// Runs the suite, or the cases whose name contains `filter`, and fails with
/// the cases that failed.
async fn conforms(
    cyclones: &impl Cyclones,
    language: SourceLanguage,
    filter: Option<&str>,
) -> Summary {
    let options = Options {
        language,
        filter: filter.map(str::to_owned),
        ..Options::default()
    };
    let mut report = Vec::new();
    let summary = conformance::run_through(cyclones, &options, &mut report)
        .await
        .expect("the suite runs");
    let report = String::from_utf8_lossy(&report);
    let failed: Vec<_> = report
        .lines()
        .filter(|line| line.starts_with("FAIL"))
        .collect();
    assert!(summary.is_success(), "{summary}\n{}", failed.join("\n"));
    summary
}

async fn native() -> NativeEngine {
    let executables = Executables {
        launcher: Executable::Embedded(builtin::LAUNCHER),
        programs: builtin::programs(),
    };
    let store = Store::open(StoreConfig::new(e2e::store())).expect("the store is opened");
    let config = sandbox_native::Config {
        registry_images: Some(RegistryImages {
            store,
            pull_policy: PullPolicy::Always,
            injection: Vec::new(),
        }),
        ..sandbox_native::Config::default()
    };
    NativeEngine::start(executables, config)
        .await
        .expect("the engine starts")
}

async fn docker() -> DockerEngine {
    let config = sandbox_docker::Config {
        host: Some(testkit::docker::host()),
        pull_policy: PullPolicy::Always,
        ..sandbox_docker::Config::default()
    };
    DockerEngine::start(builtin::programs(), config)
        .await
        .expect("the engine starts")
}

/// The images, as engines pull them from a registry.
macro_rules! conforming {
    ($engine:ident: $($test:ident: $image:literal in $language:ident;)*) => {
        mod $engine {
            use super::*;

            #[tokio::test]
            async fn builtin_quickjs_conforms() {
                let engine = super::$engine().await;
                let language = SourceLanguage::JavaScript;
                conforms_in(&engine, "builtin/quickjs", "latest", language).await;
            }

            $(
                #[tokio::test]
                async fn $test() {
                    let engine = super::$engine().await;
                    let image = format!("{}/{}", e2e::published_images(), $image);
                    conforms_in(&engine, &image, "latest", SourceLanguage::$language).await;
                }
            )*
        }
    };
    ($($engine:ident),*) => {
        $(
            conforming! { $engine:
                quickjs_conforms: "quickjs" in JavaScript;
                node_conforms: "javascript-node" in JavaScript;
                deno_conforms: "javascript-deno" in JavaScript;
                python_conforms: "python" in Python;
            }
        )*
    };
}

conforming!(native, docker);

#[tokio::test]
async fn every_image_executes_functions_as_docker_run_starts_it() {
    for (image, language) in [
        ("veritech/javascript-node", SourceLanguage::JavaScript),
        ("veritech/javascript-deno", SourceLanguage::JavaScript),
        ("veritech/python", SourceLanguage::Python),
        ("veritech/quickjs", SourceLanguage::JavaScript),
    ] {
        // A container for each case: these are few.
        conforms(&Alone::image(image), language, Some("context")).await;
    }
}
