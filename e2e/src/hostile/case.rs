//! One hostile function on one runtime, and what must come of it there.

use serde::Deserialize;
use serde_json::{Map, Value};
use veritech_protocol::{FailureCode, Origin, RemoteFunctionRequest};

use super::header::{Deviation, Header};
use crate::functions::{DENO, NODE, PYTHON, QUICKJS};

/// What an outcome is called that is no failure.
pub(super) const SUCCESS: &str = "success";

/// What executes functions of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// QuickJS.
    Quickjs,
    /// Node.js.
    Node,
    /// Deno.
    Deno,
    /// CPython.
    Python,
}

impl Runtime {
    /// Returns its image, as the tests call it.
    pub const fn image(self) -> &'static str {
        match self {
            Self::Quickjs => QUICKJS,
            Self::Node => NODE,
            Self::Deno => DENO,
            Self::Python => PYTHON,
        }
    }

    /// Returns its name in a function's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quickjs => "quickjs",
            Self::Node => "node",
            Self::Deno => "deno",
            Self::Python => "python",
        }
    }
}

/// What must come of a function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// [`success`](Self::may_succeed) or codes of failures; any of them will do.
    pub outcomes: Vec<String>,
    /// The value of a success; `None` is unset.
    pub value: Option<Value>,
    /// What a failure's details must have.
    pub details: Map<String, Value>,
    /// What a failure's message must contain.
    pub message: Option<String>,
    /// What must be among the output.
    pub output: Option<String>,
    /// What must not be among it.
    pub no_output: Option<String>,
}

/// One function on one runtime.
#[derive(Clone, Debug)]
pub struct Case {
    /// The group of the function.
    pub group: String,
    /// The function's name and the runtime's: `exits/exit_zero (node)`.
    pub name: String,
    /// What executes it.
    pub runtime: Runtime,
    /// The request for it, with the image as the tests call it.
    pub request: RemoteFunctionRequest,
    /// What must come of it.
    pub expected: Expectation,
    /// How many executions there are, one after another.
    pub runs: usize,
    /// Whether it is cancelled as soon as it has started.
    pub cancel: bool,
}

impl Expectation {
    /// Returns what a file says of `runtime`, or what is wrong with that.
    pub(super) fn of(header: &Header, runtime: Runtime) -> Result<Self, String> {
        let nothing = Deviation::default();
        let own = header.per.get(&runtime).unwrap_or(&nothing);
        let outcomes = own.outcome.as_ref().unwrap_or(&header.outcome).names();
        if outcomes.is_empty() {
            return Err("it has no outcome".to_owned());
        }
        for name in outcomes.iter().filter(|name| *name != SUCCESS) {
            if failure_code(name).is_none() {
                return Err(format!("`{name}` is neither `success` nor a code"));
            }
        }
        // What is said of one failure says nothing of another.
        let inherits = own.outcome.is_none();
        let expectation = Self {
            value: match (&own.value, own.unset) {
                (Some(value), _) => Some(value.clone()),
                (None, true) => None,
                (None, false) => header.value.clone(),
            },
            details: own
                .details
                .clone()
                .or_else(|| header.details.clone().filter(|_| inherits))
                .unwrap_or_default(),
            message: own
                .message
                .clone()
                .or_else(|| header.message.clone().filter(|_| inherits)),
            output: header.output.clone(),
            no_output: header.no_output.clone(),
            outcomes,
        };
        let unset = own.unset || (header.unset && own.value.is_none());
        if expectation.may_succeed() && expectation.value.is_some() == unset {
            return Err("a success is a `value` or `unset`".to_owned());
        }
        if header.cancel && expectation.outcomes != [FailureCode::Cancelled.name()] {
            return Err("what is cancelled must be `cancelled`".to_owned());
        }
        Ok(expectation)
    }

    /// Returns whether it may succeed.
    pub fn may_succeed(&self) -> bool {
        self.outcomes.iter().any(|name| name == SUCCESS)
    }
}

/// Returns the failure of this name.
fn failure_code(name: &str) -> Option<FailureCode> {
    FailureCode::ALL
        .iter()
        .copied()
        .find(|code| code.name() == name)
}

/// Returns whose doing the failure of this name is: never the system's, for a function.
pub(super) fn origin(name: &str) -> Origin {
    match failure_code(name).map(FailureCode::origin) {
        Some(Origin::Request) => Origin::Request,
        Some(Origin::User | Origin::System) | None => Origin::User,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(members: &str, runtime: Runtime) -> Result<Expectation, String> {
        let header = Header::read(&format!("# Tries.\n#\n{members}"), "#")?;
        Expectation::of(&header, runtime)
    }

    #[test]
    fn a_runtime_that_differs_differs_in_what_it_says() {
        let members = "# images: [\"node\", \"deno\"]\n# outcome: \"exception\"\n\
                       # details: {\"class\": \"TypeError\"}\n# message: \"no\"\n\
                       # per: {\"deno\": {\"outcome\": \"success\", \"value\": 1}}\n";
        let node = expected(members, Runtime::Node).expect("well-formed");
        assert_eq!(node.outcomes, ["exception"]);
        assert_eq!(node.message.as_deref(), Some("no"));
        let deno = expected(members, Runtime::Deno).expect("well-formed");
        assert_eq!(
            (deno.outcomes, deno.value),
            (vec!["success".to_owned()], Some(1.into()))
        );
        assert_eq!((deno.details.len(), deno.message), (0, None));
    }

    #[test]
    fn expectations_that_nothing_can_meet_are_refused() {
        for members in [
            "# images: [\"node\"]\n# outcome: \"success\"\n",
            "# images: [\"node\"]\n# outcome: \"success\"\n# value: 1\n# unset: true\n",
            "# images: [\"node\"]\n# outcome: \"no_such_code\"\n",
            "# images: [\"node\"]\n# outcome: []\n",
            "# images: [\"node\"]\n# outcome: \"timed_out\"\n# cancel: true\n",
        ] {
            expected(members, Runtime::Node).expect_err(members);
        }
    }
}
