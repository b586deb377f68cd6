//! Two hundred calls at once, with nothing prepared.

use std::time::Duration;

use e2e::World;
use e2e::functions::QUICKJS;

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::rig::calls::{call, trivial};
use crate::timing::effort::Effort;
use crate::timing::load::closed;

const CALLS: u32 = 200;

/// Measures it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let world = World::start("places = 8\nqueue = 256\n").await;
    let calls = effort.of(CALLS);
    let one = || call(&world.client, trivial(QUICKJS), Some(false));
    let load = closed(calls, Duration::ZERO, one).await;
    let row = Row::new(
        "burst",
        Role::Veritech,
        format!("{calls} calls at once, QuickJS"),
    );
    let row = row.loaded(&load);
    let target = row
        .times
        .as_ref()
        .map(|times| Target::at_most("all, the last within 1200 ms", times.max_ms, 1200.0));
    Ok(vec![row.aiming(target.filter(|_| load.failed == 0))])
}
