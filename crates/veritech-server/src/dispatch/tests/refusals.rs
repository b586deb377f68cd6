//! Requests that are refused before anything is executed.

use super::*;
use crate::config::AllowedImage;

#[tokio::test(start_paused = true)]
async fn malformed_requests_and_failed_launches_cost_no_place() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        ..
    } = stage();
    for _ in 0..20 {
        let ended = execute(&dispatcher, received(r#","timout_ms":1"#)).await;
        assert_eq!(ended.names, ["result"]);
        assert_eq!(ended.code(), Some(FailureCode::InvalidRequest));
    }
    engine.fail_launches(20);
    for _ in 0..20 {
        let ended = execute(&dispatcher, received("")).await;
        assert_eq!(ended.code(), Some(FailureCode::SandboxStartFailed));
    }
    let play = async {
        let (mut socket, _played) = ready(insides.recv().await.expect("launched")).await;
        socket.send(Message::text(SUCCESS)).await.expect("sent");
    };
    let (ended, ()) = tokio::join!(execute(&dispatcher, received("")), play);
    assert_eq!(ended.code(), None);
}

#[tokio::test(start_paused = true)]
async fn an_image_runs_functions_of_the_kinds_that_it_is_allowed_for() {
    let allowed = |pattern: &str, kinds| AllowedImage {
        pattern: pattern.parse().expect("a pattern"),
        kinds,
    };
    for (allowed, refused) in [
        (vec![allowed("builtin/*", None)], false),
        (
            vec![allowed("builtin/*", Some(vec![Kind::Resolver]))],
            false,
        ),
        (vec![allowed("builtin/*", Some(vec![Kind::Action]))], true),
        (vec![allowed("builtin/quickjs:1", None)], true),
        (vec![], true),
    ] {
        let shown = format!("{allowed:?}");
        let Stage {
            dispatcher, engine, ..
        } = stage_with(Config {
            allowed_images: allowed,
            ..Config::default()
        });
        // What is not refused gets as far as a launch.
        engine.fail_launches(1);

        let ended = execute(&dispatcher, received("")).await;

        let expected = if refused {
            FailureCode::UnsupportedImage
        } else {
            FailureCode::SandboxStartFailed
        };
        assert_eq!(ended.code(), Some(expected), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_is_refused_unless_it_is_allowed_and_offered() {
    for allow_egress in [false, true] {
        let Stage { dispatcher, .. } = stage_with(Config {
            allow_egress,
            ..Config::default()
        });
        let ended = execute(&dispatcher, received(r#","network":"egress""#)).await;
        assert_eq!(ended.code(), Some(FailureCode::InvalidRequest));
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_or_language_that_never_runs_here_is_refused_before_anything_is_done() {
    let Stage { dispatcher, .. } = stage();
    let mut elsewhere = received("");
    elsewhere.payload = r#"{"kind":"resolver","container_image":"other/image","code":""}"#.into();
    for (received, code) in [
        (elsewhere, FailureCode::UnsupportedImage),
        (
            received(r#","language":"python""#),
            FailureCode::InvalidRequest,
        ),
    ] {
        let ended = execute(&dispatcher, received).await;
        assert_eq!(ended.names, ["result"]);
        assert_eq!(ended.code(), Some(code));
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_in_flight_is_refused_and_the_first_goes_on() {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage();
    let play = async {
        let (mut socket, _played) = ready(insides.recv().await.expect("launched")).await;
        let second = execute(&dispatcher, received(r#","id":"same""#)).await;
        assert_eq!(second.code(), Some(FailureCode::DuplicateId));
        socket.send(Message::text(SUCCESS)).await.expect("sent");
    };
    let (first, ()) = tokio::join!(execute(&dispatcher, received(r#","id":"same""#)), play);
    assert_eq!(first.code(), None);
}
