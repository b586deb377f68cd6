//! Which runner executes the functions of an image: what an image says of itself
//! by its labels, or one of our own, injected.

use std::fmt;
use std::str::FromStr;

use crate::limits::Limits;
use crate::reference::{ImagePattern, RegistryReference};

/// The label with the command of an image's runner, split into words as a shell does.
pub const RUNNER_LABEL: &str = "org.veritech.runner";

/// The label with the languages that it executes, separated by commas, the
/// default first.
pub const LANGUAGES_LABEL: &str = "org.veritech.languages";

/// The label with the variables, as `NAME=VALUE` separated by spaces, that its
/// language needs to start.
pub const ENVIRONMENT_LABEL: &str = "org.veritech.runner-env";

/// What stands in a runner's command for the memory limit of its sandbox, in
/// mebibytes.
///
/// A language runtime that knows its limit collects garbage in time, instead of
/// growing until it is killed.
pub const MEMORY_MIB: &str = "{memory_mib}";

/// The QuickJS runner, inside every sandbox.
const QUICKJS: &str = "/veritech/quickjs";

/// The JavaScript runner for Node.js, inside every sandbox.
const NODE: &str = "/veritech/javascript/bundle/node.cjs";

/// The same for Deno.
const DENO: &str = "/veritech/javascript/bundle/deno.mjs";

/// The most bytes that a label may have.
const MAX_LABEL_BYTES: usize = 4096;

/// How the functions of an image are executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runner {
    /// The command of the runner, split into words as a shell does. A program
    /// without a slash is searched for by cyclone. [`MEMORY_MIB`] stands for the
    /// sandbox's limit: see [`command_within`].
    pub command: String,
    /// Variables, as `NAME=VALUE`, of an environment that is empty otherwise.
    pub environment: Vec<String>,
    /// The languages that it executes, the default first; empty if that is not
    /// known.
    pub languages: Vec<String>,
}

/// A label that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its label `{label}` {problem}")]
pub struct InvalidLabel {
    /// Which.
    pub label: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Runner {
    /// Reads what an image says of itself, `None` if it brings no runner along.
    ///
    /// # Errors
    ///
    /// Returns the label that cannot be used.
    pub fn from_labels<'a>(
        label: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, InvalidLabel> {
        let read = |name: &'static str| match label(name) {
            Some(text) if text.len() > MAX_LABEL_BYTES => Err(InvalidLabel {
                label: name,
                problem: "is longer than 4096 bytes",
            }),
            Some(text) if text.contains(char::is_control) => Err(InvalidLabel {
                label: name,
                problem: "has control characters",
            }),
            text => Ok(text.map(str::trim)),
        };
        let languages = read(LANGUAGES_LABEL)?.unwrap_or_default();
        let environment = read(ENVIRONMENT_LABEL)?.unwrap_or_default();
        let Some(command) = read(RUNNER_LABEL)? else {
            return Ok(None);
        };
        if command.is_empty() {
            return Err(InvalidLabel {
                label: RUNNER_LABEL,
                problem: "is empty",
            });
        }
        let environment: Vec<String> = environment.split_whitespace().map(str::to_owned).collect();
        if environment.iter().any(|variable| {
            variable
                .split_once('=')
                .is_none_or(|(name, _)| name.is_empty())
        }) {
            return Err(InvalidLabel {
                label: ENVIRONMENT_LABEL,
                problem: "must be NAME=VALUE, separated by spaces",
            });
        }
        Ok(Some(Self {
            command: command.to_owned(),
            environment,
            languages: languages
                .split(',')
                .map(str::trim)
                .filter(|language| !language.is_empty())
                .map(str::to_owned)
                .collect(),
        }))
    }
}

/// Returns a runner's command for a sandbox with these limits.
pub fn command_within(command: &str, limits: &Limits) -> String {
    let mebibytes = (limits.memory_bytes >> 20).max(1);
    command.replace(MEMORY_MIB, &mebibytes.to_string())
}

/// What a runner of ours is told to become a zygote: warm, and without an execution, the parent of
/// runners that are.
const ZYGOTE: &str = "--zygote";

/// Returns how a zygote is started whose children are what this command of a runner of ours, with
/// its limits in place, starts; `None` for any other command, and where there are no zygotes: they are
/// written for x86-64.
///
/// A runtime that has one thread only can be forked.
pub fn zygote_command(runner: &str) -> Option<Vec<String>> {
    const SINGLE_THREADED: &str = "--single-threaded";
    if !cfg!(target_arch = "x86_64") {
        return None;
    }
    let mut words: Vec<String> = runner.split_whitespace().map(str::to_owned).collect();
    match (words.last()?.as_str(), words.get(1).map(String::as_str)) {
        (QUICKJS, None) => {}
        (DENO, Some("run")) => {
            let flags = words
                .iter_mut()
                .find(|word| word.starts_with("--v8-flags="))?;
            flags.push(',');
            flags.push_str(SINGLE_THREADED);
        }
        (NODE, Some(_)) => {
            words.splice(
                1..1,
                [SINGLE_THREADED, "--v8-pool-size=0"].map(str::to_owned),
            );
        }
        _ => return None,
    }
    words.push(ZYGOTE.to_owned());
    Some(words)
}

