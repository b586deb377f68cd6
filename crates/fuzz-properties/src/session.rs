//! A session with a cyclone that says anything at all.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cyclone_client::{Session, SessionConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use veritech_protocol::execution::SESSION_PROTOCOL;
use veritech_protocol::{Execution, Frame, Kind, RawValue};

/// The largest frame that is taken.
const FRAME_BYTES: usize = 4096;

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(
        Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime can be built"),
    );
}

/// Whatever follows the handshake: frames within the limit, then one end.
pub(crate) fn session(bytes: &[u8]) {
    RUNTIME.with_borrow_mut(|runtime| runtime.block_on(talk(bytes)));
}

async fn talk(bytes: &[u8]) {
    let (near, far) = tokio::io::duplex(bytes.len() + (1 << 16));
    let config = SessionConfig {
        max_frame_bytes: FRAME_BYTES,
        ..SessionConfig::default()
    };
    let (opened, mut far) = tokio::join!(Session::open(near, &config), shake_hands(far));
    let mut session = opened.expect("the handshake is in order");
    session.execute(&execution()).await.expect("it is sent");
    far.write_all(bytes).await.expect("there is room for it");
    far.shutdown().await.expect("nobody holds it open");

    let mut frames = 0;
    loop {
        match session.next().await {
            Ok(Some(Frame::Output(output))) => assert!(output.message.len() <= FRAME_BYTES),
            Ok(Some(Frame::Result(_))) | Err(_) => break,
            Ok(Some(Frame::Ready)) => panic!("`ready` is out of order here"),
            Ok(None) => panic!("a session does not end by itself"),
        }
        frames += 1;
        // The smallest frame of output is longer than this.
        assert!(frames * 32 <= bytes.len(), "{frames} frames out of nothing");
    }
    let after = session.next().await;
    assert!(
        matches!(after, Ok(None)),
        "something after the end: {after:?}"
    );
}

/// Answers the one handshake that there is.
async fn shake_hands(mut far: DuplexStream) -> DuplexStream {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(far.read_u8().await.expect("a request"));
    }
    let request = String::from_utf8(request).expect("a request is text");
    let key = request
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .expect("a key");
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {SESSION_PROTOCOL}\r\n\r\n",
        derive_accept_key(key.1.as_bytes())
    );
    far.write_all(answer.as_bytes()).await.expect("answered");
    far
}

fn execution() -> Execution {
    Execution {
        id: "fuzz".parse().expect("an id"),
        kind: Kind::Resolver,
        code: String::new(),
        language: None,
        handler: None,
        inputs: RawValue::from_string("{}".to_owned()).expect("JSON"),
        env: BTreeMap::new(),
        deadline: 0,
        timeout_ms: 1000,
        output_bytes: 1000,
        result_bytes: 1000,
    }
}
