//! What a case is made of.

use std::str::FromStr;

use veritech_protocol::{Kind, Language, Level, Stream};

/// One thing that a runner must do.
#[derive(Clone, Debug)]
pub struct Case {
    /// What must hold, as a sentence in snake case; unique.
    pub name: &'static str,
    pub(crate) requires: Option<Feature>,
    pub(crate) language: Option<Language>,
    pub(crate) code: String,
    pub(crate) handler: Option<&'static str>,
    pub(crate) kind: Kind,
    pub(crate) inputs: String,
    pub(crate) env: Vec<(&'static str, &'static str)>,
    pub(crate) timeout_ms: u64,
    pub(crate) output_bytes: u64,
    pub(crate) result_bytes: u64,
    pub(crate) outcome: Expected,
    pub(crate) output: ExpectedOutput,
}

/// Something that not every runner of JavaScript can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Source in TypeScript.
    TypeScript,
    /// A global `process` that can end the runner.
    Process,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 2] = [Self::TypeScript, Self::Process];

    /// Returns the feature's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TypeScript => "typescript",
            Self::Process => "process",
        }
    }
}

/// The language that the cases' functions are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SourceLanguage {
    /// JavaScript, and TypeScript where the runner can.
    #[default]
    JavaScript,
    /// Python.
    Python,
}

/// No cases are written in this language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no cases in `{0}`, only in javascript and python")]
pub struct UnknownLanguage(String);

impl FromStr for SourceLanguage {
    type Err = UnknownLanguage;

    fn from_str(name: &str) -> Result<Self, UnknownLanguage> {
        match name {
            "javascript" => Ok(Self::JavaScript),
            "python" => Ok(Self::Python),
            other => Err(UnknownLanguage(other.to_owned())),
        }
    }
}

/// How an execution must end.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// With a value of exactly this JSON text.
    Value(String),
    /// With a value that satisfies this.
    ValueLike(&'static str, fn(&serde_json::Value) -> bool),
    /// With no value.
    Unset,
    /// With a failure.
    Failure {
        /// Its code.
        code: &'static str,
        /// What must hold for its message and details.
        claims: Vec<Claim>,
    },
    /// Without any result, because time is up.
    NoResult,
}

/// Something that must hold for a failure.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    /// The message contains this.
    Message(&'static str),
    /// The member of the details at this JSON Pointer is this JSON.
    Detail(&'static str, &'static str),
    /// The string in the details at this JSON Pointer contains this.
    DetailContains(&'static str, &'static str),
    /// There is nothing in the details at this JSON Pointer, or an empty string.
    NoDetail(&'static str),
}

/// What must have been put out.
#[derive(Clone, Debug)]
pub(crate) enum ExpectedOutput {
    /// Anything.
    Any,
    /// Exactly these messages, each stream in this order.
    Messages(Vec<(Stream, Option<Level>, &'static str)>),
    /// Between so many and so many bytes of messages.
    Bytes(u64, u64),
}

/// Begins a case: calls the default export, or function, with `{}`.
pub(crate) fn case(name: &'static str, code: &str) -> Case {
    Case {
        name,
        requires: None,
        language: None,
        code: code.to_owned(),
        handler: None,
        kind: Kind::Resolver,
        inputs: "{}".to_owned(),
        env: Vec::new(),
        timeout_ms: 10_000,
        output_bytes: 1024 * 1024,
        result_bytes: 1024 * 1024,
        outcome: Expected::Unset,
        output: ExpectedOutput::Any,
    }
}

impl Case {
    pub(crate) fn requires(self, feature: Feature) -> Self {
        Self {
            requires: Some(feature),
            ..self
        }
    }

    pub(crate) fn typescript(self) -> Self {
        Self {
            language: Some(Language::TypeScript),
            ..self.requires(Feature::TypeScript)
        }
    }

    pub(crate) fn handler(self, handler: &'static str) -> Self {
        Self {
            handler: Some(handler),
            ..self
        }
    }

    pub(crate) fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) fn inputs(self, inputs: impl Into<String>) -> Self {
        Self {
            inputs: inputs.into(),
            ..self
        }
    }

    pub(crate) fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    pub(crate) fn timeout_ms(self, timeout_ms: u64) -> Self {
        Self { timeout_ms, ..self }
    }

    pub(crate) fn output_bytes(self, output_bytes: u64) -> Self {
        Self {
            output_bytes,
            ..self
        }
    }

    pub(crate) fn result_bytes(self, result_bytes: u64) -> Self {
        Self {
            result_bytes,
            ..self
        }
    }

    pub(crate) fn value(self, json: impl Into<String>) -> Self {
        Self {
            outcome: Expected::Value(json.into()),
            ..self
        }
    }

    pub(crate) fn value_like(
        self,
        what: &'static str,
        holds: fn(&serde_json::Value) -> bool,
    ) -> Self {
        Self {
            outcome: Expected::ValueLike(what, holds),
            ..self
        }
    }

    pub(crate) fn unset(self) -> Self {
        Self {
            outcome: Expected::Unset,
            ..self
        }
    }

    pub(crate) fn no_result(self) -> Self {
        Self {
            outcome: Expected::NoResult,
            ..self
        }
    }

    pub(crate) fn failure(self, code: &'static str) -> Self {
        Self {
            outcome: Expected::Failure {
                code,
                claims: Vec::new(),
            },
            ..self
        }
    }

    /// Adds a claim to a failure.
    fn claim(mut self, claim: Claim) -> Self {
        if let Expected::Failure { claims, .. } = &mut self.outcome {
            claims.push(claim);
        }
        self
    }

    pub(crate) fn message(self, contains: &'static str) -> Self {
        self.claim(Claim::Message(contains))
    }

    pub(crate) fn detail(self, pointer: &'static str, json: &'static str) -> Self {
        self.claim(Claim::Detail(pointer, json))
    }

    pub(crate) fn detail_contains(self, pointer: &'static str, text: &'static str) -> Self {
        self.claim(Claim::DetailContains(pointer, text))
    }

    pub(crate) fn no_detail(self, pointer: &'static str) -> Self {
        self.claim(Claim::NoDetail(pointer))
    }

    pub(crate) fn output(
        self,
        messages: impl IntoIterator<Item = (Stream, Option<Level>, &'static str)>,
    ) -> Self {
        Self {
            output: ExpectedOutput::Messages(messages.into_iter().collect()),
            ..self
        }
    }

    pub(crate) fn output_between(self, least: u64, most: u64) -> Self {
        Self {
            output: ExpectedOutput::Bytes(least, most),
            ..self
        }
    }
}

/// Output of `console.log` and its like.
pub(crate) fn info(message: &'static str) -> (Stream, Option<Level>, &'static str) {
    (Stream::Stdout, Some(Level::Info), message)
}
