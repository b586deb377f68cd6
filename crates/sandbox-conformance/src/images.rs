//! What can and cannot be launched.

use sandbox::{Engine as _, PrepareError, Sandbox as _};
use tokio_util::sync::CancellationToken;

use crate::host::Host;
use crate::rig::{Rig, Unheard};

/// An image that no registry can have: nobody listens at its address.
const NOWHERE: &str = "127.0.0.1:1/nobody/nothing";

/// An image that nobody has is told by preparing it, and is never launched.
pub async fn an_image_that_nobody_has_is_refused<H: Host>(host: &H) {
    let rig = Rig::start(host).await;

    match rig.engine.recognise(NOWHERE, "latest") {
        Ok(None) | Err(PrepareError::Unsupported { .. }) => {}
        other => panic!("it was recognised: {other:?}"),
    }
    let prepared = rig
        .engine
        .prepare(NOWHERE, "latest", &Unheard, CancellationToken::new())
        .await;

    match prepared {
        Err(PrepareError::Unsupported { image, .. } | PrepareError::Unavailable { image, .. }) => {
            assert_eq!(image, format!("{NOWHERE}:latest"));
        }
        other => panic!("it was prepared: {other:?}"),
    }
}

/// Two requests for one image are given the same one.
pub async fn an_image_prepared_twice_is_one_image<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (image, tag) = host.image();
    let prepare = || {
        let cancel = CancellationToken::new();
        rig.engine.prepare(image, tag, &Unheard, cancel)
    };

    let (first, second) = tokio::join!(prepare(), prepare());

    let first = first.expect("the image is prepared");
    assert_eq!(first, second.expect("the image is prepared again"));
    assert_eq!(first, rig.image);
    assert!(!first.languages.is_empty(), "it runs some language");
    let recognised = rig.engine.recognise(image, tag).expect("it may run");
    assert!(
        recognised.is_none_or(|languages| languages == first.languages),
        "its languages are those that it was recognised by"
    );
}

/// Cyclone is started alone, as the first process, with a runner to start.
pub async fn a_sandbox_starts_cyclone_with_the_runner_of_its_image<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    assert_eq!(probe.ask("pid").await, "1");
    let arguments = probe.ask("arguments").await;
    let mut arguments = arguments.split('|');
    assert_eq!(arguments.next(), Some(sandbox::programs::CYCLONE));
    assert!(
        arguments.any(|argument| argument == "--runner"),
        "it is told of a runner"
    );

    sandbox.destroy().await.expect("it is destroyed");
}
