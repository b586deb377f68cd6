//! Executes hostile functions on a dispatcher, over NATS, with innocent ones beside them.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;
use testkit::{NatsServer, eventually};
use tokio::time::Instant;
use veritech_protocol::{FailureCode, RemoteFunctionRequest, Subjects};

use super::case::{Case, Runtime};
use super::census::Census;
use super::innocent::Innocents;
use super::judge::{Answer, Difference, canaries_in, judge};
use super::measure::Tally;
use crate::engine::TestEngine;
use crate::instance::{Instance, host_images};
use crate::processes::adopt_orphans;
use crate::wire::{Inbox, Wire};
use crate::world::{LIMIT, World};
use crate::zygotes;

/// The variable of the dispatcher's environment that no function may see. No name of
/// Veritech's own: those it would refuse.
pub const CANARY_VARIABLE: (&str, &str) = ("TEST_CANARY", "VTCANARY-environment");

/// What is in a file of the host.
const CANARY_IN_FILE: &str = "VTCANARY-hostfile";

/// Groups of functions that end by themselves, at once.
const ENDING_EARLY: [&str; 2] = ["exits", "loading"];

/// Ways to end by oneself.
const EARLY_ENDS: [FailureCode; 4] = [
    FailureCode::RunnerExited,
    FailureCode::SyntaxError,
    FailureCode::Exception,
    FailureCode::InvalidHandler,
];

/// A dispatcher for hostile functions, and what there was before the first.
#[derive(Debug)]
pub struct Suite {
    /// The dispatcher and its server.
    pub world: World,
    wire: Wire,
    before: Census,
    canary: Canary,
}

/// How functions are executed.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Hostile executions at once.
    pub at_once: usize,
}

/// What came of many executions.
#[derive(Debug, Default)]
pub struct Report {
    /// Figures of the hostile ones.
    pub tally: Tally,
    /// Those that did not come to what they must.
    pub wrong: Vec<Wrong>,
    /// The innocent ones beside them.
    pub innocents: Innocents,
    /// What was not as before afterwards.
    pub leftovers: Vec<String>,
}

/// An execution that did not come to what it must.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The case's name.
    pub name: String,
    /// What is wrong with it.
    pub differences: Vec<Difference>,
}

/// A call that has been answered.
pub(super) struct Called {
    pub(super) answer: Answer,
    pub(super) took: Duration,
    /// From `started` to the result.
    executed: Option<Duration>,
    inbox: Inbox,
}

impl Options {
    /// Returns what suits an engine.
    pub fn of(engine: TestEngine) -> Self {
        Self {
            at_once: match engine {
                TestEngine::Native
                | TestEngine::Zygotes
                | TestEngine::Ordinary
                | TestEngine::Images => 6,
                TestEngine::Docker => 4,
            },
        }
    }
}

impl Suite {
    /// The runtimes of innocent executions.
    pub const INNOCENT: [Runtime; 2] = [Runtime::Quickjs, Runtime::Node];

    /// Starts a dispatcher with canaries around it.
    pub async fn start(options: Options) -> Self {
        adopt_orphans();
        let canary = Canary::lay();
        let server = NatsServer::start().await;
        let places = options.at_once + Self::INNOCENT.len();
        let configuration = format!("places = {places}\nqueue = 32\n{}", host_images());
        let url = server.url();
        let instance = Instance::start_with(&url, "one", &configuration, &[CANARY_VARIABLE]).await;
        let world = World::with(server, instance).await;
        let wire = world.wire().await;
        // What is opened once and kept, for every image and every place, is there now.
        let images = [
            Runtime::Quickjs,
            Runtime::Node,
            Runtime::Deno,
            Runtime::Python,
        ];
        let first = stream::iter((0..places.max(images.len())).zip(images.iter().cycle()))
            .map(|(_, image)| Innocents::alone(&wire, std::slice::from_ref(image), 1))
            .buffer_unordered(places);
        let first: Vec<_> = first.collect().await;
        let wrong: Vec<_> = first.iter().flat_map(|one| &one.wrong).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        zygotes::warm(&world).await;
        world.figure_is("running", 0).await;
        let before = Census::take(&world).await;
        Self {
            world,
            wire,
            before,
            canary,
        }
    }

    /// Executes innocent functions with nothing beside them.
    pub async fn innocents_alone(&self, count: usize) -> Innocents {
        Innocents::alone(&self.wire, &Self::INNOCENT, count).await
    }

    /// Executes every case, many at once, with innocent executions beside them, and
    /// looks at what is left.
    pub async fn run(&self, cases: &[Case], options: Options) -> Report {
        let enough = AtomicBool::new(false);
        let hostile = async {
            let ended = stream::iter(cases)
                .map(|case| self.execute(case))
                .buffer_unordered(options.at_once);
            let ended: Vec<_> = ended.collect().await;
            enough.store(true, Ordering::Relaxed);
            ended
        };
        let [quickjs, node] = Self::INNOCENT;
        let (ended, first, second) = tokio::join!(
            Box::pin(hostile),
            Box::pin(Innocents::until(&self.wire, quickjs, &enough)),
            Box::pin(Innocents::until(&self.wire, node, &enough)),
        );
        let mut report = Report {
            innocents: first,
            ..Report::default()
        };
        report.innocents.extend(&second);
        let mut inboxes = Vec::new();
        for (tally, wrong, opened) in ended {
            report.tally.extend(&tally);
            report.wrong.extend(wrong);
            inboxes.extend(opened);
        }
        report.leftovers = self.leftovers().await;
        // By now nothing runs that could send any more.
        for (name, mut inbox) in inboxes {
            if !inbox.is_empty().await {
                let late = "something came after the result".to_owned();
                let differences = vec![Difference::Outcome(late)];
                report.wrong.push(Wrong { name, differences });
            }
        }
        report
    }

