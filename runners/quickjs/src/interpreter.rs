//! The language, warm and waiting for one function.
//!
//! ```text
//!   Interpreter::start ──▶ (ready) ──▶ execute ──┬─ value, unset ──▶ Outcome
//!     prelude, warm-up                           └─ thrown ─ memory limit lifted ─ described ──▶ Outcome
//! ```

use std::rc::Rc;

use rquickjs::{CatchResultExt as _, Context, Error, Exception, Runtime};
use rustix::process::{Resource, getrlimit};

use crate::failure::{Failure, Thrown};
use crate::function::{Run, Stopped, When};
use crate::host::{Host, Kept, Text};
use crate::imports::NoModules;
use crate::prelude::{self, Hooks};
use crate::protocol::{Execution, Outcome};

/// Memory that the language leaves to the runner, so that a failure for want of memory can be
/// reported.
const RESERVE_BYTES: u64 = 4 << 20;

/// The most stack that the language uses.
const MAX_STACK_BYTES: u64 = 4 << 20;

/// Memory in use when cycles are first looked for: several times what the start needs, in which there
/// are none to be found.
const GC_BYTES: usize = 1 << 20;

/// The largest value of an execution that names no limit.
const DEFAULT_RESULT_BYTES: usize = 1 << 20;

/// A context in which nothing of a function has run yet.
pub(crate) struct Interpreter {
    runtime: Runtime,
    context: Context,
    hooks: Hooks,
    host: Rc<Host>,
}

/// The language could not be started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// There is not even memory for it.
    #[error("failed to create a runtime of the language")]
    Create(#[source] Error),
    /// A script of the prelude failed.
    #[error("failed to load the prelude: {0}")]
    Prelude(String),
    /// The function that warms the path failed.
    #[error("failed to warm up: {0:?}")]
    WarmUp(Box<Failure>),
    /// It took longer than any start may.
    #[error("failed to warm up in time")]
    Late,
}

impl Interpreter {
    /// Starts the language and warms the path that every function takes.
    pub(crate) fn start(host: Rc<Host>) -> Result<Self, StartError> {
        let runtime = Runtime::new().map_err(StartError::Create)?;
        runtime.set_gc_threshold(GC_BYTES);
        runtime.set_max_stack_size(stack_bytes());
        runtime.set_loader(NoModules, NoModules);
        let tracker = Rc::clone(&host);
        runtime.set_host_promise_rejection_tracker(Some(Box::new(
            move |ctx, promise, reason, is_handled| {
                tracker.track_rejection(&ctx, promise, reason, is_handled);
            },
        )));
        let watch = Rc::clone(&host);
        runtime.set_interrupt_handler(Some(Box::new(move || watch.has_given_up())));

        let context = Context::full(&runtime).map_err(StartError::Create)?;
        let hooks = context.with(|ctx| {
            prelude::load(&ctx, &host)
                .catch(&ctx)
                .map_err(|error| StartError::Prelude(error.to_string()))
        })?;
        let interpreter = Self {
            runtime,
            context,
            hooks,
            host,
        };
        interpreter.warm_up()?;
        interpreter.runtime.set_memory_limit(memory_limit());
        Ok(interpreter)
    }

    /// Makes a copy of this interpreter, in a process that was forked, one that was just started.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn be_born(&self) -> Result<(), StartError> {
        self.runtime.set_memory_limit(memory_limit());
        self.context.with(|ctx| {
            let reseed = self.hooks.get(&ctx, "reseed");
            reseed
                .and_then(|reseed| reseed.call::<_, ()>(()))
                .catch(&ctx)
                .map_err(|error| StartError::Prelude(error.to_string()))
        })
    }

    /// Takes a function that does next to nothing through everything that a real one goes through.
    fn warm_up(&self) -> Result<(), StartError> {
        match self.with(|run| run.warm_up()) {
            Ok(()) => Ok(()),
            Err(Stopped::Thrown(thrown, when)) => {
                Err(StartError::WarmUp(Box::new(self.describe(thrown, when))))
            }
            Err(Stopped::Failure(failure)) => Err(StartError::WarmUp(failure)),
            Err(Stopped::GivenUp) => Err(StartError::Late),
        }
    }

    /// Runs one function to its end; `None` if the runner gave up on it.
    pub(crate) fn execute(&self, execution: &Execution) -> Option<Outcome> {
        let limit = execution.result_bytes.unwrap_or(DEFAULT_RESULT_BYTES);
        self.host.text.replace(Text::up_to(limit));
        self.host.source.replace(execution.code.clone());
        match self.with(|run| run.execution(execution)) {
            Ok(outcome) => Some(outcome),
            Err(Stopped::Failure(failure)) => Some(Outcome::Failure(*failure)),
            Err(Stopped::GivenUp) => None,
            Err(Stopped::Thrown(thrown, when)) => {
                Some(Outcome::Failure(self.describe(thrown, when)))
            }
        }
    }

    /// Enters the language.
    fn with<R>(&self, enter: impl FnOnce(&Run<'_, '_>) -> R) -> R {
        self.context.with(|ctx| {
            enter(&Run {
                ctx: &ctx,
                hooks: &self.hooks,
                host: &self.host,
            })
        })
    }

    /// Describes what was thrown, with the memory that was kept in reserve.
    fn describe(&self, thrown: Kept, when: When) -> Failure {
        let is_exhausted = self.is_exhausted();
        self.runtime.set_memory_limit(0);
        let source = self.host.source.borrow();
        let described = self.with(|run| {
            let mut thrown = thrown.restore(run.ctx)?;
            if thrown.is_null() && is_exhausted {
                // The language throws this when there is no memory even for an error.
                let error = Exception::from_message(run.ctx.clone(), "out of memory")?;
                error.set("name", "InternalError")?;
                thrown = error.into_value();
            }
            let describe = self.hooks.get(run.ctx, "describe")?;
            Thrown::describe(&describe, thrown, &source)
        });
        match (described, when) {
            (Ok(thrown), When::Parsing) => Failure::syntax_error(thrown),
            (Ok(thrown), When::Running) => Failure::thrown(thrown, None),
            (Ok(thrown), When::Unhandled(unhandled)) => Failure::thrown(thrown, Some(unhandled)),
            (Err(_), _) => Failure::exception(
                "the function failed, and so did the attempt to say how".to_owned(),
                None,
            ),
        }
    }

    /// Whether hardly any of the language's memory is left.
    fn is_exhausted(&self) -> bool {
        const LEAST_BYTES: usize = 64 << 10;
        let used = usize::try_from(self.runtime.memory_usage().malloc_size).unwrap_or(0);
        let limit = memory_limit();
        limit != 0 && used.saturating_add(LEAST_BYTES) > limit
    }
}

/// How much of the process's stack the language may use: half of it, since the runner's own frames
/// and those of the C library are not counted exactly.
fn stack_bytes() -> usize {
    let limit = getrlimit(Resource::Stack).current.unwrap_or(u64::MAX);
    usize::try_from((limit / 2).min(MAX_STACK_BYTES)).unwrap_or(usize::MAX)
}

/// How much memory the language may use: what the process may, less a reserve; zero is no limit.
fn memory_limit() -> usize {
    let limit = getrlimit(Resource::Data).current;
    limit.map_or(0, |limit| {
        usize::try_from(limit.saturating_sub(RESERVE_BYTES).max(RESERVE_BYTES)).unwrap_or(0)
    })
}
