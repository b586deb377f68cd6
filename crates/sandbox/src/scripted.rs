//! An engine that does what a test tells it to, on whatever clock is running.
//!
//! Its sandboxes hold no process: a test supplies the far end of every stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::sync::{mpsc, watch};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::enforcement::{Enforcement, Mechanism};
use crate::engine::{
    Ending, Engine, EngineKind, Image, Progress, Report, Sandbox, SandboxId, SandboxSpec,
};
use crate::error::{ConnectError, DestroyError, LaunchError, PrepareError, ReclaimError};
use crate::limits::Network;

/// Bytes that a stream to a scripted sandbox holds before a writer waits.
const STREAM_BYTES: usize = 64 * 1024;

/// Launches sandboxes that a test plays the inside of.
#[derive(Clone, Debug)]
pub struct ScriptedEngine {
    launch_takes: Duration,
    failing_launches: Arc<AtomicUsize>,
    live: Arc<AtomicUsize>,
    inside: mpsc::UnboundedSender<Inside>,
}

/// The inside of a scripted sandbox, held by the test.
#[derive(Debug)]
pub struct Inside {
    /// What was asked for.
    pub spec: SandboxSpec,
    /// The sandbox's end of the session.
    pub stream: DuplexStream,
    /// Set to say that the sandbox has ended by itself.
    pub ending: watch::Sender<Option<Ending>>,
    /// Set to say what the engine observes of it.
    pub report: watch::Sender<Report>,
}

impl ScriptedEngine {
    /// Returns an engine whose launches take `launch_takes`, and the insides of
    /// the sandboxes in the order of their launch.
    pub fn new(launch_takes: Duration) -> (Self, mpsc::UnboundedReceiver<Inside>) {
        let (inside, insides) = mpsc::unbounded_channel();
        let engine = Self {
            launch_takes,
            failing_launches: Arc::default(),
            live: Arc::default(),
            inside,
        };
        (engine, insides)
    }

    /// Makes the next `count` launches fail.
    pub fn fail_launches(&self, count: usize) {
        self.failing_launches.store(count, Ordering::SeqCst);
    }

    /// Returns how many sandboxes were launched and not yet destroyed.
    pub fn live(&self) -> usize {
        self.live.load(Ordering::SeqCst)
    }
}

impl Engine for ScriptedEngine {
    type Sandbox = ScriptedSandbox;

    fn kind(&self) -> EngineKind {
        EngineKind::Native
    }

    fn enforcement(&self, _image: &Image) -> Enforcement {
        Enforcement {
            memory: Mechanism::CgroupV2,
            cpu: Mechanism::CgroupV2,
            cpu_time: Mechanism::Sampled,
            processes: Mechanism::CgroupV2,
            disk: Mechanism::Tmpfs,
        }
    }

    fn offers(&self, network: Network) -> bool {
        network == Network::None
    }

    fn recognise(&self, image: &str, tag: &str) -> Result<Option<Vec<String>>, PrepareError> {
        if !image.starts_with("builtin/") {
            return Err(PrepareError::Unsupported {
                image: format!("{image}:{tag}"),
                reason: "a scripted engine has built-in images only".to_owned(),
            });
        }
        Ok(Some(vec!["javascript".to_owned()]))
    }

    async fn prepare(
        &self,
        image: &str,
        tag: &str,
        _progress: &dyn Progress,
        _cancel: CancellationToken,
    ) -> Result<Image, PrepareError> {
        let languages = self.recognise(image, tag)?;
        Ok(Image {
            reference: format!("{image}:{tag}"),
            digest: None,
            languages: languages.unwrap_or_default(),
        })
    }

    async fn launch(
        &self,
        spec: SandboxSpec,
        cancel: CancellationToken,
    ) -> Result<ScriptedSandbox, LaunchError> {
        let slept = cancel.run_until_cancelled(time::sleep(self.launch_takes));
        if slept.await.is_none() {
            return Err(LaunchError::Cancelled);
        }
        let fails =
            self.failing_launches
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                });
        if fails.is_ok() {
            return Err(LaunchError::EngineUnavailable {
                engine: EngineKind::Native,
                reason: "the test says so".to_owned(),
                source: None,
            });
        }

        let (outer, stream) = tokio::io::duplex(STREAM_BYTES);
        let (ending, ended) = watch::channel(None);
        let (report, reported) = watch::channel(Report::default());
        self.live.fetch_add(1, Ordering::SeqCst);
        let sandbox = ScriptedSandbox {
            id: spec.id,
            stream: Some(outer),
            ended,
            reported,
            live: Live(Arc::clone(&self.live)),
        };
        // A test that no longer listens is one that does not care.
        drop(self.inside.send(Inside {
            spec,
            stream,
            ending,
            report,
        }));
        Ok(sandbox)
    }

    async fn reclaim(&self) -> Result<usize, ReclaimError> {
        Ok(0)
    }
}

/// The sandbox of a [`ScriptedEngine`].
#[derive(Debug)]
pub struct ScriptedSandbox {
    id: SandboxId,
    stream: Option<DuplexStream>,
    ended: watch::Receiver<Option<Ending>>,
    reported: watch::Receiver<Report>,
    live: Live,
}

/// Counts one live sandbox until it is dropped.
#[derive(Debug)]
struct Live(Arc<AtomicUsize>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Sandbox for ScriptedSandbox {
    type Stream = DuplexStream;

    fn id(&self) -> SandboxId {
        self.id
    }

    async fn connect(&mut self) -> Result<DuplexStream, ConnectError> {
        self.stream.take().ok_or(ConnectError::Taken)
    }

    async fn ended(&mut self) -> Ending {
        let ended = self.ended.wait_for(Option::is_some).await;
        match ended.as_deref() {
            Ok(Some(ending)) => ending.clone(),
            // The test dropped the inside without a word.
            Ok(None) | Err(_) => Ending::Exited(0),
        }
    }

    async fn report(&mut self) -> Report {
        self.reported.borrow().clone()
    }

    async fn end(&mut self) {}

    async fn destroy(self) -> Result<Report, DestroyError> {
        let Self { reported, live, .. } = self;
        drop(live);
        Ok(reported.borrow().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[tokio::test(start_paused = true)]
    async fn cancelling_a_launch_ends_it_at_once() {
        let (engine, _insides) = ScriptedEngine::new(Duration::from_secs(60));
        let cancel = CancellationToken::new();
        let started = time::Instant::now();

        let launch = engine.launch(spec(), cancel.clone());
        let interrupt = async {
            time::sleep(Duration::from_secs(2)).await;
            cancel.cancel();
        };
        let (launched, ()) = tokio::join!(launch, interrupt);

        assert!(
            matches!(launched, Err(LaunchError::Cancelled)),
            "got {launched:?}"
        );
        assert_eq!(time::Instant::now() - started, Duration::from_secs(2));
        assert_eq!(engine.live(), 0);
    }

    fn spec() -> SandboxSpec {
        SandboxSpec {
            id: SandboxId(7),
            image: Image {
                reference: "builtin/quickjs:latest".to_owned(),
                digest: None,
                languages: vec!["javascript".to_owned()],
            },
            limits: Limits {
                memory_bytes: 64 << 20,
                cpu_millis: 1000,
                cpu_time: Duration::from_secs(10),
                processes: 16,
                disk_bytes: 1 << 20,
            },
            network: Network::None,
        }
    }
}
