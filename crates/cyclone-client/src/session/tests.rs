//! Sessions with cyclones that a test scripts.

use tokio::io::DuplexStream;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{accept_async, accept_hdr_async};
use veritech_protocol::{FrameOutcome, Kind, RawValue};

use super::*;

type Cyclone = WebSocketStream<DuplexStream>;

/// Agrees to the generation that the dispatcher speaks.
#[expect(clippy::result_large_err, reason = "the library's callback is so")]
fn same_generation(
    _request: &Request,
    mut response: Response,
) -> Result<Response, tungstenite::handshake::server::ErrorResponse> {
    let generation = HeaderValue::from_static(SESSION_PROTOCOL);
    response
        .headers_mut()
        .insert(header::SEC_WEBSOCKET_PROTOCOL, generation);
    Ok(response)
}

/// Returns both ends of a session.
async fn session(config: &SessionConfig) -> (Session<DuplexStream>, Cyclone) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (session, cyclone) = tokio::join!(
        Session::open(near, config),
        accept_hdr_async(far, same_generation)
    );
    (session.expect("opened"), cyclone.expect("accepted"))
}

/// Returns both ends after the cyclone has sent `messages` in answer to an execution.
async fn answered(messages: &[Message]) -> (Session<DuplexStream>, Cyclone) {
    let config = SessionConfig {
        max_frame_bytes: 1000,
        ..SessionConfig::default()
    };
    let (mut session, mut cyclone) = session(&config).await;
    session.execute(&execution()).await.expect("sent");
    for message in messages {
        cyclone.send(message.clone()).await.expect("sent");
    }
    (session, cyclone)
}

fn execution() -> Execution {
    Execution {
        id: "test".parse().expect("an id"),
        kind: Kind::Resolver,
        code: String::new(),
        language: None,
        handler: None,
        inputs: RawValue::from_string("{}".to_owned()).expect("JSON"),
        env: std::collections::BTreeMap::new(),
        deadline: 0,
        timeout_ms: 1000,
        output_bytes: 1000,
        result_bytes: 1000,
    }
}

fn value(json: &str) -> Message {
    Message::text(format!(
        r#"{{"event":"result","status":"success","value":{json}}}"#
    ))
}

#[tokio::test]
async fn a_cyclone_of_another_generation_is_told_as_that() {
    let (near, far) = tokio::io::duplex(1 << 20);
    let config = SessionConfig::default();

    let (session, _) = tokio::join!(Session::open(near, &config), accept_async(far));

    assert!(matches!(session, Err(OpenError::Generation)), "{session:?}");
}

#[tokio::test]
async fn a_value_arrives_and_nothing_after_it_is_read() {
    let (mut session, _cyclone) = answered(&[value("1"), value("2")]).await;

    let first = session.next().await.expect("whole");
    assert!(
        matches!(&first, Some(Frame::Result(FrameOutcome::Value(value))) if value.get() == "1"),
        "{first:?}"
    );
    assert!(session.next().await.expect("over").is_none());
}

#[tokio::test]
async fn readiness_is_waited_for_and_a_failure_told_instead() {
    let (mut ready, mut cyclone) = session(&SessionConfig::default()).await;
    cyclone
        .send(Message::text(r#"{"event":"ready"}"#))
        .await
        .expect("sent");
    assert!(ready.ready().await.expect("whole").is_none());

    let (mut failed, mut cyclone) = session(&SessionConfig::default()).await;
    cyclone.send(value("1")).await.expect("sent");
    assert!(failed.ready().await.expect("whole").is_some());
    assert!(failed.next().await.expect("over").is_none());
}

#[tokio::test]
async fn what_is_not_the_protocol_is_a_violation() {
    for message in [
        Message::text("not json"),
        Message::text(r#"{"event":"accepted"}"#),
        Message::text(r#"{"event":"ready"}"#),
        Message::binary(&b"x"[..]),
        Message::text("x".repeat(1001)),
    ] {
        let (mut session, _cyclone) = answered(std::slice::from_ref(&message)).await;
        let error = session.next().await.expect_err("a violation");
        assert!(error.is_protocol_violation(), "{error:?} for {message:?}");
        assert!(session.next().await.expect("over").is_none());
    }
}

#[tokio::test]
async fn a_frame_over_a_lowered_limit_is_told_with_its_size() {
    let (mut session, _cyclone) = answered(&[value(r#""xxxxxxxxxx""#)]).await;
    session.limit_frames(20);
    session.limit_frames(1_000_000);

    let error = session.next().await.expect_err("too large");

    assert!(
        matches!(
            error,
            SessionError::Oversized {
                bytes: 58,
                limit: 20
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_end_without_a_result_is_told_with_its_reason() {
    let close = Message::Close(Some(CloseFrame {
        code: 1008.into(),
        reason: "malformed".into(),
    }));
    let (mut session, _cyclone) = answered(&[close]).await;

    let error = session.next().await.expect_err("closed");

    assert!(!error.is_protocol_violation());
    assert_eq!(
        error.to_string(),
        "the cyclone ended the session: malformed"
    );
}

#[tokio::test]
async fn a_broken_connection_is_an_end() {
    let (mut session, cyclone) = answered(&[]).await;
    drop(cyclone);

    let error = session.next().await.expect_err("closed");

    assert!(matches!(error, SessionError::Closed { .. }), "{error:?}");
}

#[tokio::test]
async fn something_that_is_no_cyclone_is_refused() {
    let (near, mut far) = tokio::io::duplex(1 << 16);
    let answer = async {
        tokio::io::AsyncWriteExt::write_all(&mut far, b"HTTP/1.1 409 Conflict\r\n\r\n")
            .await
            .expect("sent");
    };

    let config = SessionConfig::default();
    let (opened, ()) = tokio::join!(Session::open(near, &config), answer);

    assert!(
        matches!(opened, Err(OpenError::Refused { status: 409 })),
        "{opened:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_cyclone_is_pinged_and_then_given_up() {
    let config = SessionConfig::default();
    let (mut session, _cyclone) = session(&config).await;
    session.execute(&execution()).await.expect("sent");
    let began = Instant::now();

    let error = session.next().await.expect_err("silent");

    assert!(matches!(error, SessionError::Silent { .. }), "{error:?}");
    assert_eq!(began.elapsed(), config.silence_limit);
}

#[tokio::test(start_paused = true)]
async fn a_session_in_a_pool_may_be_silent() {
    let (mut session, _cyclone) = session(&SessionConfig::default()).await;

    time::timeout(Duration::from_secs(86_400), session.ready())
        .await
        .expect_err("nothing was sent");
}

#[test]
fn a_token_is_not_shown() {
    let config = SessionConfig {
        token: Some(crate::SessionToken::new("s3cret")),
        ..SessionConfig::default()
    };
    assert!(!format!("{config:?}").contains("s3cret"));
}
