//! Signals: the first asks, the second insists.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears SIGINT and SIGTERM from the moment it is made; where there are no
/// signals, Ctrl-C while it is waited for.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

/// A signal came before there was anything to cancel.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

impl Interrupts {
    /// Begins to listen.
    ///
    /// From here on a signal ends the process only if somebody waits for it:
    /// do what blocks before.
    ///
    /// # Errors
    ///
    /// Returns an error if the system refuses.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal. Safe to drop.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for the next signal. Safe to drop.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nothing can be heard, so nothing comes.
            std::future::pending::<()>().await;
        }
    }

    /// Does something that can be dropped, unless a signal comes first.
    ///
    /// # Errors
    ///
    /// Returns [`Interrupted`] if one came, or the error of `preparation`.
    pub(crate) async fn unless<T>(
        &mut self,
        preparation: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            prepared = preparation => prepared,
            () = self.next() => Err(Interrupted.into()),
        }
    }
}
