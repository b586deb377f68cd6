//! From launch to destroy, and everything that can go wrong between.

use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join_all;
use sandbox::{ConnectError, Ending, Engine as _, Executable, LaunchError, Network, Sandbox};
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use crate::DEADLINE;
use crate::host::Host;
use crate::rig::{Rig, start_with};

/// How many moments of a launch something is done at.
const MOMENTS: u32 = 24;

/// The signal of an instruction that does not exist.
const SIGILL: i32 = 4;

/// A sandbox is launched, talked to and destroyed, and nothing of it is left.
pub async fn a_sandbox_serves_and_is_gone_when_destroyed<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let (sandbox, mut probe) = rig.launch(rig.spec(7)).await;
    assert_eq!(sandbox.id(), rig.spec(7).id);
    assert_eq!(probe.ask("pid").await, "1");
    let during = rig.inventory().await;
    assert_eq!(
        during.running(),
        before.running() + 1,
        "an inventory shows the sandbox"
    );

    sandbox.destroy().await.expect("it is destroyed");
    drop(probe);

    rig.has_again(&before, "a destroyed sandbox").await;
    for item in during
        .items()
        .filter(|item| !before.items().any(|it| it == *item))
    {
        assert!(!host.is_there(item).await, "{item} is still there");
    }
}

/// There is one session.
pub async fn the_connection_is_given_once<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (mut sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let second = sandbox.connect().await;

    assert!(matches!(second, Err(ConnectError::Taken)), "got {second:?}");
    assert_eq!(probe.ask("pid").await, "1", "the first one still serves");
    sandbox.destroy().await.expect("it is destroyed");
}

/// A sandbox that exits by itself is told with its exit code, as often as asked.
pub async fn an_exit_is_told_with_its_code<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (mut sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    probe.tell("exit 7").await;

    assert_eq!(ending(&mut sandbox).await, Ending::Exited(7));
    assert_eq!(ending(&mut sandbox).await, Ending::Exited(7));
    sandbox.destroy().await.expect("it is destroyed");
}

/// A sandbox that is ended by a signal of its own doing is told with that.
pub async fn a_fault_is_told_with_its_signal<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (mut sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    probe.tell(&format!("die-by {SIGILL}")).await;

    assert_eq!(ending(&mut sandbox).await, Ending::Signalled(SIGILL));
    sandbox.destroy().await.expect("it is destroyed");
}

/// A sandbox whose handle is dropped is removed without anybody waiting.
pub async fn a_dropped_sandbox_is_removed<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let launched = rig.launch(rig.spec(1)).await;

    drop(launched);

    rig.will_have_again(&before, "a dropped sandbox").await;
}

/// Who does not wait for a removal does not end it.
pub async fn a_removal_that_is_dropped_goes_on<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let (sandbox, probe) = rig.launch(rig.spec(1)).await;

    // Polled once.
    drop(time::timeout(Duration::ZERO, sandbox.destroy()).await);
    drop(probe);

    rig.will_have_again(&before, "a dropped removal").await;
}

/// A launch that is cancelled, at whatever moment, has left nothing when it
/// answers.
pub async fn a_cancelled_launch_leaves_nothing_behind<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let mut cancelled = 0;
    for (id, moment) in (1..).zip(moments(&rig).await) {
        let cancel = CancellationToken::new();
        let launching = rig.engine.launch(rig.spec(id), cancel.clone());
        let cancelling = async {
            time::sleep(moment).await;
            cancel.cancel();
        };
        match tokio::join!(launching, cancelling).0 {
            Ok(sandbox) => drop(sandbox.destroy().await.expect("it is destroyed")),
            Err(LaunchError::Cancelled) => cancelled += 1,
            Err(error) => panic!("got {error:?}"),
        }
        let after = format!("a launch that was cancelled after {moment:?}");
        rig.has_again(&before, &after).await;
    }
    assert!(cancelled > 0, "none was cancelled in time");
}

/// A launch that is cancelled before it began does not begin.
pub async fn a_launch_cancelled_beforehand_does_not_begin<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let cancel = CancellationToken::new();
    cancel.cancel();

    let launched = rig.engine.launch(rig.spec(1), cancel).await;

    assert!(
        matches!(launched, Err(LaunchError::Cancelled)),
        "got {launched:?}"
    );
    rig.has_again(&before, "a launch that did not begin").await;
}

/// A launch that nobody waits for any more, from whatever moment, leaves nothing.
pub async fn a_dropped_launch_leaves_nothing_behind<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    for (id, moment) in (1..).zip(moments(&rig).await) {
        let launching = rig.engine.launch(rig.spec(id), CancellationToken::new());
        drop(time::timeout(moment, launching).await);
    }
    rig.will_have_again(&before, "dropped launches").await;
}

/// A cyclone that cannot be executed never serves, and leaves nothing.
pub async fn a_cyclone_that_is_no_program_leaves_nothing_behind<H: Host>(host: &H) {
    fails_without_a_trace(host, Executable::Embedded(b"\x7fELF, or so it says")).await;
}

