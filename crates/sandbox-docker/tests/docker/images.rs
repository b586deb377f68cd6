//! Images of a registry: pulled, named, and run.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sandbox::{
    Engine as _, InjectionRule, OwnRunner, Phase, PrepareError, Progress, PullPolicy, Sandbox as _,
};
use sandbox_docker::{Config, DockerEngine};
use sha2::{Digest as _, Sha256};
use testkit::docker::Daemon;
use testkit::{ImageBuilder, Layer, Registry};
use tokio_util::sync::CancellationToken;

use super::support::{Silent, config, engine_with, execute, greet, launch, prepare, spec};

/// Runs a command of Docker's client that must succeed, and returns what it says.
fn docker(daemon: &Daemon, arguments: &[&str], input: &[u8]) -> String {
    let mut child = testkit::docker::command(&daemon.host())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Docker's client runs");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Pushes an image with a file in it, removes it from the daemon, and returns its
/// digest in the registry.
fn push(daemon: &Daemon, name: &str, content: &[u8]) -> String {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(content.len()).expect("fits"));
    header.set_mode(0o644);
    archive
        .append_data(&mut header, "content", content)
        .expect("archived");
    let archive = archive.into_inner().expect("archived");
    docker(
        daemon,
        &["import", "--change", "VOLUME /data", "-", name],
        &archive,
    );
    docker(daemon, &["push", "--quiet", name], b"");
    let format = "{{index .RepoDigests 0}}";
    let digest = docker(daemon, &["image", "inspect", "--format", format, name], b"");
    docker(daemon, &["image", "rm", "--force", name], b"");
    digest.split_once('@').expect("a digest").1.to_owned()
}

/// Counts what is heard of a pull.
#[derive(Default)]
struct Heard {
    events: AtomicU64,
    total: AtomicU64,
}

