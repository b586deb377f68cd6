//! Runs the cases and reports on them.

use std::fmt;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use futures_util::{StreamExt as _, stream};

use crate::case::{Case, Expected, Feature, SourceLanguage, case};
use crate::cases;
use crate::check::check;
use crate::harness::{Cyclones, observe};
use crate::processes::{ProcessError, Processes};

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The runner's command.
    pub command: Vec<String>,
    /// The language of the functions.
    pub language: SourceLanguage,
    /// Only the cases whose name contains this.
    pub filter: Option<String>,
    /// Whether to print the names of the cases instead.
    pub list: bool,
    /// The cyclone to use; this very program by default.
    pub cyclone: Option<PathBuf>,
}

/// How the cases went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// How many need what the runner cannot do.
    pub skipped: usize,
}

impl Summary {
    /// Returns whether there were cases and none failed.
    pub fn is_success(&self) -> bool {
        self.failed == 0 && self.passed + self.skipped > 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// The cases could not be run.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// No runtime to talk to cyclones with.
    #[error("failed to start the runtime")]
    Runtime(#[source] io::Error),

    /// No cyclone to run them through.
    #[error(transparent)]
    Cyclone(#[from] ProcessError),

    /// Nowhere to report.
    #[error("failed to write the report")]
    Report(#[source] io::Error),
}

/// Runs the cases against a command, each through a cyclone that is a process, with a line for each
/// on `report`.
///
/// # Errors
///
/// Returns a [`SuiteError`] if nothing could be run; a case that fails is counted instead.
pub fn run(options: &Options, report: &mut dyn Write) -> Result<Summary, SuiteError> {
    if options.list {
        return list(options, report);
    }
    let processes = Processes::new(options.cyclone.clone(), &options.command)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(SuiteError::Runtime)?;
    runtime.block_on(run_through(&processes, options, report))
}

/// Runs the cases, as many at a time as there are processors, each through a cyclone of `cyclones`,
/// with a line for each on `report`.
///
/// # Errors
///
/// Returns [`SuiteError::Report`]; a case that fails is counted instead.
pub async fn run_through(
    cyclones: &impl Cyclones,
    options: &Options,
    report: &mut dyn Write,
) -> Result<Summary, SuiteError> {
    let mut summary = Summary::default();
    let missing = match options.language {
        SourceLanguage::JavaScript => missing_features(cyclones).await,
        SourceLanguage::Python => Vec::new(),
    };
    let verdicts = chosen(options).map(|case| {
        let lacking = case.requires.filter(|feature| missing.contains(feature));
        async move {
            let verdict = match lacking {
                Some(feature) => Verdict::Skipped(feature),
                None => judge(cyclones, &case).await,
            };
            (case.name, verdict)
        }
    });
    let mut verdicts = stream::iter(verdicts).buffered(parallelism());
    while let Some((name, verdict)) = verdicts.next().await {
        let line = match verdict {
            Verdict::Passed => {
                summary.passed += 1;
                format!("ok   {name}")
            }
            Verdict::Failed(reason) => {
                summary.failed += 1;
                format!("FAIL {name}: {reason}")
            }
            Verdict::Skipped(feature) => {
                summary.skipped += 1;
                format!("skip {name} (the runner has no {})", feature.name())
            }
        };
        writeln!(report, "{line}").map_err(SuiteError::Report)?;
    }
    writeln!(report, "{summary}").map_err(SuiteError::Report)?;
    Ok(summary)
}

/// Prints the names of the cases.
fn list(options: &Options, report: &mut dyn Write) -> Result<Summary, SuiteError> {
    let mut summary = Summary::default();
    for case in chosen(options) {
        writeln!(report, "{}", case.name).map_err(SuiteError::Report)?;
        summary.skipped += 1;
    }
    Ok(summary)
}

/// Returns the cases that `options` ask for.
fn chosen(options: &Options) -> impl Iterator<Item = Case> {
    cases::all(options.language).into_iter().filter(|case| {
        options
            .filter
            .as_ref()
            .is_none_or(|filter| case.name.contains(filter.as_str()))
    })
}

/// How a case went.
#[derive(Debug)]
enum Verdict {
    /// It held.
    Passed,
    /// It did not, for this reason.
    Failed(String),
    /// The runner cannot do what it needs.
    Skipped(Feature),
}

/// Returns how many cases are run at a time.
fn parallelism() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

async fn judge(cyclones: &impl Cyclones, case: &Case) -> Verdict {
    let verdict = match observe(cyclones, case).await {
        Ok(observed) => check(case, &observed),
        Err(error) => Err(chain(&error)),
    };
    match verdict {
        Ok(()) => Verdict::Passed,
        Err(reason) => Verdict::Failed(reason),
    }
}

/// Returns the error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Finds out what the runner cannot do.
async fn missing_features(cyclones: &impl Cyclones) -> Vec<Feature> {
    let mut missing = Vec::new();
    for feature in Feature::ALL {
        let probe = match feature {
            Feature::TypeScript => {
                case("probe", "const one: number = 1;\nexport default () => one").typescript()
            }
            Feature::Process => case(
                "probe",
                "export default () => typeof globalThis.process?.exit === 'function' ? 1 : 0",
            ),
        };
        let probe = Case {
            outcome: Expected::Value("1".to_owned()),
            ..probe
        };
        if !matches!(judge(cyclones, &probe).await, Verdict::Passed) {
            missing.push(feature);
        }
    }
    missing
}
