//! Images of registries from a request to its result, with both engines that run
//! them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use e2e::World;
use futures_util::{StreamExt as _, future};
use tempfile::TempDir;
use testkit::docker::Daemon;
use testkit::{Image, ImageBuilder, Layer, Registry, eventually};
use tokio::time::Instant;
use veritech_client::{Call, CallResult};
use veritech_protocol::{EventBody, FailureCode, Kind, Origin, RemoteFunctionRequest};

/// How soon calls must succeed again after a daemon has come back.
const RESUMED: Duration = Duration::from_secs(5);

/// A dispatcher with one of the engines, which has no image yet.
struct Stage {
    engine: &'static str,
    world: World,
    /// Where the native engine keeps images.
    store: TempDir,
}

/// Starts a dispatcher for each engine, with `more` in its configuration.
async fn stages(more: &str) -> [Stage; 2] {
    let native = TempDir::new().expect("a directory");
    let unused = TempDir::new().expect("a directory");
    let path = native.path().display();
    let with_store = format!("{more}\n[store]\npath = \"{path}\"\n");
    let docker = testkit::docker::host();
    let with_docker = format!("engine = \"docker\"\n{more}\n[docker]\nhost = \"{docker}\"\n");
    [
        Stage {
            engine: "native",
            world: World::start(&with_store).await,
            store: native,
        },
        Stage {
            engine: "docker",
            world: World::start(&with_docker).await,
            store: unused,
        },
    ]
}

/// Allows the images of a registry, and injects QuickJS into those below `stock/`.
fn rules(registry: &Registry) -> String {
    let name = registry.name();
    format!(
        "[[images]]\npattern = \"{name}/stock/*\"\ninject = true\nrunner = \"quickjs\"\n\
         [[images]]\npattern = \"{name}/plain/*\"\n\
         [[images]]\npattern = \"{name}/checks/*\"\ninject = true\nrunner = \"quickjs\"\nkinds = [\"validation\"]\n"
    )
}

/// An image of nothing but a file that says which one it is.
fn stock(content: &str) -> Image {
    ImageBuilder::default()
        .layer(Layer::default().file("etc/motd", 0o644, content.as_bytes()))
        .build()
}

fn request(registry: &Registry, repository: &str) -> RemoteFunctionRequest {
    let image = format!("{}/{repository}", registry.name());
    let code = "export default ({ name = 'you' }) => `Hello, ${name}!`";
    let mut request = RemoteFunctionRequest::new(Kind::Resolver, &image, code);
    request.container_tag = "1".to_owned();
    // Something that is pulled may take its time on a busy host.
    request.queue_timeout_ms = Some(60_000);
    request
}

async fn failure(stage: &Stage, request: RemoteFunctionRequest) -> veritech_protocol::Failure {
    stage.world.failure(request).await
}

/// Reads a call to its end, and returns the events' names and the result.
async fn read(mut call: Call) -> (Vec<String>, CallResult) {
    let mut names = Vec::new();
    while let Some(event) = call.next().await {
        names.push(event.body.name().to_owned());
        if matches!(event.body, EventBody::Result(_)) {
            break;
        }
    }
    let result = call.result().await.expect("the function returns");
    (names, result)
}

