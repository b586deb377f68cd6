//! Dispatchers that are killed, and those beside them.
//!
//! The dispatcher to be killed is this test's own program, started again for the
//! one ignored test that is [`hold`].

use std::io::Write as _;
use std::process::Stdio;

use sandbox::{Engine as _, Sandbox as _};
use testkit::eventually;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time;

use crate::DEADLINE;
use crate::host::Host;
use crate::inventory::{Inventory, Item};
use crate::rig::Rig;

/// The name of the ignored test that is [`hold`], beside the others.
pub const HOLDER: &str = "helper_that_holds_a_sandbox";

/// What comes before a holder's inventory on its standard output.
const MARK: &str = "holds: ";

/// A process that has an engine and one busy sandbox; it is killed with this.
#[derive(Debug)]
pub struct Holder {
    process: Child,
    holds: Inventory,
}

impl Holder {
    /// Starts one, by the path of the module that has the tests.
    ///
    /// # Panics
    ///
    /// If it does not say what it holds within [`DEADLINE`].
    pub async fn start(module: &str) -> Self {
        // Names of tests begin below the crate.
        let within = module.split_once("::").map_or("", |(_, within)| within);
        let test = if within.is_empty() {
            HOLDER.to_owned()
        } else {
            format!("{within}::{HOLDER}")
        };
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", &test, "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let output = process.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines();
        let told = async {
            loop {
                let line = lines.next_line().await.expect("it can be read");
                let line = line.expect("it says what it holds");
                if let Some((_, holds)) = line.split_once(MARK) {
                    return serde_json::from_str(holds).expect("an inventory");
                }
            }
        };
        let holds = time::timeout(DEADLINE, told).await.expect("in time");
        Self { process, holds }
    }

    /// Returns the number of the process.
    ///
    /// # Panics
    ///
    /// If it has been waited for.
    pub fn pid(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Returns what it held when it had launched its sandbox.
    pub fn holds(&self) -> &Inventory {
        &self.holds
    }

    /// Kills it outright and waits for its end.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("it is killed");
    }
}

/// Holds a busy sandbox until it is killed or whoever started it is gone.
pub async fn hold<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;
    probe.ask("spin-in-child").await;
    let holds = serde_json::to_string(&rig.inventory().await).expect("it can be written");
    writeln!(std::io::stdout(), "{MARK}{holds}").expect("somebody listens");
    let mut nothing = Vec::new();
    tokio::io::stdin().read_to_end(&mut nothing).await.ok();
    sandbox.destroy().await.ok();
}

/// Of a dispatcher that was killed nothing is left, or nothing that the next one
/// does not remove; and that one's own sandboxes stay.
pub async fn nothing_is_left_of_a_killed_dispatcher<H: Host>(host: &H, module: &str) {
    let rig = Rig::warmed(host).await;
    let (own, mut probe) = rig.launch(rig.spec(1)).await;
    let before = rig.inventory().await;
    let mut holder = Holder::start(module).await;
    assert_ne!(remains(host, &holder).await, [], "it has something");

    holder.kill().await;

    eventually(DEADLINE, "end of all that it had", async || {
        rig.engine.reclaim().await.expect("all can be removed");
        match remains(host, &holder).await {
            remains if remains.is_empty() => Ok(()),
            remains => Err(remains),
        }
    })
    .await;
    assert_eq!(probe.ask("pid").await, "1");
    rig.has_again(&before, "another's leftovers").await;
    own.destroy().await.expect("it is destroyed");
}

/// Whoever removes leftovers leaves a dispatcher that lives its sandboxes.
pub async fn the_living_keep_their_sandboxes<H: Host>(host: &H, module: &str) {
    let rig = Rig::start(host).await;
    let mut holder = Holder::start(module).await;
    let before = remains(host, &holder).await;
    assert_ne!(before, [], "it has something");

    rig.engine.reclaim().await.expect("all can be removed");

    assert_eq!(remains(host, &holder).await, before);
    holder.kill().await;
}

/// Two dispatchers on one host, with sandboxes of the same ids, are not in each
/// other's way.
pub async fn two_engines_work_side_by_side<H: Host>(host: &H, module: &str) {
    let rig = Rig::warmed(host).await;
    let before = rig.inventory().await;
    let mut holder = Holder::start(module).await;
    let theirs = remains(host, &holder).await;

    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;
    assert_eq!(probe.ask("pid").await, "1");
    sandbox.destroy().await.expect("it is destroyed");
    drop(probe);

    assert_eq!(remains(host, &holder).await, theirs);
    holder.kill().await;
    drop(holder);
    rig.will_have_again(&before, "another's sandboxes").await;
}

/// Lists what is still there of what a holder had.
async fn remains<H: Host>(host: &H, holder: &Holder) -> Vec<Item> {
    let mut remains = Vec::new();
    for item in holder.holds.items() {
        if host.is_there(item).await {
            remains.push(item.clone());
        }
    }
    remains
}
