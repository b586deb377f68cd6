//! Attempts as a program of system calls, which every intruder executes alike.
//!
//! An [`Attempt`] is a few calls in a row. It has succeeded if all of them have;
//! otherwise its outcome is the error of the first that has not. Encoded, a program
//! is a sequence of 64-bit words, little-endian:
//!
//! ```text
//! program  = number of attempts, attempt …
//! attempt  = words of data, number of pointers, number of steps, data, pointer …, step …
//! pointer  = word of the data, offset: that word becomes the address of the offset
//! step     = number of the call, least result, then six arguments:
//!            (0, number) | (1, offset in the data) | (2, step whose result it is)
//! ```

use std::collections::BTreeMap;

use e2e::TestEngine;

/// In the number of a call: it is made by the interface for 32-bit programs. Only
/// the dropped binary can.
pub(crate) const OLD_INTERFACE: i64 = 1 << 62;

/// In the number of a call: it is made by the x32 interface.
pub(crate) const X32: i64 = 0x4000_0000;

/// How an attempt fails whose calls succeed, but give less than they had to.
pub(crate) const NO_DATA: i32 = libc::ENODATA;

/// How long a step is, with six arguments.
const STEP_WORDS: usize = 14;

/// One thing that hostile code tries.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    /// Whether it does no harm on the host and succeeds there, for root.
    pub(crate) control: bool,
    data: Vec<i64>,
    pointers: Vec<(i64, i64)>,
    steps: Vec<Vec<i64>>,
}

/// What must become of an attempt inside a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It fails with one of these errors.
    Denied(Vec<i32>),
    /// It succeeds, for this reason.
    Allowed(&'static str),
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    /// A number.
    Number(i64),
    /// The address of a text, with a zero after it.
    Text(String),
    /// The address of these bytes.
    Bytes(Vec<u8>),
    /// The address of words, each a number or an address itself.
    Words(Vec<Self>),
    /// What an earlier step has returned, counted from 0.
    Result(i64),
}

use Argument::{Bytes, Number, Result, Text, Words};

/// Returns the address of a text.
pub(crate) fn text(text: impl Into<String>) -> Argument {
    Text(text.into())
}

/// Returns the address of that many zeros.
pub(crate) fn space(length: usize) -> Argument {
    Bytes(vec![0; length])
}

impl From<i32> for Argument {
    fn from(number: i32) -> Self {
        Number(i64::from(number))
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Number(number)
    }
}

/// Begins an attempt.
pub(crate) fn attempt(name: impl Into<String>) -> Attempt {
    Attempt {
        name: name.into(),
        expected: Expected::Denied(Vec::new()),
        control: false,
        data: Vec::new(),
        pointers: Vec::new(),
        steps: Vec::new(),
    }
}

impl Attempt {
    /// Makes a call, which must not fail.
    pub(crate) fn call<const N: usize>(self, number: i64, arguments: [Argument; N]) -> Self {
        self.call_for(0, number, arguments)
    }

    /// Makes a call that must return at least so much.
    pub(crate) fn call_for<const N: usize>(
        mut self,
        least: i64,
        number: i64,
        arguments: [Argument; N],
    ) -> Self {
        let mut step = vec![number, least];
        for argument in arguments {
            let (kind, value) = self.place(argument);
            step.extend([kind, value]);
        }
        step.resize(STEP_WORDS, 0);
        self.steps.push(step);
        self
    }

    /// Says that it must fail with one of these errors.
    pub(crate) fn denied(mut self, errors: &[i32]) -> Self {
        self.expected = Expected::Denied(errors.to_vec());
        self
    }

    /// Says that it may succeed, and why.
    pub(crate) fn allowed(mut self, reason: &'static str) -> Self {
        self.expected = Expected::Allowed(reason);
        self
    }

    /// Says that it may succeed with one engine, and why.
    pub(crate) fn allowed_in(self, engine: TestEngine, reason: &'static str) -> Self {
        if TestEngine::current() == engine {
            self.allowed(reason)
        } else {
            self
        }
    }

    /// Says that it succeeds on the host and does no harm there.
    pub(crate) fn harmless(mut self) -> Self {
        self.control = true;
        self
    }

    /// Puts an argument into the data, where it has to be, and returns its kind and
    /// value.
    fn place(&mut self, argument: Argument) -> (i64, i64) {
        match argument {
            Number(number) => (0, number),
            Result(step) => (2, step),
            Text(text) => self.place_bytes(text.into_bytes()),
            Bytes(bytes) => self.place_bytes(bytes),
            Words(words) => {
                let placed: Vec<_> = words.into_iter().map(|word| self.place(word)).collect();
                let at = words_of(self.data.len());
                for (kind, value) in placed {
                    if kind == 1 {
                        self.pointers.push((words_of(self.data.len()), value));
                    }
                    self.data.push(value);
                }
                (1, 8 * at)
            }
        }
    }

    /// Puts bytes and a zero after them into the data.
    fn place_bytes(&mut self, mut bytes: Vec<u8>) -> (i64, i64) {
        let at = words_of(self.data.len());
        bytes.push(0);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let words = bytes.as_chunks().0;
        self.data
            .extend(words.iter().copied().map(i64::from_le_bytes));
        (1, 8 * at)
    }

    fn encode(&self, program: &mut Vec<i64>) {
        program.extend(
            [&self.data.len(), &self.pointers.len(), &self.steps.len()].map(|it| words_of(*it)),
        );
        program.extend(&self.data);
        program.extend(self.pointers.iter().flat_map(|(at, to)| [at, to]));
        program.extend(self.steps.iter().flatten());
    }
}

fn words_of(length: usize) -> i64 {
    i64::try_from(length).expect("a program is small")
}

/// Encodes attempts for the intruders.
pub(crate) fn encode(attempts: &[Attempt]) -> Vec<u8> {
    let mut program = vec![words_of(attempts.len())];
    for attempt in attempts {
        attempt.encode(&mut program);
    }
    program.into_iter().flat_map(i64::to_le_bytes).collect()
}

/// Returns the attempts that did not end as they must, with what became of them.
pub(crate) fn surprises(attempts: &[Attempt], outcomes: &BTreeMap<String, i64>) -> Vec<String> {
    let made: Vec<_> = outcomes.keys().collect();
    let mut listed: Vec<_> = attempts.iter().map(|attempt| &attempt.name).collect();
    listed.sort();
    assert_eq!(made, listed, "an intruder makes every attempt");

    attempts
        .iter()
        .filter_map(|attempt| {
            let outcome = outcomes[&attempt.name];
            let error = i32::try_from(-outcome).expect("an error or nothing");
            let as_expected = match &attempt.expected {
                Expected::Denied(errors) => errors.contains(&error),
                Expected::Allowed(_) => error == 0,
            };
            let told = if error == 0 {
                "ALLOWED".to_owned()
            } else {
                std::io::Error::from_raw_os_error(error).to_string()
            };
            (!as_expected).then(|| format!("{}: {told}", attempt.name))
        })
        .collect()
}
