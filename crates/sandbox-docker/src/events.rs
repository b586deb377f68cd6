//! What the daemon tells of all containers: the kernel killing in one of them.
//!
//! One stream for the whole engine. It is opened again when it breaks; what is
//! missed meanwhile is missed, as are the containers of a daemon that went away.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bollard::models::EventMessage;
use bollard::query_parameters::EventsOptionsBuilder;
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::container::INSTANCE_LABEL;
use crate::daemon::Daemon;

/// How long to wait before the stream is opened again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What is known of each container, by name. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Events {
    kills: Arc<Mutex<HashMap<String, Arc<AtomicU64>>>>,
}

/// What is heard of one container, until this is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    events: Events,
    name: String,
    kills: Arc<AtomicU64>,
}

impl Events {
    /// Begins to note what is told of the container called `name`.
    pub(crate) fn watch(&self, name: String) -> Watch {
        let kills = Arc::default();
        self.kills.lock().insert(name.clone(), Arc::clone(&kills));
        Watch {
            events: self.clone(),
            name,
            kills,
        }
    }

    /// Returns whether a container of this name is being watched.
    pub(crate) fn is_watched(&self, name: &str) -> bool {
        self.kills.lock().contains_key(name)
    }

    /// Listens until `stop` fires.
    pub(crate) async fn listen(self, daemon: Daemon, stop: CancellationToken) {
        let listening = async {
            let mut pause = FIRST_PAUSE;
            loop {
                if self.listen_once(&daemon).await {
                    pause = FIRST_PAUSE;
                }
                time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
            }
        };
        // Ends by being cancelled only.
        stop.run_until_cancelled(listening).await.unwrap_or(());
    }

    /// Listens until the stream breaks; says whether anything was heard.
    async fn listen_once(&self, daemon: &Daemon) -> bool {
        let filters = HashMap::from([
            ("type", vec!["container"]),
            ("event", vec!["oom"]),
            ("label", vec![INSTANCE_LABEL]),
        ]);
        let options = EventsOptionsBuilder::new().filters(&filters).build();
        let mut stream = Box::pin(daemon.api().events(Some(options)));
        let mut heard = false;
        while let Some(Ok(event)) = stream.next().await {
            heard = true;
            self.note(event);
        }
        heard
    }

    fn note(&self, event: EventMessage) {
        let name = event
            .actor
            .and_then(|actor| actor.attributes)
            .and_then(|mut attributes| attributes.remove("name"));
        if let Some(name) = name
            && let Some(kills) = self.kills.lock().get(&name)
        {
            kills.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Watch {
    /// Returns how often the kernel was told to have killed for want of memory.
    pub(crate) fn kills(&self) -> u64 {
        self.kills.load(Ordering::Relaxed)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.events.kills.lock().remove(&self.name);
    }
}