    /// Executes one case as often as it asks for.
    async fn execute(&self, case: &Case) -> (Tally, Vec<Wrong>, Vec<(String, Inbox)>) {
        let mut request = case.request.clone();
        request.container_image = TestEngine::current().image(&request.container_image);
        let mut tally = Tally::default();
        let mut wrong = Vec::new();
        let mut inboxes = Vec::new();
        for _ in 0..case.runs {
            let Called {
                answer,
                executed,
                inbox,
                ..
            } = call(&self.wire, &request, case.cancel).await;
            measure(case, &answer, executed, &mut tally);
            let name = case.name.clone();
            let differences = judge(&case.expected, &answer);
            if !differences.is_empty() {
                let name = name.clone();
                wrong.push(Wrong { name, differences });
            }
            inboxes.push((name, inbox));
        }
        (tally, wrong, inboxes)
    }

    /// Waits until everything is as it was, and returns what does not come to be so.
    async fn leftovers(&self) -> Vec<String> {
        let deadline = Instant::now() + LIMIT;
        let mut left = Vec::new();
        eventually(LIMIT * 2, "census", async || {
            left = Census::take(&self.world).await.since(&self.before);
            left.is_empty() || Instant::now() >= deadline
        })
        .await;
        left.extend(self.canary.changes());
        let logged = canaries_in(&self.world.instance.log());
        left.extend(logged.iter().map(|text| format!("{text} in the log")));
        left
    }
}

impl Report {
    /// Adds another.
    pub fn extend(&mut self, other: Self) {
        self.tally.extend(&other.tally);
        self.wrong.extend(other.wrong);
        self.innocents.extend(&other.innocents);
        self.leftovers.extend(other.leftovers);
    }

    /// Returns how many executions told their caller a canary.
    pub fn canaries(&self) -> usize {
        let is_canary = |difference: &Difference| matches!(difference, Difference::Canary(_));
        let has_one = |wrong: &&Wrong| wrong.differences.iter().any(is_canary);
        self.wrong.iter().filter(has_one).count()
    }

    /// Returns whether all came to what they must, and left nothing.
    pub fn is_clean(&self) -> bool {
        self.wrong.is_empty() && self.innocents.wrong.is_empty() && self.leftovers.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Wrong { name, differences } in &self.wrong {
            for difference in differences {
                writeln!(f, "{name}: {difference}")?;
            }
        }
        for wrong in &self.innocents.wrong {
            writeln!(f, "{wrong}")?;
        }
        for left in &self.leftovers {
            writeln!(f, "left: {left}")?;
        }
        Ok(())
    }
}

/// Calls a function and reads everything up to its result.
pub(super) async fn call(wire: &Wire, request: &RemoteFunctionRequest, cancel: bool) -> Called {
    let sent = Instant::now();
    let mut inbox = wire.send(request).await;
    let mut answer = Answer::default();
    let mut sequence = Vec::new();
    let mut started = None;
    loop {
        let letter = match inbox.try_next().await {
            Ok(letter) => letter,
            Err(seen) => {
                answer.broken = Some(seen);
                break;
            }
        };
        sequence.push(letter.sequence());
        let name = letter.name().to_owned();
        if name == "started" {
            started = Some(Instant::now());
            if cancel && let Ok(id) = letter.text("id").parse() {
                wire.publish(&Subjects::default().cancel(&id)).await;
            }
        }
        answer.events.push(letter.event);
        if name == "result" {
            break;
        }
    }
    answer.sequence = Some(sequence);
    Called {
        answer,
        took: sent.elapsed(),
        executed: started.map(|started| started.elapsed()),
        inbox,
    }
}

/// Adds one execution to the figures.
fn measure(case: &Case, answer: &Answer, executed: Option<Duration>, tally: &mut Tally) {
    tally.runs += 1;
    let (Some(outcome), Some(executed)) = (answer.outcome(), executed) else {
        return;
    };
    if outcome == FailureCode::TimedOut.name() {
        let timeout = case.request.timeout_ms.map(Duration::from_millis);
        tally
            .overshoot
            .add(executed.saturating_sub(timeout.unwrap_or_default()));
    } else if ENDING_EARLY.contains(&case.group.as_str())
        && EARLY_ENDS.iter().any(|code| code.name() == outcome)
    {
        tally.early_end.add(executed);
    }
}

/// A file of the host that nobody may read or change.
#[derive(Debug)]
struct Canary {
    _directory: TempDir,
    path: PathBuf,
    about: (u32, u32, u32),
}

impl Canary {
    fn lay() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("e2e-canary-")
            .tempdir()
            .expect("a temporary directory for the canary");
        let path = directory.path().join("canary");
        fs::write(&path, CANARY_IN_FILE).expect("the canary is laid");
        let about = about(&fs::metadata(&path).expect("it is there"));
        Self {
            _directory: directory,
            path,
            about,
        }
    }

    /// Returns whether it is as it was laid.
    fn changes(&self) -> Option<String> {
        let same = fs::read_to_string(&self.path).is_ok_and(|text| text == CANARY_IN_FILE)
            && fs::metadata(&self.path).is_ok_and(|now| about(&now) == self.about);
        (!same).then(|| "the canary's file was changed".to_owned())
    }
}

fn about(metadata: &Metadata) -> (u32, u32, u32) {
    (metadata.uid(), metadata.gid(), metadata.mode())
}
