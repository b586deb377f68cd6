//! Several dispatchers on one NATS server.

use e2e::functions::QUICKJS;
use e2e::{Instance, World};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use testkit::NatsServer;

use super::Measured;
use crate::report::plot::{Bar, Plot};
use crate::report::{Role, Row};
use crate::rig::calls::{call, trivial};
use crate::timing::effort::Effort;
use crate::timing::load::closed;

const GROUP: &str = "dispatchers";

/// How many dispatchers there are, in each case.
const CASES: [u32; 3] = [1, 2, 4];

/// How many executions each has at once, and how many callers there are for each.
const PLACES: u32 = 2;

/// Measures how many calls are answered by one, by two and by four.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    let mut bars = Vec::new();
    for count in CASES {
        let row = answered_by(count, effort).await?;
        bars.extend(row.per_second.map(|value| Bar {
            label: count.to_string(),
            value,
        }));
        measured.rows.push(row);
    }
    measured.plots.push(Plot {
        name: "dispatchers".to_owned(),
        title: "QuickJS, each call in a fresh sandbox".to_owned(),
        case: "dispatchers on one NATS server".to_owned(),
        figure: "calls per second".to_owned(),
        bars,
    });
    Ok(measured)
}

async fn answered_by(count: u32, effort: Effort) -> anyhow::Result<Row> {
    let server = NatsServer::start().await;
    let url = server.url();
    let configuration = format!("places = {PLACES}\nqueue = 64\n");
    let mut instances = Vec::new();
    let own = sched_getaffinity(None)?;
    let cores: Vec<_> = (0..CpuSet::MAX_CPU)
        .filter(|core| own.is_set(*core))
        .collect();
    for (number, core) in (1..=count).zip(cores.into_iter().cycle()) {
        // A process begins on the processors of the thread that starts it.
        let mut one = CpuSet::new();
        one.set(core);
        sched_setaffinity(None, &one)?;
        let name = format!("number {number}");
        instances.push(Instance::start(&url, &name, &configuration).await);
        sched_setaffinity(None, &own)?;
    }
    let first = instances.remove(0);

    let world = World::with(server, first).await;
    let one = || call(&world.client, trivial(QUICKJS), None);
    let load = closed(PLACES * count, effort.stretch(), one).await;
    drop(instances);
    Ok(Row::new(
        GROUP,
        Role::Veritech,
        format!("{count} with {PLACES} places each, QuickJS"),
    )
    .loaded(&load)
    .noted("each on one core, in turn; NATS and the callers share them"))
}
