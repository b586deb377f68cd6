//! Systems other than Linux: no engine yet.

use std::convert::Infallible;

use sandbox::{
    Check, ConnectError, DestroyError, Ending, Enforcement, Engine, EngineKind, Image, LaunchError,
    Network, PrepareError, Progress, ReclaimError, Report, Sandbox, SandboxId, SandboxSpec,
};
use tokio_util::sync::CancellationToken;

use super::Offered;
use crate::config::Settings;
use crate::exit::UsageError;

const ADVICE: &str = "engines need Linux; use `veritech call` with a dispatcher on a Linux host";

/// An engine that there is not.
#[derive(Debug)]
pub(crate) enum NoEngine {}

/// A sandbox that there is not.
#[derive(Debug)]
pub(crate) struct NoSandbox(Infallible);

/// Says which engine to use.
pub(crate) async fn for_run(settings: &Settings, _image: &str) -> anyhow::Result<NoEngine> {
    for_serve(settings).await
}

/// Says which engine to use.
pub(crate) async fn for_serve(_settings: &Settings) -> anyhow::Result<NoEngine> {
    Err(UsageError(ADVICE.to_owned()).into())
}

/// Says that this host cannot run sandboxes.
pub(crate) async fn check_host(_settings: &Settings) -> anyhow::Result<Vec<Check>> {
    Ok(vec![Check {
        name: "operating system",
        ok: false,
        required: true,
        detail: std::env::consts::OS.to_owned(),
        fix: Some(ADVICE.to_owned()),
    }])
}

/// Returns what engines offer here: nothing.
pub(crate) async fn capabilities(_settings: &Settings) -> Vec<Offered> {
    Vec::new()
}

impl Engine for NoEngine {
    type Sandbox = NoSandbox;

    fn kind(&self) -> EngineKind {
        match *self {}
    }

    fn enforcement(&self, _image: &Image) -> Enforcement {
        match *self {}
    }

    fn offers(&self, _network: Network) -> bool {
        match *self {}
    }

    fn recognise(&self, _image: &str, _tag: &str) -> Result<Option<Vec<String>>, PrepareError> {
        match *self {}
    }

    async fn prepare(
        &self,
        _image: &str,
        _tag: &str,
        _progress: &dyn Progress,
        _cancel: CancellationToken,
    ) -> Result<Image, PrepareError> {
        match *self {}
    }

    async fn launch(
        &self,
        _spec: SandboxSpec,
        _cancel: CancellationToken,
    ) -> Result<NoSandbox, LaunchError> {
        match *self {}
    }

    async fn reclaim(&self) -> Result<usize, ReclaimError> {
        match *self {}
    }
}

impl Sandbox for NoSandbox {
    type Stream = tokio::io::DuplexStream;

    fn id(&self) -> SandboxId {
        match self.0 {}
    }

    async fn connect(&mut self) -> Result<Self::Stream, ConnectError> {
        match self.0 {}
    }

    async fn ended(&mut self) -> Ending {
        match self.0 {}
    }

    async fn report(&mut self) -> Report {
        match self.0 {}
    }

    async fn end(&mut self) {
        match self.0 {}
    }

    async fn destroy(self) -> Result<Report, DestroyError> {
        match self.0 {}
    }
}