/// Images that bring no runner along and get one of ours, with cyclone, injected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectionRule {
    /// Which images.
    pub pattern: ImagePattern,
    /// Which runner; by the last word of the image's name if `None`.
    pub runner: Option<OwnRunner>,
}

/// The runner of an image, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenRunner {
    /// How functions are executed.
    pub runner: Runner,
    /// Whether cyclone and the runner are injected, rather than part of the image.
    pub injected: bool,
}

/// Why an image cannot execute functions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRunner {
    /// What it says of itself cannot be used.
    #[error(transparent)]
    Label(#[from] InvalidLabel),

    /// It says nothing, and nothing is to be injected.
    #[error(
        "it has no label `{RUNNER_LABEL}`; build it from a veritech image, or allow injection for it \
         (`inject = true`)"
    )]
    NotInjected,

    /// It says nothing, and which runner fits is not known.
    #[error(
        "which runner fits it is not known; name one of quickjs, node, deno, python (`runner`)"
    )]
    UnknownInterpreter,
}

/// Chooses the runner of an image: what its labels say, otherwise what the first
/// rule that fits it injects.
///
/// # Errors
///
/// Returns a [`NoRunner`] if functions cannot be executed in the image.
pub fn choose_runner<'a>(
    rules: &[InjectionRule],
    reference: &RegistryReference,
    label: impl Fn(&str) -> Option<&'a str>,
) -> Result<ChosenRunner, NoRunner> {
    if let Some(runner) = Runner::from_labels(label)? {
        return Ok(ChosenRunner {
            runner,
            injected: false,
        });
    }
    let name = format!("{}/{}", reference.registry(), reference.repository());
    let rule = rules
        .iter()
        .find(|rule| rule.pattern.fits(&name, reference.tag()))
        .ok_or(NoRunner::NotInjected)?;
    let runner = rule
        .runner
        .or_else(|| OwnRunner::for_image(reference.short_name()))
        .ok_or(NoRunner::UnknownInterpreter)?;
    Ok(ChosenRunner {
        runner: runner.injected(),
        injected: true,
    })
}

/// A runner that every veritech brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnRunner {
    /// QuickJS, which needs no interpreter.
    QuickJs,
    /// For Node.js.
    Node,
    /// For Deno.
    Deno,
    /// For CPython.
    Python,
}

/// A name that is none of our runners'.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the runners quickjs, node, deno and python")]
pub struct UnknownRunner(String);

impl OwnRunner {
    /// Every runner.
    pub const ALL: [Self; 4] = [Self::QuickJs, Self::Node, Self::Deno, Self::Python];

    /// Returns the runner's name in configurations and options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QuickJs => "quickjs",
            Self::Node => "node",
            Self::Deno => "deno",
            Self::Python => "python",
        }
    }

    /// Returns the program that it needs, if any.
    pub const fn interpreter(self) -> Option<&'static str> {
        match self {
            Self::QuickJs => None,
            Self::Node => Some("node"),
            Self::Deno => Some("deno"),
            Self::Python => Some("python3"),
        }
    }

    /// Returns the languages that it executes, the default first.
    pub const fn languages(self) -> &'static [&'static str] {
        match self {
            Self::QuickJs => &["javascript"],
            Self::Node | Self::Deno => &["javascript", "typescript"],
            Self::Python => &["python"],
        }
    }

    /// Returns the variables that its language needs to start.
    pub const fn environment(self) -> &'static [&'static str] {
        match self {
            Self::QuickJs | Self::Node | Self::Python => &[],
            // Without a home it does not start, and it must not write to one.
            Self::Deno => &["DENO_DIR=/dev/null"],
        }
    }

    /// Returns how it is started by an interpreter at `interpreter`, with
    /// `options` for that.
    pub fn command(self, interpreter: &str, options: &[&str]) -> String {
        let fixed: &[&str] = match self {
            Self::QuickJs => return QUICKJS.to_owned(),
            Self::Node => &[
                "--experimental-vm-modules",
                "--no-warnings",
                "--max-old-space-size={memory_mib}",
            ],
            Self::Deno => &[
                "run",
                "-A",
                "--no-remote",
                "--no-npm",
                "--no-prompt",
                "--no-config",
                "--no-lock",
                "--no-code-cache",
                "--quiet",
                "--v8-flags=--max-old-space-size={memory_mib}",
            ],
            // Isolated from variables, site packages and the user's own; nothing
            // compiled is written; text is UTF-8 whatever the locale.
            Self::Python => &["-I", "-S", "-B", "-X", "utf8"],
        };
        let script = match self {
            Self::QuickJs | Self::Node => NODE,
            Self::Deno => DENO,
            Self::Python => "/veritech/python/runner.py",
        };
        [&[interpreter], fixed, options, &[script]]
            .concat()
            .join(" ")
    }

    /// Returns how it is injected into a stock image, whose interpreter cyclone
    /// searches for.
    pub fn injected(self) -> Runner {
        Runner {
            command: self.command(self.interpreter().unwrap_or_default(), &[]),
            environment: self.environment().iter().map(|&it| it.to_owned()).collect(),
            languages: self.languages().iter().map(|&it| it.to_owned()).collect(),
        }
    }

    /// Returns the runner for a stock image, by the last word of its name.
    pub fn for_image(short_name: &str) -> Option<Self> {
        match short_name {
            "node" => Some(Self::Node),
            "deno" => Some(Self::Deno),
            "python" => Some(Self::Python),
            _ => None,
        }
    }
}

