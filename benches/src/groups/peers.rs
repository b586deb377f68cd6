//! The same trivial function, executed by others.

use e2e::functions::{NODE, QUICKJS};
use e2e::{World, host_images, published_images};
use testkit::NatsServer;

use crate::report::{Role, Row};
use crate::rig::calls::Calls;
use crate::rig::life::{self, Files};
use crate::rig::peers::{Bundle, Isolates, Reused, docker_run};
use crate::timing::contest::{Contestant, interleave};
use crate::timing::effort::Effort;

const GROUP: &str = "peers";

/// How many sandboxes wait when a warm call begins.
const WAITING: u64 = 2;

/// Measures all of it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let files = Files::write()?;
    let bundle = Bundle::make()?;
    let warm = |image: &str| {
        format!(
            "places = 4\n{}[pool]\n{image:?} = {WAITING}\n",
            host_images()
        )
    };
    let quickjs = World::start(&warm(QUICKJS)).await;
    let node = World::start_on(NatsServer::start().await, &warm(NODE)).await;
    let cold = World::start_on(
        NatsServer::start().await,
        &format!("places = 4\n{}", host_images()),
    )
    .await;
    let container = format!("{}/javascript-node:latest", published_images());

    let mut all = [
        Contestant::new(Calls::warm(&quickjs, QUICKJS, WAITING)),
        Contestant::new(Calls::warm(&node, NODE, WAITING)),
        Contestant::new(Calls::cold(&cold, QUICKJS)),
        Contestant::new(Calls::cold(&cold, NODE)),
        Contestant::new(Reused::start().await?),
        Contestant::new(Isolates::start().await?),
        Contestant::new(life::deno(&files)?),
        Contestant::new(life::node()),
        Contestant::new(bundle.run()),
        Contestant::new(docker_run(&testkit::docker::host(), &container)),
    ];
    interleave(effort.few(), &mut all).await;
    let [
        quickjs_warm,
        node_warm,
        quickjs_cold,
        node_cold,
        reused,
        isolates,
        deno,
        node,
        crun,
        docker,
    ] = all.map(Contestant::outcome);

    let ours = |name: &str| Row::new(GROUP, Role::Veritech, name);
    let peer = |name: &str| Row::new(GROUP, Role::Peer, name);
    Ok(vec![
        ours("Veritech, warm call, QuickJS").timed(quickjs_warm),
        ours("Veritech, warm call, Node.js").timed(node_warm),
        ours("Veritech, cold call, QuickJS").timed(quickjs_cold),
        ours("Veritech, cold call, Node.js").timed(node_cold),
        peer("one Node.js for all calls, over a socket")
            .timed(reused)
            .noted("no boundary between calls"),
        peer("workerd, an isolate for each call")
            .timed(isolates)
            .noted("no boundary of the operating system"),
        peer("`deno` for each call")
            .timed(deno)
            .noted("no sandbox; to its first statement"),
        peer("`node` for each call")
            .timed(node)
            .noted("no sandbox; to its first statement"),
        peer("`crun` for each call, Node.js")
            .timed(crun)
            .noted("five namespaces, no cgroups, no seccomp filter; to its end"),
        peer("`docker run` for each call, Node.js")
            .timed(docker)
            .noted("no network; to its end; CPU of the client alone"),
    ])
}
