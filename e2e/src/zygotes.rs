//! Zygotes: processes that are no sandbox's, and there for all to come.

use std::fs;
use std::time::Duration;

use testkit::eventually;

use crate::engine::TestEngine;
use crate::functions::{IMAGES, in_image};
use crate::processes::{Process, parent};
use crate::world::World;

/// The name of the launcher, and of the first process of each zygote's own sandbox.
const LAUNCHER: &str = "veritech-launch";

/// How long a zygote may take to be warm: Deno's helpers end after ten seconds.
const WARM_UP: Duration = Duration::from_secs(60);

/// Returns whether a process of a dispatcher is a zygote or the first of its sandbox. Children of the
/// launcher are those and the first processes of sandboxes; children of zygotes are told by the same
/// arguments, but are children of cyclones.
pub(crate) fn is_zygote(process: &Process) -> bool {
    let is_launchers = parent(process).is_some_and(|parent| parent.name == LAUNCHER);
    is_launchers && (process.name == LAUNCHER || has_argument(process, "--zygote"))
}

/// Waits, with the engine that has zygotes, until sandboxes of every image are forked.
///
/// # Panics
///
/// If they do not come to be.
pub(crate) async fn warm(world: &World) {
    if TestEngine::current() != TestEngine::Zygotes {
        return;
    }
    for image in IMAGES {
        eventually(WARM_UP, &format!("{image} that is forked"), async || {
            let code = "export default () => new Promise((done) => setTimeout(done, 100))";
            let started = world.started(in_image(image, code)).await;
            // Asked while it runs: nobody has arguments after the end.
            let is_forked = |process: &Process| has_argument(process, "--adopt-runner");
            let forked = world.instance.processes().iter().any(is_forked);
            let result = started.call.result().await;
            assert!(result.is_ok(), "{result:?}");
            forked
        })
        .await;
    }
}

fn has_argument(process: &Process, argument: &str) -> bool {
    let line = fs::read_to_string(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
    line.split('\0').any(|word| word == argument)
}
