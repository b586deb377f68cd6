//! Several dispatchers on one NATS server.

use e2e::functions::QUICKJS;
use e2e::{Instance, World};
use futures_util::future::join_all;
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
        let row = answered_by(count, effort).await;
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

async fn answered_by(count: u32, effort: Effort) -> Row {
    let server = NatsServer::start().await;
    let url = server.url();
    let configuration = format!("places = {PLACES}\nqueue = 64\n");
    let names: Vec<String> = (1..=count)
        .map(|number| format!("number {number}"))
        .collect();
    let start = names
        .iter()
        .map(|name| Instance::start(&url, name, &configuration));
    let mut instances = join_all(start).await.into_iter();
    let first = instances.next().expect("invariant: there is one at least");
    let others: Vec<_> = instances.collect();

    let world = World::with(server, first).await;
    let one = || call(&world.client, trivial(QUICKJS), None);
    let load = closed(PLACES * count, effort.stretch(), one).await;
    drop(others);
    Row::new(
        GROUP,
        Role::Veritech,
        format!("{count} with {PLACES} places each, QuickJS"),
    )
    .loaded(&load)
    .noted("all on the cores of this machine, which NATS and the callers share")
}
