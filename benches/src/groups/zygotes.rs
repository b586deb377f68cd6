//! Calls whose sandboxes are forked from a runtime that is warm already.

use std::time::Duration;

use e2e::functions::{DENO, NODE, QUICKJS};
use e2e::{World, host_images};

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::rig::calls::{Calls, call, trivial};
use crate::timing::contest::{Contestant, interleave};
use crate::timing::effort::Effort;
use crate::timing::load::closed;

const GROUP: &str = "zygotes";

/// How many callers ask for the next value as soon as they have one.
const CALLERS: u32 = 4;

/// How long after its first call an image's sandboxes are forked at the latest: Deno's helper
/// threads have ended by then.
const WARMING: Duration = Duration::from_secs(15);

/// A runtime, and what is wanted of it.
struct Wanted {
    name: &'static str,
    image: &'static str,
    cold_ms: Option<f64>,
    per_second: f64,
}

const ALL: [Wanted; 3] = [
    Wanted {
        name: "QuickJS",
        image: QUICKJS,
        cold_ms: None,
        per_second: 800.0,
    },
    Wanted {
        name: "Node.js",
        image: NODE,
        cold_ms: Some(5.0),
        per_second: 250.0,
    },
    Wanted {
        name: "Deno",
        image: DENO,
        cold_ms: Some(5.0),
        per_second: 250.0,
    },
];

/// Measures all of it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for wanted in ALL {
        rows.extend(forked(effort, &wanted).await?);
    }
    Ok(rows)
}

async fn forked(effort: Effort, wanted: &Wanted) -> anyhow::Result<[Row; 2]> {
    let Wanted { name, image, .. } = wanted;
    let native = format!("{}zygotes = [{image:?}]\n", host_images());
    let world = World::start(&format!("places = {CALLERS}\n{native}")).await;
    call(&world.client, trivial(image), Some(false)).await?;
    if effort != Effort::Smoke {
        tokio::time::sleep(WARMING).await;
    }

    let mut all = [Contestant::new(Calls::cold(&world, image))];
    interleave(effort.many(), &mut all).await;
    let [cold] = all.map(Contestant::outcome);
    let cold = Row::new(GROUP, Role::Veritech, format!("{name}, cold call")).timed(cold);
    let cold_target = wanted.cold_ms.and_then(|most| {
        Some(Target::at_most(
            format!("≤ {most} ms"),
            cold.p50_ms()?,
            most,
        ))
    });

    let one = || call(&world.client, trivial(image), Some(false));
    let load = closed(CALLERS, effort.stretch(), one).await;
    let target = Target::at_least(
        format!("≥ {} a second", wanted.per_second),
        load.per_second(),
        wanted.per_second,
    );
    let sustained = Row::new(GROUP, Role::Veritech, format!("{name}, sustained"));
    Ok([
        cold.aiming(cold_target),
        sustained.loaded(&load).aiming(Some(target)),
    ])
}
