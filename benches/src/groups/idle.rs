//! What is there while nothing is called.

use e2e::functions::{NODE, QUICKJS};
use e2e::{World, descendants, host_images};

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::rig::process;
use crate::timing::effort::Effort;
use crate::timing::samples::mebibytes;

const GROUP: &str = "idle";

/// How many sandboxes wait, whose memory is shared out among them.
const SANDBOXES: u32 = 50;

/// Measures it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let mut rows = dispatcher(effort).await?;
    for (name, image, most) in [("QuickJS", QUICKJS, 3.0), ("Node.js", NODE, 16.0)] {
        rows.push(sandboxes(effort, name, image, most).await?);
    }
    Ok(rows)
}

async fn dispatcher(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let world = World::start("").await;
    let pid = world.instance.pid();
    let before = process::of_process(pid)?;
    let begun = tokio::time::Instant::now();
    tokio::time::sleep(effort.stretch()).await;
    let cpu = process::of_process(pid)?.saturating_sub(before);
    let percent = cpu.as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
    let resident = mebibytes(process::resident(pid)?);
    Ok(vec![
        Row::new(GROUP, Role::Veritech, "dispatcher, resident")
            .measuring(resident, "MiB")
            .aiming(Some(Target::at_most("≤ 30 MB", resident, 30.0 / 1.048_576))),
        Row::new(GROUP, Role::Veritech, "dispatcher, CPU")
            .measuring(percent, "%")
            .aiming(Some(Target::at_most("0 %", percent, 0.05))),
    ])
}

async fn sandboxes(effort: Effort, name: &str, image: &str, most_mb: f64) -> anyhow::Result<Row> {
    let count = effort.of(SANDBOXES);
    let configuration = format!(
        "places = {count}\n{}[pool]\n{image:?} = {count}\n",
        host_images()
    );
    let world = World::start(&configuration).await;
    world.figure_is("warm", u64::from(count)).await;
    let pids = descendants(world.instance.pid()).into_iter();
    // The launcher is there for all of them, however many there are.
    let pids = pids
        .filter(|process| process.name != "veritech-launch")
        .map(|process| process.pid);
    let each = mebibytes(process::proportional_set_size(pids)?) / f64::from(count);
    let target = Target::at_most(format!("≤ {most_mb} MB"), each, most_mb / 1.048_576);
    Ok(Row::new(
        GROUP,
        Role::Veritech,
        format!("a waiting sandbox of {count}, {name}"),
    )
    .measuring(each, "MiB")
    .aiming(Some(target)))
}
