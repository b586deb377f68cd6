//! Every way to listen, and what is answered over HTTP.

use std::io::Write as _;
use std::process::{Command, Stdio};

use cyclone_client::{OpenError, Session, SessionConfig, SessionToken};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

use crate::rig::{KilledOnDrop, PATIENCE, READY, VALUE, execution, in_time, quote, start};

const TOKEN: &str = "s3cret";

/// Starts a cyclone that listens somewhere and is told the token.
fn listening(listen: &str, script: &str) -> KilledOnDrop {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cyclone"))
        .args(["--listen", listen, "--runner"])
        .arg(format!("/bin/sh -c {}", quote(script)))
        .stdin(Stdio::piped())
        .spawn()
        .expect("cyclone starts");
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{TOKEN}").expect("it reads");
    KilledOnDrop(child)
}

fn with_token(token: &str) -> SessionConfig {
    SessionConfig {
        token: Some(SessionToken::new(token)),
        ..SessionConfig::default()
    }
}

/// Returns the status line's code of a plain request.
async fn status(
    mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    path: &str,
    token: &str,
) -> String {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    in_time(stream.write_all(request.as_bytes()))
        .await
        .expect("sent");
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer))
        .await
        .expect("answered");
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_unix_socket_is_guarded_by_the_token() {
    let directory = std::env::temp_dir().join(format!("cyclone-test-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join("socket");
    let mut cyclone = listening(
        &format!("unix:{}", path.display()),
        &format!("{READY}{VALUE}"),
    );
    let connect = async || UnixStream::connect(&path).await;
    testkit::eventually(PATIENCE, "cyclone listens", async || {
        connect().await.is_ok()
    })
    .await;

    for path in ["/healthz", "/readyz", "/execute", "/nothing"] {
        assert_eq!(
            status(connect().await.expect("it listens"), path, "wrong").await,
            "401"
        );
    }
    let refused = Session::open(connect().await.expect("it listens"), &with_token("wrong")).await;
    assert!(
        matches!(refused, Err(OpenError::Refused { status: 401 })),
        "{refused:?}"
    );

    testkit::eventually(PATIENCE, "the runner is ready", async || {
        status(connect().await.expect("it listens"), "/readyz", TOKEN).await == "200"
    })
    .await;
    assert_eq!(
        status(connect().await.expect("it listens"), "/healthz", TOKEN).await,
        "200"
    );
    assert_eq!(
        status(connect().await.expect("it listens"), "/nothing", TOKEN).await,
        "404"
    );

    let mut session = Session::open(connect().await.expect("it listens"), &with_token(TOKEN))
        .await
        .expect("the right token");
    let second = Session::open(connect().await.expect("it listens"), &with_token(TOKEN)).await;
    assert!(
        matches!(second, Err(OpenError::Refused { status: 409 })),
        "{second:?}"
    );

    assert!(in_time(session.ready()).await.expect("whole").is_none());
    session.execute(&execution()).await.expect("sent");
    let run = in_time(session.next()).await.expect("whole");
    assert!(run.is_some());
    assert_eq!(cyclone.exit_code().await, Some(0));
    std::fs::remove_dir_all(&directory).expect("it was made");
}

#[tokio::test]
async fn a_tcp_socket_carries_an_execution() {
    // The port is free until somebody else takes it in between, which nothing here does.
    let probe = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = probe.local_addr().expect("bound");
    drop(probe);
    let mut cyclone = listening(&format!("tcp://{address}"), &format!("{READY}{VALUE}"));
    let stream = testkit::eventually(PATIENCE, "cyclone listens", async || {
        TcpStream::connect(address).await
    })
    .await;

    let mut session = Session::open(stream, &with_token(TOKEN))
        .await
        .expect("a session");
    assert!(in_time(session.ready()).await.expect("whole").is_none());
    session.execute(&execution()).await.expect("sent");

    assert!(in_time(session.next()).await.expect("whole").is_some());
    assert_eq!(cyclone.exit_code().await, Some(0));
}

#[tokio::test]
async fn standard_input_and_output_carry_an_execution() {
    let mut child = tokio_child(&format!("{READY}{VALUE}"));
    let stream = tokio::io::join(
        tokio::net::unix::pipe::Receiver::from_owned_fd(
            child.0.stdout.take().expect("piped").into(),
        )
        .expect("a pipe"),
        tokio::net::unix::pipe::Sender::from_owned_fd(child.0.stdin.take().expect("piped").into())
            .expect("a pipe"),
    );

    let mut session = Session::open(stream, &SessionConfig::default())
        .await
        .expect("a session");
    assert!(in_time(session.ready()).await.expect("whole").is_none());
    session.execute(&execution()).await.expect("sent");

    assert!(in_time(session.next()).await.expect("whole").is_some());
    session.close().await;
    assert_eq!(child.exit_code().await, Some(0));
}

/// Starts a cyclone on its standard streams.
fn tokio_child(script: &str) -> KilledOnDrop {
    KilledOnDrop(
        Command::new(env!("CARGO_BIN_EXE_cyclone"))
            .args(["--listen", "stdio:", "--runner"])
            .arg(format!("/bin/sh -c {}", quote(script)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cyclone starts"),
    )
}

#[tokio::test]
async fn readiness_is_told_only_when_it_is_true() {
    let mut rig = start("sleep 97");

    let socket = rig.socket.take().expect("connected");

    assert_eq!(status(socket, "/readyz", "").await, "503");
}

#[test]
fn a_wrong_command_line_is_told_in_one_line() {
    for (arguments, message) in [
        (&["--runner", "x"][..], "--listen is missing"),
        (&["--listen", "stdio:"], "--runner is missing"),
        (
            &["--listen", "vsock://:1", "--runner", "x"],
            "vsock is not supported",
        ),
        (
            &["--listen", "stdio:", "--runner", "'"],
            "a quote that is not closed",
        ),
        (
            &["--listen", "stdio:", "--runner", "x", "--runner-uid", "1"],
            "go together",
        ),
        (
            &["--listen", "stdio:", "--runner", "x", "--runner-env", "x"],
            "not NAME=VALUE",
        ),
        (&["--wrong"], "--wrong"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_cyclone"))
            .args(arguments)
            .output()
            .expect("cyclone starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(message), "`{message}` is missing in `{said}`");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_runner_that_is_not_there_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_cyclone"))
        .args(["--listen", "stdio:", "--runner", "/nowhere/runner"])
        .stdin(Stdio::piped())
        .output()
        .expect("cyclone starts");

    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("/nowhere/runner") && said.contains("No such file"),
        "{said}"
    );
}
