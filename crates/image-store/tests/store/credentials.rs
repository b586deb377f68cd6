//! Private registries, with credentials as Docker keeps them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use image_store::{Credentials, PullError, credentials};
use sandbox::PullPolicy;
use testkit::Registry;

use crate::liar::Liar;
use crate::processes::child;
use crate::support::{Fixture, hello};

/// What `docker login` writes for the user and password of the test's registry.
const AUTH: &str = "dmVyaXRlY2g6bGV0LW1lLWlu";

fn configure(directory: &Path, config: &str) {
    fs::create_dir_all(directory).expect("a directory");
    fs::write(directory.join("config.json"), config).expect("writes");
}

async fn private() -> (Registry, String, Fixture) {
    let registry = Registry::start_private().await;
    registry.push(&hello("hello"), "secret", "1").await;
    let name = format!("{}/secret:1", registry.name());
    (registry, name, Fixture::new())
}

#[tokio::test]
async fn a_private_registry_is_shown_what_docker_login_has_stored() {
    let (registry, name, fixture) = private().await;
    let denied = fixture.pull(&name).await.expect_err("is private");
    assert!(matches!(&*denied, PullError::Denied { .. }), "{denied:?}");
    assert!(denied.to_string().contains("no credentials"), "{denied}");

    let docker = fixture.directory.path().join("docker");
    let auths = |auth: &str| {
        format!(
            r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#,
            registry.name()
        )
    };
    configure(&docker, &auths("dmVyaXRlY2g6d3Jvbmc="));
    let denied = fixture.pull(&name).await.expect_err("a wrong password");
    assert!(denied.to_string().contains("do not suffice"), "{denied}");

    configure(&docker, &auths(AUTH));
    fixture.pull(&name).await.expect("pulls");
}

#[tokio::test]
async fn a_private_registry_is_shown_what_a_helper_says() {
    let (registry, name, fixture) = private().await;
    let docker = fixture.directory.path().join("docker");
    configure(
        &docker,
        &format!(r#"{{"credHelpers":{{"{}":"test"}}}}"#, registry.name()),
    );
    let helper = docker.join("docker-credential-test");
    let (username, password) = registry.credentials();
    let script = format!(
        "#!/bin/sh\nread registry\n[ \"$1 $registry\" = \"get {}\" ] || exit 1\n\
         echo '{{\"Username\":\"{username}\",\"Secret\":\"{password}\"}}'\n",
        registry.name()
    );
    fs::write(&helper, script).expect("writes");
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("is executable");

    // Helpers are looked for in the environment of the process.
    let path = std::env::var("PATH").unwrap_or_default();
    let status = child(fixture.store.root(), &name)
        .env("DOCKER_CONFIG", &docker)
        .env("PATH", format!("{}:{path}", docker.display()))
        .status()
        .expect("runs");

    assert!(status.success(), "{status}");
    assert_eq!(fixture.store.list().await.expect("lists").len(), 1);
}

#[tokio::test]
async fn a_token_service_is_asked_for_a_token_and_it_alone_sees_the_password() {
    let liar = Liar::start_with_tokens(&hello("hello")).await;
    let registry = liar.image().replace("/team/hello:1", "");

    let anonymous = Fixture::new();
    anonymous.pull(&liar.image()).await.expect("pulls");
    let fixture = Fixture::new();
    let docker = fixture.directory.path().join("docker");
    let auths = format!(r#"{{"auths":{{"{registry}":{{"auth":"{AUTH}"}}}}}}"#);
    configure(&docker, &auths);
    fixture.pull(&liar.image()).await.expect("pulls");
    let token = format!(r#"{{"auths":{{"{registry}":{{"identitytoken":"for-ever"}}}}}}"#);
    configure(&docker, &token);
    fixture
        .pull_by(&liar.image(), PullPolicy::Always)
        .await
        .expect("pulls");

    let (asked, others): (Vec<_>, Vec<_>) = liar
        .requests()
        .into_iter()
        .partition(|head| head.contains(" /token"));
    assert_eq!(asked.len(), 3, "a token is asked for once for each pull");
    assert!(
        asked[0].contains("service=tokens&scope=repository"),
        "{}",
        asked[0]
    );
    assert!(!asked[0].contains("uthorization"), "{}", asked[0]);
    assert!(asked[1].contains(AUTH), "{}", asked[1]);
    assert!(asked[2].starts_with("POST /token HTTP"), "{}", asked[2]);
    assert!(others.iter().all(|head| !head.contains(AUTH)));
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_told_without_its_secrets() {
    let (registry, name, fixture) = private().await;
    let docker = fixture.directory.path().join("docker");
    for config in [
        "{".to_owned(),
        format!(
            r#"{{"auths":{{"{}":{{"auth":"c2VjcmV0"}}}}}}"#,
            registry.name()
        ),
        format!(r#"{{"credHelpers":{{"{}":"no-such"}}}}"#, registry.name()),
    ] {
        configure(&docker, &config);
        let error = fixture.pull(&name).await.expect_err("cannot be used");
        assert!(matches!(&*error, PullError::Credentials(_)), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("c2VjcmV0"));
    }
}

#[tokio::test]
async fn the_default_registry_has_a_key_of_its_own() {
    let directory = tempfile::tempdir().expect("a directory");
    configure(
        directory.path(),
        &format!(r#"{{"auths":{{"https://index.docker.io/v1/":{{"auth":"{AUTH}"}}}}}}"#),
    );
    let find = |registry| credentials::for_registry_in(directory.path(), registry);

    let found = find("docker.io").await.expect("found");

    let expected = Credentials::Password {
        username: "veritech".to_owned(),
        password: "let-me-in".to_owned(),
    };
    assert_eq!(found, expected);
    assert_eq!(format!("{found:?}"), "Password([redacted])");
    let other = find("example.com").await.expect("none");
    assert_eq!(other, Credentials::Anonymous);
}
