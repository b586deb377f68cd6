//! The program that stands in for cyclone, and talking to it.

use std::path::Path;

use sandbox::{Executable, Programs};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::time;

use crate::DEADLINE;

/// The probe, as a static executable.
pub const EXECUTABLE: &[u8] = include_bytes!(env!("SANDBOX_PROBE"));

/// Where the probe was built.
pub fn path() -> &'static Path {
    Path::new(env!("SANDBOX_PROBE"))
}

/// Returns programs for an engine with the probe as its cyclone.
pub fn programs() -> Programs {
    with_cyclone(Executable::Embedded(EXECUTABLE))
}

/// Returns programs for an engine with something else as its cyclone.
pub(crate) fn with_cyclone(cyclone: Executable) -> Programs {
    Programs {
        cyclone,
        quickjs: Executable::Embedded(b"not executed by any check"),
        scripts: &[(
            "javascript/bundle/node.cjs",
            b"// not executed by any check",
        )],
    }
}

/// The probe in a sandbox.
#[derive(Debug)]
pub struct Probe<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Probe<S> {
    /// Talks over a sandbox's session.
    pub fn new(session: S) -> Self {
        Self(BufReader::new(session))
    }

    /// Tells the probe to do something and returns its answer.
    ///
    /// # Panics
    ///
    /// If there is none within [`DEADLINE`].
    pub async fn ask(&mut self, order: &str) -> String {
        self.tell(order).await;
        let mut answer = String::new();
        let read = time::timeout(DEADLINE, self.0.read_line(&mut answer)).await;
        match read {
            Ok(Ok(0)) => panic!("the session ended in place of an answer to `{order}`"),
            Ok(Ok(_)) => answer.trim_end().to_owned(),
            Ok(Err(error)) => panic!("no answer to `{order}`: {error}"),
            Err(_) => panic!("no answer to `{order}` within {DEADLINE:?}"),
        }
    }

    /// Tells the probe to do something that has no answer.
    ///
    /// # Panics
    ///
    /// If nobody listens.
    pub async fn tell(&mut self, order: &str) {
        let told = async {
            self.0.write_all(format!("{order}\n").as_bytes()).await?;
            self.0.flush().await
        };
        match time::timeout(DEADLINE, told).await {
            Ok(Ok(())) => {}
            other => panic!("`{order}` was not heard: {other:?}"),
        }
    }

    /// Tells the probe to do something that must be refused.
    ///
    /// # Panics
    ///
    /// If it is done.
    pub async fn is_refused(&mut self, order: &str) {
        let answer = self.ask(order).await;
        assert!(answer.starts_with("refused"), "`{order}`: {answer}");
    }
}
