//! An execution beside the intruder, that has something to lose, and holds whatever
//! can be held.

use e2e::functions::{PYTHON, in_image};
use e2e::{Process, Started, World};
use serde_json::json;

use crate::canaries::{NEIGHBOUR_PORT, mark};
use crate::intruder::with_inputs;

const CODE: &str = include_str!("../../fixtures/intruder/neighbour.py");

/// A neighbour that runs; it ends when its call is cancelled or dropped.
#[derive(Debug)]
pub(crate) struct Neighbour {
    _started: Started,
    /// Its processes, as the host knows them.
    pub(crate) processes: Vec<Process>,
}

impl Neighbour {
    /// Starts one, and waits until it holds everything.
    pub(crate) async fn start(world: &World) -> Self {
        let idle = world.instance.processes();
        let code = format!("# {}code\n{CODE}", mark());
        let inputs = json!({"canary": format!("{}inputs", mark()), "port": NEIGHBOUR_PORT});
        let request = with_inputs(in_image(PYTHON, code), &inputs);
        let mut started = world.started(request).await;
        started.says("ready").await;
        let mut processes = world.instance.processes();
        processes.retain(|process| !idle.contains(process));
        Self {
            _started: started,
            processes,
        }
    }
}
