//! Calls in containers, beside Docker alone and beside the native engine with the same image.

use e2e::{World, published_images};
use testkit::NatsServer;

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::rig::calls::{Calls, Part};
use crate::rig::containers::Containers;
use crate::rig::life::Files;
use crate::timing::contest::{Contestant, interleave};
use crate::timing::effort::Effort;

const GROUP: &str = "docker";

/// Measures all of it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let files = Files::write()?;
    let image = format!("{}/quickjs", published_images());
    let host = testkit::docker::host();
    let allowed = format!("[[images]]\npattern = {image:?}\n");
    let docker = World::start(&format!(
        "engine = \"docker\"\nplaces = 2\n[docker]\nhost = {host:?}\n{allowed}"
    ))
    .await;
    let store = tempfile::tempdir()?;
    let native = World::start_on(
        NatsServer::start().await,
        &format!("places = 2\n[store]\npath = {:?}\n{allowed}", store.path()),
    )
    .await;
    // Pulls it.
    for world in [&docker, &native] {
        Calls::cold(world, &image).once().await?;
    }

    let mut all = [
        Contestant::new(Containers::of(&host, format!("{image}:latest"))?),
        Contestant::new(files.quickjs()),
        Contestant::new(Calls::cold(&docker, &image)),
        Contestant::new(Calls::cold(&docker, &image).timing(Part::Launch)),
        Contestant::new(Calls::cold(&native, &image)),
        Contestant::new(Calls::cold(&native, &image).timing(Part::Launch)),
    ];
    interleave(effort.few(), &mut all).await;
    let [bare, runner, cold, launch, native_cold, native_launch] = all.map(Contestant::outcome);

    let bare = Row::new(GROUP, Role::Floor, "create and start by Docker's API").timed(bare);
    let runner =
        Row::new(GROUP, Role::Floor, "the runner without a sandbox, to ready").timed(runner);
    let cold = Row::new(GROUP, Role::Veritech, "cold call, docker, QuickJS").timed(cold);
    let launch =
        Row::new(GROUP, Role::Veritech, "launch to cyclone's answer, docker").timed(launch);
    let native_cold =
        Row::new(GROUP, Role::Veritech, "cold call, native, the same image").timed(native_cold);
    let native_launch = Row::new(GROUP, Role::Veritech, "launch to cyclone's answer, native")
        .timed(native_launch)
        .noted("from the call's own ledger: its phases sandbox and connect");
    let cold_target = (|| {
        let floor = bare.p50_ms()? + runner.p50_ms()?;
        let wanted = "≤ 1.15 × (Docker + runner)";
        Some(Target::at_most(wanted, cold.p50_ms()?, 1.15 * floor).beside(floor))
    })();
    let launch_target = (|| {
        let docker = launch.p50_ms()?;
        let wanted = "≤ docker ÷ 10";
        Some(Target::at_most(wanted, native_launch.p50_ms()?, docker / 10.0).beside(docker))
    })();
    Ok(vec![
        bare,
        runner,
        cold.aiming(cold_target),
        launch,
        native_cold,
        native_launch.aiming(launch_target),
    ])
}
