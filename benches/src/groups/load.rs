//! As many calls as are answered, each in a sandbox of its own; and half as many, at a
//! steady rate.

use e2e::functions::{DENO, NODE, QUICKJS};
use e2e::{World, host_images};

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::rig::calls::{call, trivial};
use crate::rig::life::{self, Files, Life};
use crate::rig::process;
use crate::timing::contest::{Contestant, interleave};
use crate::timing::effort::Effort;
use crate::timing::load::{closed, open};
use crate::timing::schedule::Schedule;

const GROUP: &str = "load";

/// How many callers ask for the next value as soon as they have one.
const CALLERS: u32 = 4;

/// Measures all of it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    rows.push(fresh(effort, "QuickJS", QUICKJS, None).await?);
    let files = Files::write()?;
    let runtimes = [
        ("Node.js", NODE, life::node()),
        ("Deno", DENO, life::deno(&files)?),
    ];
    for (name, image, bare) in runtimes {
        rows.push(fresh(effort, name, image, Some(bare)).await?);
    }
    rows.extend(steady(effort).await?);
    Ok(rows)
}

/// Measures calls each of which has a sandbox made for it.
async fn fresh(effort: Effort, name: &str, image: &str, bare: Option<Life>) -> anyhow::Result<Row> {
    let world = World::start(&format!("places = {CALLERS}\n{}", host_images())).await;
    let per_life = match bare {
        Some(bare) => {
            let mut all = [Contestant::new(bare)];
            interleave(effort.many(), &mut all).await;
            let [bare] = all.map(Contestant::outcome);
            bare?.summary().and_then(|bare| bare.cpu_ms)
        }
        None => None,
    };
    let one = || call(&world.client, trivial(image), Some(false));
    let load = closed(CALLERS, effort.stretch(), one).await;
    let row = Row::new(GROUP, Role::Veritech, format!("{name}, sustained"));
    let row = row.loaded(&load);
    let target = match per_life {
        None => Target::at_least("≥ 400 a second", load.per_second(), 400.0),
        Some(cpu_ms) => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
            let floor = cores * 1000.0 / cpu_ms;
            let wanted = "≥ 70 % of cores ÷ CPU of a bare life";
            Target::at_least(wanted, load.per_second(), 0.7 * floor).beside(floor)
        }
    };
    Ok(row.aiming(Some(target)))
}

/// Measures calls of a pool: as many as there can be, then half as many.
async fn steady(effort: Effort) -> anyhow::Result<Vec<Row>> {
    const WAITING: u64 = 4;
    let pool = format!("places = {CALLERS}\nqueue = 256\n[pool]\n{QUICKJS:?} = {WAITING}\n");
    let world = World::start(&pool).await;
    world.figure_is("warm", WAITING).await;
    let one = || call(&world.client, trivial(QUICKJS), None);
    let most = closed(CALLERS, effort.stretch(), one).await;

    world.figure_is("warm", WAITING).await;
    let before = process::of_process(world.instance.pid())?;
    let schedule = Schedule::new(most.per_second() / 2.0, effort.stretch());
    let half = open(schedule, one).await?;
    let own = process::of_process(world.instance.pid())?.saturating_sub(before);

    let most_row = Row::new(GROUP, Role::Veritech, "QuickJS with a pool, sustained").loaded(&most);
    let row = Row::new(
        GROUP,
        Role::Veritech,
        "the same at half that rate, open loop",
    )
    .loaded(&half);
    let target = row.times.as_ref().map(|times| {
        Target::at_most("p99 ≤ 5 × p50", times.p99_ms, 5.0 * times.p50_ms).beside(times.p50_ms)
    });
    let row = row.aiming(target);
    let share = own.as_secs_f64() * 1e3 / f64::from(half.succeeded.max(1));
    let share_row = Row::new(
        GROUP,
        Role::Veritech,
        "CPU of the dispatcher itself for each of these",
    )
    .measuring(share, "ms")
    .aiming(Some(Target::at_most("≤ 0.3 ms", share, 0.3)))
    .noted("keeping the pool full is a part of it");
    Ok(vec![most_row, row, share_row])
}