/// Removes what Docker has pulled from a registry.
fn forget(registry: &Registry) {
    let images = format!("{}/*/*", registry.name());
    let docker = |arguments: &[&str]| {
        let output = testkit::docker::command(&testkit::docker::host())
            .args(arguments)
            .output()
            .expect("Docker's client runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    for id in docker(&["image", "ls", "--quiet", "--no-trunc", &images]).lines() {
        docker(&["image", "rm", "--force", id]);
    }
}

#[tokio::test]
async fn a_stock_image_is_pulled_with_progress_and_the_result_names_its_digest() {
    let registry = Registry::start().await;
    let image = stock("one");
    registry.push(&image, "stock/app", "1").await;

    for stage in stages(&rules(&registry)).await {
        let call = stage.world.client.call(request(&registry, "stock/app"));
        let (names, result) = read(call).await;

        let engine = stage.engine;
        assert_eq!(result.value::<String>().expect("a text"), "Hello, you!");
        assert_eq!(
            result.report.image_digest.as_deref(),
            Some(image.digest()),
            "{engine}"
        );
        assert!(
            names.contains(&"progress".to_owned()),
            "{engine}: {names:?}"
        );
    }
    forget(&registry);
}

#[tokio::test]
async fn a_tag_that_has_moved_is_noticed_where_it_is_always_asked_for() {
    let registry = Registry::start().await;
    let more = format!("pull_policy = \"always\"\n{}", rules(&registry));
    for stage in stages(&more).await {
        for content in ["old", "new"] {
            let image = stock(content);
            registry.push(&image, "stock/moving", "1").await;
            let expected = Some(image.digest().to_owned());
            eventually(
                Duration::from_secs(30),
                "image that the tag names",
                async || {
                    let call = stage.world.client.call(request(&registry, "stock/moving"));
                    let result = call.result().await.map_err(|error| format!("{error:?}"))?;
                    let digest = result.report.image_digest;
                    if digest == expected {
                        Ok(())
                    } else {
                        Err(format!("{}: {digest:?}", stage.engine))
                    }
                },
            )
            .await;
        }
    }
    forget(&registry);
}

#[tokio::test]
async fn an_image_that_must_not_or_cannot_run_is_unsupported() {
    let registry = Registry::start().await;
    registry.push(&stock("plain"), "plain/app", "1").await;

    for stage in stages(&rules(&registry)).await {
        let engine = stage.engine;
        let unknown = failure(&stage, request(&registry, "other/app")).await;
        assert_eq!(
            unknown.code,
            FailureCode::UnsupportedImage,
            "{engine}: {unknown:?}"
        );
        let kind = failure(&stage, request(&registry, "checks/app")).await;
        assert_eq!(
            kind.code,
            FailureCode::UnsupportedImage,
            "{engine}: {kind:?}"
        );
        assert!(kind.message.contains("resolver"), "{engine}: {kind:?}");
        let no_runner = failure(&stage, request(&registry, "plain/app")).await;
        assert_eq!(
            no_runner.code,
            FailureCode::UnsupportedImage,
            "{engine}: {no_runner:?}"
        );
        assert!(
            no_runner.message.contains("org.veritech.runner"),
            "{engine}: {no_runner:?}"
        );
    }
    forget(&registry);
}

#[tokio::test]
async fn an_image_that_cannot_be_had_leaves_nothing_and_the_next_one_is_had() {
    let mut gone = Registry::start().await;
    let there = Registry::start().await;
    there.push(&stock("there"), "stock/app", "1").await;
    let more = format!("{}{}", rules(&gone), rules(&there));
    gone.kill();

    for stage in stages(&more).await {
        let engine = stage.engine;
        for repository in ["stock/app", "stock/other"] {
            let down = failure(&stage, request(&gone, repository)).await;
            assert_eq!(
                down.code,
                FailureCode::ImagePullFailed,
                "{engine}: {down:?}"
            );
            assert_eq!(down.origin, Origin::System, "{engine}: {down:?}");
            assert!(down.retryable, "{engine}: {down:?}");
        }
        let missing = failure(&stage, request(&there, "stock/missing")).await;
        assert_eq!(
            missing.code,
            FailureCode::ImagePullFailed,
            "{engine}: {missing:?}"
        );
        assert_eq!(
            files_below(&stage.store.path().join("images")),
            0,
            "{engine}"
        );
        assert_eq!(files_below(&stage.store.path().join("tmp")), 0, "{engine}");

        let value = stage.world.value(request(&there, "stock/app")).await;
        assert_eq!(value, "Hello, you!", "{engine}");
    }
    forget(&there);
}

/// Counts what is in a directory, if there is one.
fn files_below(directory: &Path) -> usize {
    fs::read_dir(directory).map_or(0, |entries| entries.count())
}

#[tokio::test]
async fn calls_for_one_image_at_once_all_run() {
    let registry = Registry::start().await;
    registry.push(&stock("shared"), "stock/shared", "1").await;

    for stage in stages(&rules(&registry)).await {
        let calls = (0..6).map(|_| stage.world.value(request(&registry, "stock/shared")));
        for value in future::join_all(calls).await {
            assert_eq!(value, "Hello, you!", "{}", stage.engine);
        }
    }
    forget(&registry);
}

/// Lists the sandboxes of a daemon. One that was killed may go on listing a
/// container that it does not have any more: only what can be inspected counts.
fn sandboxes(daemon: &Daemon) -> Vec<String> {
    let docker = |arguments: &[&str]| {
        testkit::docker::command(&daemon.host())
            .args(arguments)
            .output()
            .expect("Docker's client runs")
    };
    let filter = "label=org.veritech.sandbox";
    let listed = docker(&["ps", "--all", "--quiet", "--no-trunc", "--filter", filter]);
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|id| docker(&["container", "inspect", id]).status.success())
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn serial_a_docker_engine_that_is_killed_costs_no_answer_and_no_place() {
    const EXECUTIONS: usize = 20;
    let mut daemon = Daemon::start().await;
    let configuration = format!(
        "engine = \"docker\"\nplaces = {}\nstart_timeout = \"60s\"\n[docker]\nhost = \"{}\"\n",
        // One more, since a place is free only when its sandbox is proved gone.
        EXECUTIONS + 1,
        daemon.host()
    );
    let world = World::start(&configuration).await;
    let endless = || {
        let code = "export default () => new Promise((done) => setTimeout(done, 600_000))";
        RemoteFunctionRequest::new(Kind::Resolver, "builtin/quickjs", code)
    };
    let mut started = Vec::new();
    for _ in 0..EXECUTIONS {
        started.push(world.started(endless()).await);
    }

    daemon.kill();
    let ended = future::join_all(started.into_iter().map(|it| it.call.result())).await;
    for ended in ended {
        let error = ended.expect_err("nobody can have finished it");
        assert_eq!(error.code(), FailureCode::SandboxLost, "{error:?}");
        assert_eq!(error.failure.origin, Origin::System, "{error:?}");
    }
    let meanwhile = world.failure(endless()).await;
    assert_eq!(
        meanwhile.code,
        FailureCode::SandboxStartFailed,
        "{meanwhile:?}"
    );
    assert!(meanwhile.retryable, "{meanwhile:?}");

    daemon.restart().await;
    let back = Instant::now();
    let greet = || {
        let code = "export default () => 'back'";
        RemoteFunctionRequest::new(Kind::Resolver, "builtin/quickjs", code)
    };
    eventually(Duration::from_secs(60), "service", async || {
        let called = world.client.call(greet()).result().await;
        called.map(drop).map_err(|error| format!("{error:?}"))
    })
    .await;
    let took = back.elapsed();
    assert!(took < RESUMED, "it took {took:?}");

    // Every place is there again, and no container.
    world.figure_is("running", 0).await;
    world.figure_is("quarantined", 0).await;
    let calls = (0..=EXECUTIONS).map(|_| world.value(greet()));
    future::join_all(calls).await;
    eventually(
        Duration::from_secs(30),
        "daemon without sandboxes",
        async || {
            let left = sandboxes(&daemon);
            if left.is_empty() { Ok(()) } else { Err(left) }
        },
    )
    .await;
}