impl Progress for Heard {
    fn advance(&self, _phase: Phase, done: u64, total: u64) {
        assert!(done <= total, "{done} of {total}");
        self.events.fetch_add(1, Ordering::Relaxed);
        self.total.fetch_max(total, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_of_a_registry_is_pulled_once_named_by_its_digest_and_runs_injected() {
    let daemon = Daemon::start().await;
    let registry = Registry::start().await;
    let name = format!("{}/team/stock", registry.name());
    // Which does not become smaller by being compressed.
    let content: Vec<u8> = (0..64_000_u32)
        .flat_map(|it| Sha256::digest(it.to_le_bytes()))
        .collect();
    let digest = push(&daemon, &format!("{name}:1"), &content);
    let engine = engine_with(Config {
        host: Some(daemon.host()),
        injection: vec![InjectionRule {
            pattern: name.parse().expect("a pattern"),
            runner: Some(OwnRunner::QuickJs),
        }],
        ..Config::default()
    })
    .await;
    let heard = Heard::default();
    let pull = || engine.prepare(&name, "1", &heard, CancellationToken::new());

    let (first, second, third) = tokio::join!(pull(), pull(), pull());

    let image = first.expect("it is pulled");
    assert_eq!(image.digest.as_deref(), Some(&*digest));
    assert_eq!(second.expect("it is pulled"), image);
    assert_eq!(third.expect("it is pulled"), image);
    assert!(
        heard.events.load(Ordering::Relaxed) > 0,
        "nothing was heard"
    );
    assert!(
        heard.total.load(Ordering::Relaxed) > 1_000_000,
        "of how much?"
    );
    let pulls = daemon.log().matches("Pulling ref from").count();
    assert!(pulls <= 1, "{pulls} pulls");
    let by_digest = prepare(&engine, &name, &digest).await;
    assert_eq!(by_digest.digest, image.digest);

    for (id, image) in [image, by_digest].into_iter().enumerate() {
        let id = u64::try_from(id).expect("small");
        let mut sandbox = launch(&engine, spec(id, image)).await;
        let mut session = greet(&mut sandbox).await;
        let value = execute(&mut session, "export default ({ name }) => name").await;
        assert_eq!(value, "\"Ada\"");
        drop(session);
        sandbox.destroy().await.expect("it is destroyed");
    }
    let volumes = docker(&daemon, &["volume", "ls", "--quiet"], b"");
    let volumes: Vec<&str> = volumes.lines().collect();
    assert!(
        matches!(&*volumes, [one] if one.starts_with("veritech-")),
        "volumes of the image's own: {volumes:?}"
    );
}

#[tokio::test]
async fn a_volume_with_something_else_in_it_is_not_used() {
    let daemon = Daemon::start().await;
    let registry = Registry::start().await;
    let name = format!("{}/stock", registry.name());
    push(&daemon, &format!("{name}:1"), b"content");
    let config = Config {
        host: Some(daemon.host()),
        injection: vec![InjectionRule {
            pattern: "*".parse().expect("a pattern"),
            runner: Some(OwnRunner::QuickJs),
        }],
        ..Config::default()
    };
    let engine = engine_with(config.clone()).await;
    let image = prepare(&engine, &name, "1").await;
    let first = launch(&engine, spec(1, image)).await;
    first.destroy().await.expect("it is destroyed");
    let volume = docker(&daemon, &["volume", "ls", "--quiet"], b"");
    let place = docker(
        &daemon,
        &["volume", "inspect", "--format", "{{.Mountpoint}}", &volume],
        b"",
    );
    std::fs::write(format!("{place}/cyclone"), "#!/evil").expect("written");

    let engine = engine_with(config).await;
    let image = prepare(&engine, &name, "1").await;
    let mut sandbox = launch(&engine, spec(2, image)).await;
    let mut session = greet(&mut sandbox).await;
    assert_eq!(execute(&mut session, "export default () => 1").await, "1");
    sandbox.destroy().await.expect("it is destroyed");
}

/// Prepares the image with tag `1` and returns its digest.
async fn digest_of(engine: &DockerEngine, name: &str) -> String {
    prepare(engine, name, "1").await.digest.expect("a digest")
}

#[tokio::test]
async fn policies_decide_whether_an_image_is_pulled() {
    let daemon = Daemon::start().await;
    let registry = Registry::start().await;
    let name = format!("{}/app", registry.name());
    let tag = format!("{name}:1");
    let old = push(&daemon, &tag, b"old");
    let rule = InjectionRule {
        pattern: "*".parse().expect("a pattern"),
        runner: Some(OwnRunner::QuickJs),
    };
    let with = async |pull| {
        engine_with(Config {
            host: Some(daemon.host()),
            pull_policy: pull,
            injection: vec![rule.clone()],
            ..Config::default()
        })
        .await
    };
    let never = with(PullPolicy::Never).await;
    let missing = never
        .prepare(&name, "1", &Silent, CancellationToken::new())
        .await
        .expect_err("it is not there");
    assert!(
        matches!(missing, PrepareError::Unavailable { .. }),
        "{missing}"
    );
    let if_not_present = with(PullPolicy::IfNotPresent).await;
    assert_eq!(digest_of(&if_not_present, &name).await, old);

    // Another image gets the tag; the daemon has the old one still.
    docker(&daemon, &["tag", &tag, "kept:1"], b"");
    let new = push(&daemon, &tag, b"new");
    docker(&daemon, &["tag", "kept:1", &tag], b"");
    docker(&daemon, &["pull", "--quiet", &format!("{name}@{old}")], b"");
    assert_eq!(digest_of(&with(PullPolicy::Never).await, &name).await, old);
    assert_eq!(
        digest_of(&with(PullPolicy::IfNotPresent).await, &name).await,
        old
    );
    assert_eq!(digest_of(&with(PullPolicy::Always).await, &name).await, new);
}

#[tokio::test]
async fn an_image_that_cannot_be_had_or_run_says_why() {
    let daemon = Daemon::start().await;
    let registry = Registry::start().await;
    let name = format!("{}/app", registry.name());
    push(&daemon, &format!("{name}:1"), b"content");
    let engine = engine_with(Config {
        host: Some(daemon.host()),
        ..Config::default()
    })
    .await;
    let fails = async |name: &str, tag: &str| {
        engine
            .prepare(name, tag, &Silent, CancellationToken::new())
            .await
            .expect_err("it fails")
    };

    let unlabelled = fails(&name, "1").await;
    assert!(
        matches!(unlabelled, PrepareError::Unsupported { .. }),
        "{unlabelled}"
    );
    assert!(
        unlabelled.to_string().contains("org.veritech.runner"),
        "{unlabelled}"
    );
    for (name, tag) in [(&*name, "2"), ("127.0.0.1:1/app", "1")] {
        let error = fails(name, tag).await;
        assert!(matches!(error, PrepareError::Unavailable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_private_registry_is_shown_the_credentials_of_dockers_configuration() {
    let registry = Registry::start_private().await;
    let image = ImageBuilder::default()
        .layer(Layer::default().file("etc/motd", 0o644, b"private"))
        .build();
    registry.push(&image, "team/private", "1").await;
    let name = format!("{}/team/private", registry.name());
    let directory = tempfile::tempdir().expect("a directory");
    let engine = engine_with(Config {
        pull_policy: PullPolicy::Always,
        docker_config: Some(directory.path().to_owned()),
        injection: vec![InjectionRule {
            pattern: "*".parse().expect("a pattern"),
            runner: Some(OwnRunner::QuickJs),
        }],
        ..config()
    })
    .await;

    let refused = engine
        .prepare(&name, "1", &Silent, CancellationToken::new())
        .await
        .expect_err("nothing is shown");
    assert!(
        matches!(refused, PrepareError::Unavailable { .. }),
        "{refused}"
    );

    let (username, password) = registry.credentials();
    let auth = BASE64_STANDARD.encode(format!("{username}:{password}"));
    let configuration = format!(
        r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#,
        registry.name()
    );
    std::fs::write(directory.path().join("config.json"), configuration).expect("written");
    assert_eq!(digest_of(&engine, &name).await, image.digest());

    let removed = testkit::docker::command(&testkit::docker::host())
        .args(["image", "rm", &format!("{name}:1")])
        .output()
        .expect("Docker's client runs");
    assert!(removed.status.success(), "{removed:?}");
}
