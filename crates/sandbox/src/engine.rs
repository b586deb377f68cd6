//! The traits that an engine implements.

use std::fmt;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::enforcement::Enforcement;
use crate::error::{ConnectError, DestroyError, LaunchError, PrepareError, ReclaimError};
use crate::limits::{LimitHit, Limits, Network};

/// Makes sandboxes of one kind on this host.
///
/// # Contract
///
/// - A launch that fails or is cancelled leaves nothing behind: no process,
///   container, mount, network device, cgroup or file.
/// - Two sandboxes share no writable state.
/// - When the process that holds the engine ends, however it ends, its
///   sandboxes end with it or remove themselves.
pub trait Engine: fmt::Debug + Send + Sync + 'static {
    /// The handle to a sandbox of this engine.
    type Sandbox: Sandbox;

    /// Returns which engine this is.
    fn kind(&self) -> EngineKind;

    /// Returns what enforces each limit for sandboxes of `image`.
    fn enforcement(&self, image: &Image) -> Enforcement;

    /// Returns whether sandboxes can be given this network.
    fn offers(&self, network: Network) -> bool;

    /// Says at once whether an image may run here, and in which languages its
    /// runner executes functions; `None` if that is known once it is prepared.
    ///
    /// # Errors
    ///
    /// Returns [`PrepareError::Unsupported`] for an image that this engine will
    /// never run as it is configured.
    fn recognise(&self, image: &str, tag: &str) -> Result<Option<Vec<String>>, PrepareError>;

    /// Makes sure that sandboxes of an image can be launched.
    ///
    /// `image` and `tag` are a request's `container_image` and `container_tag`.
    ///
    /// # Cancellation
    ///
    /// Safe to drop; cancelling `cancel` ends it with
    /// [`PrepareError::Cancelled`].
    ///
    /// # Errors
    ///
    /// Returns [`PrepareError::Unsupported`] for an image that this engine will
    /// never run as it is configured, otherwise why it cannot be had now.
    fn prepare(
        &self,
        image: &str,
        tag: &str,
        progress: &dyn Progress,
        cancel: CancellationToken,
    ) -> impl Future<Output = Result<Image, PrepareError>> + Send;

    /// Launches a sandbox with a cyclone that was told to start.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: a sandbox half built is killed and removed in the
    /// background. Cancel `cancel` and await the result to know that it is gone.
    ///
    /// # Errors
    ///
    /// Returns [`LaunchError::Cancelled`] if `cancel` fired first; nothing is
    /// left of the attempt after any error.
    fn launch(
        &self,
        spec: SandboxSpec,
        cancel: CancellationToken,
    ) -> impl Future<Output = Result<Self::Sandbox, LaunchError>> + Send;

    /// Removes what dispatchers that no longer run have left, and says how much
    /// that was.
    ///
    /// # Errors
    ///
    /// Returns the first leftover that could not be removed, after trying all.
    fn reclaim(&self) -> impl Future<Output = Result<usize, ReclaimError>> + Send;

    /// Removes what the engine keeps between launches, and returns when it is gone. To be called when
    /// there are no sandboxes any more, and will be none.
    fn close(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// A running sandbox.
///
/// Dropping the handle asks for the sandbox to be killed but cannot wait for it
/// or report a failure; [`destroy`](Self::destroy) does.
pub trait Sandbox: fmt::Debug + Send + 'static {
    /// The stream that carries the session with the sandbox's cyclone.
    type Stream: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin + 'static;

    /// Returns the sandbox's name in logs, events and cgroups.
    fn id(&self) -> SandboxId;

    /// Connects to the sandbox's cyclone.
    ///
    /// # Errors
    ///
    /// Returns [`ConnectError::Taken`] the second time where an engine has one
    /// connection to give.
    fn connect(&mut self) -> impl Future<Output = Result<Self::Stream, ConnectError>> + Send;

    /// Returns what its cyclone wants to be shown, where others than the holder of
    /// this handle could connect to it.
    fn token(&self) -> Option<Token> {
        None
    }

    /// Waits until the sandbox has ended, by itself or because the engine
    /// ended it for exceeding a limit that it measures from outside.
    ///
    /// Safe to drop, and to call again after it has returned.
    fn ended(&mut self) -> impl Future<Output = Ending> + Send;

    /// Returns what the sandbox has used so far and which limits it has hit.
    ///
    /// Safe to drop. It does not fail: what cannot be told is left out.
    fn report(&mut self) -> impl Future<Output = Report> + Send;

    /// Kills everything in the sandbox and waits until it is proved that nothing
    /// of it runs any more, which may be long before all that it holds on the host
    /// is given back: that is for [`Sandbox::destroy`], which also says so if it
    /// could not be proved.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: everything is killed all the same.
    fn end(&mut self) -> impl Future<Output = ()> + Send;

    /// Kills everything in the sandbox, waits until it is proved gone, and
    /// gives back all that it held on the host.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: the removal goes on in the background.
    ///
    /// # Errors
    ///
    /// Returns [`DestroyError`] if it cannot be shown to be gone. Its place must
    /// then not be used again.
    fn destroy(self) -> impl Future<Output = Result<Report, DestroyError>> + Send;
}

/// The secret that guards one sandbox's cyclone.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a secret, which must consist of visible ASCII characters to go into a
    /// header.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Hears how far a long preparation is.
pub trait Progress: Send + Sync {
    /// `done` of `total` units of `phase` are finished.
    fn advance(&self, phase: Phase, done: u64, total: u64);
}

/// What an engine is busy with before a sandbox can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Fetching an image, in bytes.
    Pulling,
    /// Unpacking an image, in bytes.
    Unpacking,
    /// Starting a sandbox.
    Starting,
}

/// An image that an engine has prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The image's name and tag, in the engine's own spelling of them; two
    /// requests for one image have one reference.
    pub reference: String,
    /// The digest that the tag stands for, as `sha256:…`, where it is known.
    pub digest: Option<String>,
    /// The languages of functions that its runner executes, the default first.
    pub languages: Vec<String>,
}

/// What to launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxSpec {
    /// Names the sandbox.
    pub id: SandboxId,
    /// What it runs.
    pub image: Image,
    /// What it may use.
    pub limits: Limits,
    /// What it can reach.
    pub network: Network,
}

/// Names one sandbox; unique for the life of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SandboxId(pub u64);

impl fmt::Display for SandboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sandbox-{:06}", self.0)
    }
}

/// How an engine isolates its sandboxes from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// Linux namespaces, cgroups and seccomp.
    Native,
    /// A container of a Docker engine.
    Docker,
    /// A virtual machine with a kernel of its own.
    MicroVm,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Docker => "docker",
            Self::MicroVm => "microvm",
        })
    }
}

/// Why a sandbox is no longer running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its cyclone ended with this exit code.
    Exited(i32),
    /// Its cyclone was ended by this signal.
    Signalled(i32),
    /// The engine ended it for exceeding a limit.
    LimitExceeded(LimitHit),
    /// The engine lost it, for a reason that is not the sandbox's doing.
    Lost(String),
}

/// What a sandbox has used and which limits it has hit, seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Processor time, user and system, of everything in the sandbox.
    pub cpu_time: Duration,
    /// The most memory in use at once, in bytes, where it can be told.
    pub memory_peak_bytes: Option<u64>,
    /// The limits that were hit.
    pub hits: Vec<LimitHit>,
}
