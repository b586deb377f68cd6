//! Which executions are in flight, and how they are cancelled.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use veritech_protocol::{ExecutionId, OnCallerLost};

/// Why an execution is to end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// Somebody who knows the id wants it.
    Caller,
    /// Nobody reads the mailbox any more.
    LostCaller,
}

/// What became of a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The execution was here and has been told to end.
    Cancelled,
    /// No execution of that id is here, or none that minds.
    NotHere,
}

/// How one execution is reached.
#[derive(Debug)]
struct Entry {
    interrupt: watch::Sender<Option<Interruption>>,
    on_caller_lost: OnCallerLost,
}

/// The executions in flight by id. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    executions: Arc<Mutex<HashMap<ExecutionId, Entry>>>,
}

impl Registry {
    /// Enters an execution until the returned guard is dropped; `None` if one of
    /// this id is in flight.
    pub(crate) fn enter(&self, id: &ExecutionId, on_caller_lost: OnCallerLost) -> Option<InFlight> {
        let mut executions = self.executions.lock();
        if executions.contains_key(id) {
            return None;
        }
        let (interrupt, interrupted) = watch::channel(None);
        let entry = Entry {
            interrupt,
            on_caller_lost,
        };
        executions.insert(id.clone(), entry);
        Some(InFlight {
            registry: self.clone(),
            id: id.clone(),
            interrupted,
        })
    }

    /// Tells an execution to end, if it is here and this reason concerns it. The
    /// first reason counts.
    pub(crate) fn interrupt(&self, id: &ExecutionId, reason: Interruption) -> CancelOutcome {
        let executions = self.executions.lock();
        let Some(entry) = executions.get(id) else {
            return CancelOutcome::NotHere;
        };
        if reason == Interruption::LostCaller && entry.on_caller_lost == OnCallerLost::Finish {
            return CancelOutcome::NotHere;
        }
        entry.interrupt.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                *current = Some(reason);
            }
            first
        });
        CancelOutcome::Cancelled
    }
}

/// One execution in the registry.
#[derive(Debug)]
pub(crate) struct InFlight {
    registry: Registry,
    id: ExecutionId,
    interrupted: watch::Receiver<Option<Interruption>>,
}

impl InFlight {
    /// Waits until the execution is told to end.
    ///
    /// Safe to drop, and to call again.
    pub(crate) async fn interrupted(&self) -> Interruption {
        let mut interrupted = self.interrupted.clone();
        let reason = match interrupted.wait_for(Option::is_some).await {
            Ok(reason) => *reason,
            Err(_) => None,
        };
        match reason {
            Some(reason) => reason,
            // The sender lives in the registry for as long as this guard does.
            None => std::future::pending().await,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        drop(self.registry.executions.lock().remove(&self.id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_id_is_free_again_once_its_execution_has_left() {
        let registry = Registry::default();
        let id: ExecutionId = "x".parse().expect("valid");
        let first = registry.enter(&id, OnCallerLost::Finish).expect("free");
        assert!(registry.enter(&id, OnCallerLost::Finish).is_none());
        assert_eq!(
            registry.interrupt(&id, Interruption::LostCaller),
            CancelOutcome::NotHere
        );
        assert_eq!(
            registry.interrupt(&id, Interruption::Caller),
            CancelOutcome::Cancelled
        );
        assert_eq!(first.interrupted().await, Interruption::Caller);
        drop(first);
        assert_eq!(
            registry.interrupt(&id, Interruption::Caller),
            CancelOutcome::NotHere
        );
        assert!(registry.enter(&id, OnCallerLost::Finish).is_some());
    }
}
