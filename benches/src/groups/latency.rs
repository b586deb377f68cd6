//! One call at a time, beside what nothing can beat.

use e2e::functions::{DENO, NODE, QUICKJS};
use e2e::{World, host_images, published_images};
use tempfile::TempDir;
use testkit::NatsServer;

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::rig::calls::Calls;
use crate::rig::echo::Echo;
use crate::rig::life::{self, Files, Life};
use crate::timing::contest::{Contestant, interleave};
use crate::timing::effort::Effort;

/// How many sandboxes wait when a warm call begins.
const WAITING: u64 = 2;

const ROUND_TRIP: &str = "NATS round trip, 1 KiB";

/// Two dispatchers: one with a pool, one without.
struct Worlds {
    warm: World,
    cold: World,
    echo: Echo,
    /// What the second has of registries, for as long as it runs.
    _store: TempDir,
}

impl Worlds {
    async fn start(image: &str) -> anyhow::Result<Self> {
        let pool = format!(
            "places = 4\n{}[pool]\n{image:?} = {WAITING}\n",
            host_images()
        );
        let warm = World::start(&pool).await;
        let store = tempfile::tempdir()?;
        let published = format!("{}/*", published_images());
        let allowed = ["builtin/*", "host/*", &published]
            .map(|pattern| format!("[[images]]\npattern = {pattern:?}\n"));
        let cold = World::start_on(
            NatsServer::start().await,
            &format!(
                "places = 4\n[store]\npath = {:?}\n{}{}",
                store.path(),
                allowed.concat(),
                host_images(),
            ),
        )
        .await;
        let echo = Echo::start(&warm.server.url()).await?;
        Ok(Self {
            warm,
            cold,
            echo,
            _store: store,
        })
    }
}

/// Measures calls on QuickJS.
pub(crate) async fn quickjs(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let group = "quickjs";
    let files = Files::write()?;
    let worlds = Worlds::start(QUICKJS).await?;
    let mut all = [
        Contestant::new(worlds.echo),
        Contestant::new(files.small()),
        Contestant::new(files.in_namespaces()),
        Contestant::new(files.quickjs()),
        Contestant::new(Calls::warm(&worlds.warm, QUICKJS, WAITING)),
        Contestant::new(Calls::cold(&worlds.cold, QUICKJS)),
    ];
    interleave(effort.many(), &mut all).await;
    let [echo, small, namespaces, runner, warm, cold] = all.map(Contestant::outcome);

    let echo = Row::new(group, Role::Floor, ROUND_TRIP).timed(echo);
    let small = Row::new(group, Role::Floor, "a small static program").timed(small);
    let namespaces = Row::new(group, Role::Floor, "the same in seven namespaces").timed(namespaces);
    let runner =
        Row::new(group, Role::Floor, "the runner without a sandbox, to ready").timed(runner);
    let warm = Row::new(group, Role::Veritech, "warm call").timed(warm);
    let warm_target = warm_target(&warm, &echo, 0.6);
    let cold = Row::new(group, Role::Veritech, "cold call").timed(cold);
    let cold_target = (|| {
        let floor = runner.p50_ms()? + namespaces.p50_ms()?;
        let wanted = "≤ 2 × (runner + namespaces)";
        Some(Target::at_most(wanted, cold.p50_ms()?, 2.0 * floor).beside(floor))
    })();
    Ok(vec![
        echo,
        small,
        namespaces,
        runner,
        warm.aiming(warm_target),
        cold.aiming(cold_target),
    ])
}

/// Measures calls on Node.js.
pub(crate) async fn node(effort: Effort) -> anyhow::Result<Vec<Row>> {
    spawned(effort, "node", NODE, "javascript-node", life::node()).await
}

/// Measures calls on Deno.
pub(crate) async fn deno(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let files = Files::write()?;
    spawned(effort, "deno", DENO, "javascript-deno", life::deno(&files)?).await
}

async fn spawned(
    effort: Effort,
    group: &str,
    image: &str,
    published: &str,
    bare: Life,
) -> anyhow::Result<Vec<Row>> {
    let worlds = Worlds::start(image).await?;
    let published = format!("{}/{published}", published_images());
    // Pulls it.
    Calls::cold(&worlds.cold, &published).once().await?;
    let mut all = [
        Contestant::new(worlds.echo),
        Contestant::new(bare),
        Contestant::new(Calls::warm(&worlds.warm, image, WAITING)),
        Contestant::new(Calls::cold(&worlds.cold, &published)),
        Contestant::new(Calls::cold(&worlds.cold, image)),
    ];
    interleave(effort.many(), &mut all).await;
    let [echo, bare, warm, cold, cold_on_host] = all.map(Contestant::outcome);

    let echo = Row::new(group, Role::Floor, ROUND_TRIP).timed(echo);
    let bare = Row::new(group, Role::Floor, "bare, to its first statement").timed(bare);
    let warm = Row::new(group, Role::Veritech, "warm call").timed(warm);
    let warm_target = warm_target(&warm, &echo, 1.5);
    let cold = Row::new(group, Role::Veritech, "cold call, image of a registry").timed(cold);
    let cold_target = (|| {
        let floor = bare.p50_ms()?;
        let wanted = "≤ 1.25 × bare + 5 ms";
        Some(Target::at_most(wanted, cold.p50_ms()?, 1.25 * floor + 5.0).beside(floor))
    })();
    let cold_on_host =
        Row::new(group, Role::Veritech, "cold call, the host's runtime").timed(cold_on_host);
    Ok(vec![
        echo,
        bare,
        warm.aiming(warm_target),
        cold.aiming(cold_target),
        cold_on_host,
    ])
}

/// Returns what is wanted of a warm call.
fn warm_target(warm: &Row, echo: &Row, allowed_ms: f64) -> Option<Target> {
    let floor = echo.p50_ms()?;
    let wanted = format!("≤ {allowed_ms} ms + 2 × NATS");
    Some(Target::at_most(wanted, warm.p50_ms()?, 2.0f64.mul_add(floor, allowed_ms)).beside(floor))
}
