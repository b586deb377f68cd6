//! Registries that lie, stall, break off or are down.

use std::collections::HashMap;
use std::time::Duration;

use image_store::PullError;
use tokio::net::TcpListener;

use crate::liar::{Answer, Liar};
use crate::support::{Fixture, chain, hello, registry_with};

/// Returns the answer to the request for the image's layer.
fn layer(answers: &mut HashMap<String, Answer>) -> &mut Answer {
    answers
        .iter_mut()
        .find(|(_, answer)| answer.body.starts_with(&[0x1f, 0x8b]))
        .map(|(_, answer)| answer)
        .expect("a layer")
}

/// Pulls `hello` from a registry that lies, which must fail, and then from one that
/// does not, into the same store. Returns the failure.
async fn refused(lie: impl FnOnce(&mut HashMap<String, Answer>)) -> PullError {
    let liar = Liar::start(&hello("hello"), lie).await;
    let fixture = Fixture::with(|config| config.pull_timeout = Duration::from_secs(5));

    let error = fixture.pull(&liar.image()).await.expect_err("is refused");

    fixture.assert_nothing_is_left();
    let (_registry, name) = registry_with(&hello("hello")).await;
    fixture.pull(&name).await.expect("is not hindered");
    std::sync::Arc::into_inner(error).expect("nobody else was told")
}

#[tokio::test]
async fn a_layer_that_is_another_than_listed_is_refused() {
    let error = refused(|answers| layer(answers).body[12] ^= 1).await;
    assert!(
        matches!(error, PullError::DigestMismatch { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_configuration_that_is_another_than_listed_is_refused() {
    let error = refused(|answers| {
        for answer in answers.values_mut() {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            if text.contains("rootfs") {
                answer.body = text.replace("\"Env\":[]", "\"ENV\":[]").into_bytes();
            }
        }
    })
    .await;
    let PullError::DigestMismatch { what, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(what, "its configuration");
}

#[tokio::test]
async fn a_manifest_that_is_another_than_asked_for_is_refused() {
    let image = hello("hello");
    let path = format!("/v2/team/hello/manifests/{}", image.digest());
    let liar = Liar::start(&image, |answers| {
        answers.insert(path, Answer::new(hello("evil").manifest()));
    })
    .await;
    let fixture = Fixture::new();
    let name = format!("{}@{}", liar.image().trim_end_matches(":1"), image.digest());

    let error = fixture.pull(&name).await.expect_err("is another");

    assert!(
        matches!(&*error, PullError::DigestMismatch { .. }),
        "{error:?}"
    );
    fixture.assert_nothing_is_left();
}

#[tokio::test]
async fn a_layer_that_is_cut_off_is_refused() {
    let told = refused(|answers| layer(answers).cut = Some(20)).await;
    assert!(matches!(told, PullError::Registry { .. }), "{told:?}");

    let untold = refused(|answers| {
        let layer = layer(answers);
        layer.cut = Some(20);
        layer.with_length = false;
    })
    .await;
    assert!(
        matches!(untold, PullError::SizeMismatch { received: 20, .. }),
        "{untold:?}"
    );
}

#[tokio::test]
async fn a_layer_that_goes_on_is_refused() {
    let error = refused(|answers| {
        let layer = layer(answers);
        layer.body.resize(1 << 20, 0);
        layer.with_length = false;
    })
    .await;
    assert!(matches!(error, PullError::SizeMismatch { .. }), "{error:?}");
}

#[tokio::test]
async fn a_manifest_that_goes_on_is_refused() {
    let error = refused(|answers| {
        let path = "/v2/team/hello/manifests/1".to_owned();
        answers.insert(path, Answer::new(&vec![b' '; 8 << 20]));
    })
    .await;
    assert!(matches!(error, PullError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_registry_that_stalls_is_given_up() {
    let liar = Liar::start(&hello("hello"), |answers| layer(answers).stall = Some(20)).await;
    let fixture = Fixture::with(|config| config.pull_timeout = Duration::from_millis(300));

    let error = fixture.pull(&liar.image()).await.expect_err("stalls");

    assert!(matches!(&*error, PullError::TimedOut { .. }), "{error:?}");
    fixture.assert_nothing_is_left();
}

#[tokio::test]
async fn a_registry_that_is_down_is_told() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
    let port = listener.local_addr().expect("has a port").port();
    drop(listener);
    let fixture = Fixture::new();
    let name = format!("127.0.0.1:{port}/team/hello:1");

    let error = fixture.pull(&name).await.expect_err("is down");

    assert_eq!(
        error.to_string(),
        format!("registry `127.0.0.1:{port}` could not be reached when asked for a manifest")
    );
    assert!(chain(&*error).contains("refused"), "{}", chain(&*error));
    fixture.assert_nothing_is_left();
}

#[tokio::test]
async fn an_old_manifest_is_unsupported() {
    let liar = Liar::start(&hello("hello"), |answers| {
        let path = "/v2/team/hello/manifests/1".to_owned();
        let old = br#"{"schemaVersion":1,"name":"hello","fsLayers":[]}"#;
        answers.insert(path, Answer::new(old));
    })
    .await;
    let fixture = Fixture::new();

    let error = fixture.pull(&liar.image()).await.expect_err("is old");

    assert!(matches!(&*error, PullError::Unsupported(_)), "{error:?}");
}

#[tokio::test]
async fn those_who_ask_at_once_share_one_pull() {
    let liar = Liar::start(&hello("hello"), |_| {}).await;
    let fixture = Fixture::new();
    let name = liar.image();

    let (one, two, three) = tokio::join!(
        fixture.pull(&name),
        fixture.pull(&name),
        fixture.pull(&name)
    );

    for image in [one, two, three] {
        image.expect("pulls");
    }
    // A manifest, a configuration and a layer.
    assert_eq!(liar.requests().len(), 3, "{:?}", liar.requests());
}

#[tokio::test]
async fn only_registries_on_this_host_and_those_configured_are_spoken_to_without_tls() {
    let liar = Liar::start(&hello("hello"), |_| {}).await;
    // It leads to this host as well, but is not known to.
    let name = liar.image().replace("127.0.0.1", "0.0.0.0");
    let registry = name.split('/').next().expect("a registry").to_owned();

    let fixture = Fixture::new();
    let error = fixture.pull(&name).await.expect_err("does not speak TLS");
    assert!(matches!(&*error, PullError::Registry { .. }), "{error:?}");
    assert!(
        liar.requests()
            .iter()
            .all(|head| !head.contains("HTTP/1.1")),
        "it was asked without TLS"
    );

    let fixture = Fixture::with(|config| config.insecure_registries.push(registry));
    fixture.pull(&name).await.expect("pulls");
}
