//! A registry that answers as a test tells it, also with lies.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use testkit::Image;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// What is answered to a request for a path.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// How many bytes of the body are sent before the connection is closed.
    pub(crate) cut: Option<usize>,
    /// How many bytes of the body are sent before nothing more comes.
    pub(crate) stall: Option<usize>,
    /// Whether the length of the body is told before it.
    pub(crate) with_length: bool,
    /// Whether it is for those who have a token only.
    pub(crate) wants_token: bool,
}

impl Answer {
    pub(crate) fn new(body: &[u8]) -> Self {
        Self {
            body: body.to_vec(),
            cut: None,
            stall: None,
            with_length: true,
            wants_token: false,
        }
    }
}

/// The lying registry, until it is dropped.
pub(crate) struct Liar {
    port: u16,
    /// The heads of all requests.
    requests: Arc<Mutex<Vec<String>>>,
    _stop: DropGuard,
}

/// What a registry with a token service answers to those who have no token.
const TOKEN: &str = "the-token";

impl Liar {
    /// Answers for `image` as `team/hello:1`, as `lie` changes it.
    pub(crate) async fn start(
        image: &Image,
        lie: impl FnOnce(&mut HashMap<String, Answer>),
    ) -> Self {
        let mut answers: HashMap<String, Answer> = image
            .blobs()
            .iter()
            .map(|(digest, blob)| (format!("/v2/team/hello/blobs/{digest}"), Answer::new(blob)))
            .collect();
        answers.insert(
            "/v2/team/hello/manifests/1".to_owned(),
            Answer::new(image.manifest()),
        );
        lie(&mut answers);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("listens");
        let port = listener.local_addr().expect("has a port").port();
        let stop = CancellationToken::new();
        let requests = Arc::default();
        let tasks = TaskTracker::new();
        let serve = serve(
            listener,
            Arc::new(answers),
            Arc::clone(&requests),
            tasks.clone(),
        );
        drop(tasks.spawn(stop.clone().run_until_cancelled_owned(serve)));
        Self {
            port,
            requests,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn image(&self) -> String {
        format!("127.0.0.1:{}/team/hello:1", self.port)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().clone()
    }

    /// Tells the truth, but only to those who have a token of its token service.
    pub(crate) async fn start_with_tokens(image: &Image) -> Self {
        Self::start(image, |answers| {
            for answer in answers.values_mut() {
                answer.wants_token = true;
            }
            let granted = format!("{{\"token\":\"{TOKEN}\"}}");
            answers.insert("/token".to_owned(), Answer::new(granted.as_bytes()));
        })
        .await
    }
}

async fn serve(
    listener: TcpListener,
    answers: Arc<HashMap<String, Answer>>,
    requests: Arc<Mutex<Vec<String>>>,
    tasks: TaskTracker,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let answers = Arc::clone(&answers);
        let requests = Arc::clone(&requests);
        drop(tasks.spawn(async move {
            // A client that goes away is none of its business.
            drop(answer(stream, &answers, &requests).await);
        }));
    }
}

async fn answer(
    stream: TcpStream,
    answers: &HashMap<String, Answer>,
    requests: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut rest = String::new();
    while stream.read_line(&mut rest).await? > 2 {}
    let port = stream.get_ref().local_addr()?.port();
    let authorized = rest.contains(&format!("Bearer {TOKEN}\r\n"));
    requests.lock().push(format!("{first}{rest}"));
    let path = first.split([' ', '?']).nth(1).unwrap_or_default();
    let Some(answer) = answers.get(path) else {
        let answer = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        return stream.write_all(answer).await;
    };
    if answer.wants_token && !authorized {
        let answer = format!(
            "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\
             WWW-Authenticate: Bearer realm=\"http://127.0.0.1:{port}/token\",\
             service=\"tokens\",scope=\"repository:team/hello:pull\"\r\n\r\n"
        );
        return stream.write_all(answer.as_bytes()).await;
    }
    let mut head = "HTTP/1.1 200 OK\r\nConnection: close\r\n".to_owned();
    if answer.with_length {
        head = format!("{head}Content-Length: {}\r\n", answer.body.len());
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    let sent = answer.cut.or(answer.stall).unwrap_or(answer.body.len());
    stream.write_all(&answer.body[..sent]).await?;
    stream.flush().await?;
    if answer.stall.is_some() {
        std::future::pending::<()>().await;
    }
    Ok(())
}