/// So does one that is not there.
pub async fn a_cyclone_that_is_missing_leaves_nothing_behind<H: Host>(host: &H) {
    let nowhere = PathBuf::from("/nonexistent/cyclone");
    fails_without_a_trace(host, Executable::File(nowhere)).await;
}

/// Sandboxes that come one after another leave nothing.
pub async fn fifty_launches_leave_nothing_behind<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;

    for id in 1..=50 {
        let (sandbox, mut probe) = rig.launch(rig.spec(id)).await;
        assert_eq!(probe.ask("pid").await, "1");
        sandbox.destroy().await.expect("it is destroyed");
    }

    rig.has_again(&before, "fifty launches").await;
}

/// Sandboxes that are launched at once are as many, and leave nothing.
pub async fn eight_launches_at_once_leave_nothing_behind<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;

    let launched = join_all((1..=8).map(|id| rig.launch(rig.spec(id)))).await;
    let during = rig.inventory().await;
    assert_eq!(during.running(), before.running() + 8);
    let (sandboxes, probes): (Vec<_>, Vec<_>) = launched.into_iter().unzip();
    for destroyed in join_all(sandboxes.into_iter().map(Sandbox::destroy)).await {
        destroyed.expect("it is destroyed");
    }
    drop(probes);

    rig.has_again(&before, "eight launches at once").await;
}

/// Processes that heed no signal and fork as fast as they can are all gone when
/// the removal has returned. Cancellation and time-outs rest on this.
pub async fn a_storm_of_processes_is_gone_when_destroyed<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let spec = rig.limited(|limits| limits.processes = 64);
    let (sandbox, mut probe) = rig.launch(spec).await;
    assert_eq!(probe.ask("fork-storm").await, "storming");

    let destroyed = time::timeout(DEADLINE, sandbox.destroy()).await;
    drop(probe);

    destroyed.expect("in time").expect("it is destroyed");
    rig.has_again(&before, "a storm of processes").await;
}

/// A sandbox can be ended first, more than once, and is then destroyed like any
/// other; what it has used can still be told in between.
pub async fn an_ended_sandbox_is_still_to_be_destroyed<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let spec = rig.limited(|limits| limits.processes = 64);
    let (mut sandbox, mut probe) = rig.launch(spec).await;
    assert_eq!(probe.ask("fork-storm").await, "storming");

    for _ in 0..2 {
        let ended = time::timeout(DEADLINE, sandbox.end()).await;
        ended.expect("in time");
    }
    drop(probe);
    let report = sandbox.report().await;
    let destroyed = time::timeout(DEADLINE, sandbox.destroy()).await;

    assert!(report.cpu_time > Duration::ZERO, "{report:?}");
    destroyed.expect("in time").expect("it is destroyed");
    rig.has_again(&before, "a sandbox that was ended first")
        .await;
}

/// What an engine does not offer it refuses, rather than giving less.
pub async fn a_network_that_is_not_offered_is_refused<H: Host>(host: &H) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    assert!(
        rig.engine.offers(Network::None),
        "no network is for everybody"
    );
    if rig.engine.offers(Network::Egress) {
        return;
    }
    let mut spec = rig.spec(1);
    spec.network = Network::Egress;

    let launched = rig.engine.launch(spec, CancellationToken::new()).await;

    assert!(
        matches!(launched, Err(LaunchError::NotOffered { .. })),
        "got {launched:?}"
    );
    rig.has_again(&before, "a refused network").await;
}

async fn fails_without_a_trace<H: Host>(host: &H, cyclone: Executable) {
    // An engine that does not start with it has nothing to leave.
    let Some(rig) = start_with(host, cyclone).await else {
        return;
    };
    // What an engine makes once, and keeps, it makes for the first.
    fails(&rig, 1).await;
    let before = rig.inventory().await;

    fails(&rig, 2).await;

    rig.has_again(&before, "a launch that failed").await;
}

/// Launches what cannot serve: either that fails, or the sandbox ends at once.
async fn fails<H: Host>(rig: &Rig<'_, H>, id: u64) {
    let launching = rig.engine.launch(rig.spec(id), CancellationToken::new());
    let Ok(mut sandbox) = launching.await else {
        return;
    };
    let ending = ending(&mut sandbox).await;
    assert_ne!(ending, Ending::Exited(0), "it did not serve");
    sandbox.destroy().await.expect("it is destroyed");
}

/// Returns moments from before the first step of a launch to after the last.
async fn moments<H: Host>(rig: &Rig<'_, H>) -> impl Iterator<Item = Duration> + use<H> {
    let started = Instant::now();
    let (sandbox, probe) = rig.launch(rig.spec(0)).await;
    let took = started.elapsed();
    sandbox.destroy().await.expect("it is destroyed");
    drop(probe);
    // A quarter more, for one that takes longer.
    let step = took * 5 / 4 / MOMENTS;
    (0..MOMENTS).map(move |moment| step * moment)
}

async fn ending<S: Sandbox>(sandbox: &mut S) -> Ending {
    let ended = time::timeout(DEADLINE, sandbox.ended()).await;
    ended.expect("it ends in time")
}