impl fmt::Display for OwnRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for OwnRunner {
    type Err = UnknownRunner;

    fn from_str(name: &str) -> Result<Self, UnknownRunner> {
        Self::ALL
            .into_iter()
            .find(|runner| runner.name() == name)
            .ok_or_else(|| UnknownRunner(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[(&str, &'static str)]) -> Result<Option<Runner>, InvalidLabel> {
        Runner::from_labels(|name| {
            let found = labels.iter().find(|(label, _)| *label == name);
            found.map(|(_, text)| *text)
        })
    }

    #[test]
    fn an_image_says_how_its_functions_are_executed() {
        let runner = read(&[
            (RUNNER_LABEL, "/runner 'a b'"),
            (LANGUAGES_LABEL, "javascript, typescript"),
            (ENVIRONMENT_LABEL, "A=1 B=2"),
        ])
        .expect("valid")
        .expect("a runner");

        assert_eq!(runner.command, "/runner 'a b'");
        assert_eq!(runner.languages, ["javascript", "typescript"]);
        assert_eq!(runner.environment, ["A=1", "B=2"]);
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn a_language_runtime_is_told_how_much_memory_there_is() {
        let limits = Limits {
            memory_bytes: 96 << 20,
            cpu_millis: 1000,
            cpu_time: std::time::Duration::from_secs(1),
            processes: 8,
            disk_bytes: 1 << 20,
        };
        for runner in [OwnRunner::Node, OwnRunner::Deno] {
            let command = command_within(&runner.injected().command, &limits);
            assert!(command.contains("--max-old-space-size=96 "), "{command}");
            assert!(!command.contains('{'), "{command}");
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn runners_of_ours_can_be_zygotes_and_others_cannot() {
        let command = |runner: OwnRunner| zygote_command(&runner.injected().command);

        let quickjs = command(OwnRunner::QuickJs).expect("a command");
        assert_eq!(quickjs, ["/veritech/quickjs", "--zygote"]);
        for runner in [OwnRunner::Node, OwnRunner::Deno] {
            let command = command(runner).expect("a command").join(" ");
            assert!(command.contains("--single-threaded"), "{command}");
            assert!(command.contains("/bundle/"), "{command}");
            assert!(command.ends_with("s --zygote"), "{command}");
        }
        assert_eq!(command(OwnRunner::Python), None);
        assert_eq!(zygote_command("/veritech/quickjs --more"), None);
        assert_eq!(zygote_command(""), None);
    }

    #[test]
    fn a_stock_image_gets_a_runner_only_where_a_rule_says_so() {
        let rules = [
            InjectionRule {
                pattern: "node:24".parse().expect("a pattern"),
                runner: None,
            },
            InjectionRule {
                pattern: "example.com/js".parse().expect("a pattern"),
                runner: Some(OwnRunner::QuickJs),
            },
            InjectionRule {
                pattern: "example.com/*".parse().expect("a pattern"),
                runner: None,
            },
        ];
        let chosen = |image, tag| {
            let reference = RegistryReference::try_new(image, tag).expect("a reference");
            choose_runner(&rules, &reference, |_| None)
        };

        let node = chosen("node", "24").expect("a runner");
        assert!(node.injected);
        assert!(node.runner.command.starts_with("node "), "{node:?}");
        let quickjs = chosen("example.com/js", "1").expect("a runner");
        assert_eq!(quickjs.runner.command, "/veritech/quickjs");
        assert_eq!(chosen("node", "20"), Err(NoRunner::NotInjected));
        assert_eq!(
            chosen("example.com/x", "1"),
            Err(NoRunner::UnknownInterpreter)
        );
    }

    #[test]
    fn labels_that_cannot_be_used_are_named() {
        for (label, text) in [
            (RUNNER_LABEL, ""),
            (RUNNER_LABEL, "a\nb"),
            (ENVIRONMENT_LABEL, "A"),
        ] {
            let labels = [(label, text), (RUNNER_LABEL, "/runner")];
            let error = read(&labels).expect_err(text);
            assert_eq!(error.label, label);
        }
    }
}
