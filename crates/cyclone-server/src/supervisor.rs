//! Follows one runner from its start to its result.
//!
//! ```text
//!   starting ──ready──▶ warm ──execution──▶ executing ──result──▶ concluded
//!       │                 │                     │                    ▲
//!       └─────────────────┴──── exit, or what is not the protocol ───┘
//! ```
//!
//! One loop reads all pipes and waits for the dispatcher's side to take each frame before it reads
//! on, so that what is held in memory is bounded by one line and a few frames.

mod emitter;
mod outcome;
mod pipes;
mod request;

use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};
use veritech_protocol::{Execution, Frame, FrameOutcome, Output, Stream};

use self::emitter::Emitter;
pub(crate) use self::outcome::believe;
use self::pipes::{Pipe, READ_BYTES};
use self::request::Request;
use crate::control::{ControlLines, Line};
use crate::reaper::Exit;
use crate::runner::Runner;
use crate::text::Lines;

/// The longest line of the event pipe before an execution is there.
const WARM_LINE_BYTES: usize = 64 * 1024;

/// Room in a line for what is around a value or a message, and for the longest failure.
const LINE_ALLOWANCE_BYTES: u64 = 1024 * 1024;

/// How many bytes JSON may need for one byte of a message: `\u0000`.
const ESCAPED_BYTES: u64 = 6;

/// How much is read from a pipe in the end, at most: what it can hold, and a little more.
const DRAIN_BYTES: usize = 2 * 1024 * 1024;

/// How much of what a runner complains before it is ready is told.
const LAST_WORDS_BYTES: usize = 4 * 1024;

/// Follows `runner` until it has been told, through `frames`, how the execution ended.
///
/// # Cancellation
///
/// Safe to drop; the runner goes on until it is killed.
pub(crate) async fn supervise(
    runner: Runner,
    execution: oneshot::Receiver<Execution>,
    ready: watch::Sender<bool>,
    frames: mpsc::Sender<Frame>,
) {
    let Runner {
        pid: _,
        exit,
        stdin,
        stdout,
        stderr,
        events,
    } = runner;
    let mut supervisor = Supervisor {
        exit,
        stdout: Printed::new(Stream::Stdout, stdout),
        stderr: Printed::new(Stream::Stderr, stderr),
        events: Pipe::new(events),
        control: ControlLines::new(WARM_LINE_BYTES),
        emitter: Emitter::new(frames),
        buffer: vec![0; READ_BYTES],
    };
    let outcome = match supervisor.warm_up(execution, &ready).await {
        Warm::Execution(execution) => supervisor.execute(*execution, stdin).await,
        Warm::Ended(outcome) => outcome,
        Warm::Abandoned => return,
    };
    ready.send_replace(false);
    supervisor.emitter.send(Frame::Result(outcome)).await;
}

struct Supervisor {
    exit: oneshot::Receiver<Exit>,
    stdout: Printed,
    stderr: Printed,
    events: Pipe,
    control: ControlLines,
    emitter: Emitter,
    buffer: Vec<u8>,
}

/// A stream of raw output.
struct Printed {
    stream: Stream,
    pipe: Pipe,
    lines: Lines,
    /// A result that was printed.
    #[cfg(veritech_weakened)]
    forged: Option<FrameOutcome>,
}

impl Printed {
    fn new(stream: Stream, pipe: pipe::Receiver) -> Self {
        Self {
            stream,
            pipe: Pipe::new(pipe),
            lines: Lines::default(),
            #[cfg(veritech_weakened)]
            forged: None,
        }
    }
}

/// What ends the time before an execution.
enum Warm {
    /// It has come, and the runner is ready for it.
    Execution(Box<Execution>),
    /// The runner has failed.
    Ended(FrameOutcome),
    /// No execution will come.
    Abandoned,
}

/// Something that can be done next.
enum Next {
    Exit(Exit),
    Events,
    Stdout,
    Stderr,
    Stdin,
    Execution(Option<Box<Execution>>),
}

impl Supervisor {
    /// Waits for the runner to be ready, then for the execution.
    ///
    /// What is printed meanwhile is no function's output. The end of it is told if the runner fails.
    async fn warm_up(
        &mut self,
        mut execution: oneshot::Receiver<Execution>,
        ready: &watch::Sender<bool>,
    ) -> Warm {
        let mut is_ready = false;
        let mut last_words = Vec::new();
        loop {
            let next = tokio::select! {
                exit = &mut self.exit => Next::Exit(exit.unwrap_or(Exit::Unknown)),
                () = self.events.readable() => Next::Events,
                () = self.stdout.pipe.readable() => Next::Stdout,
                () = self.stderr.pipe.readable() => Next::Stderr,
                execution = &mut execution, if is_ready => Next::Execution(execution.ok().map(Box::new)),
            };
            match next {
                Next::Execution(Some(execution)) => return Warm::Execution(execution),
                Next::Execution(None) => return Warm::Abandoned,
                Next::Stdout | Next::Stdin => {
                    self.stdout.pipe.try_read(&mut self.buffer);
                }
                Next::Stderr => {
                    let read = self.stderr.pipe.try_read(&mut self.buffer);
                    remember(&mut last_words, read);
                }
                Next::Events => {
                    let mut chunk = self.events.try_read(&mut self.buffer);
                    while let Some(line) = self.control.take_line(&mut chunk) {
                        match decode(line, WARM_LINE_BYTES) {
                            Ok(Frame::Ready) if !is_ready => {
                                is_ready = true;
                                ready.send_replace(true);
                                self.emitter.send(Frame::Ready).await;
                            }
                            Ok(frame) => return Warm::Ended(outcome::out_of_order(&frame)),
                            Err(outcome) => return Warm::Ended(outcome),
                        }
                    }
                }
                Next::Exit(exit) => {
                    let read = self.stderr.pipe.drain(&mut self.buffer, LAST_WORDS_BYTES);
                    remember(&mut last_words, &read);
                    return Warm::Ended(outcome::exited_early(exit, is_ready, &last_words));
                }
            }
        }
    }

    /// Gives the execution to the runner and passes on what comes, up to its result.
    async fn execute(&mut self, execution: Execution, stdin: pipe::Sender) -> FrameOutcome {
        let result_bytes = execution.result_bytes;
        let line_bytes = line_limit(&execution);
        self.control.raise_limit(line_bytes);
        self.emitter.set_budget(execution.output_bytes);
        let Ok(line) = execution.encode() else {
            return outcome::protocol_error("the execution cannot be written as a line");
        };
        drop(execution);
        let mut request = Request::new(line, stdin);
        let rules = Rules {
            line_bytes,
            result_bytes,
        };

        let outcome = loop {
            let next = tokio::select! {
                exit = &mut self.exit => Next::Exit(exit.unwrap_or(Exit::Unknown)),
                () = self.events.readable() => Next::Events,
                () = self.stdout.pipe.readable() => Next::Stdout,
                () = self.stderr.pipe.readable() => Next::Stderr,
                () = request.writable() => Next::Stdin,
            };
            match next {
                Next::Stdin => request.write(),
                Next::Stdout => {
                    print(&mut self.stdout, &mut self.emitter, &mut self.buffer).await;
                    #[cfg(veritech_weakened)]
                    if let Some(forged) = self.stdout.forged.take() {
                        break forged;
                    }
                }
                Next::Stderr => print(&mut self.stderr, &mut self.emitter, &mut self.buffer).await,
                Next::Events => {
                    let chunk = self.events.try_read(&mut self.buffer);
                    let heard = hear(chunk, &mut self.control, &mut self.emitter, rules).await;
                    if let Some(outcome) = heard {
                        break outcome;
                    }
                }
                Next::Exit(exit) => break self.last_event(exit, rules).await,
                Next::Execution(_) => {}
            }
        };
        // What was printed before the result was reported is in the pipes already.
        for printed in [&mut self.stdout, &mut self.stderr] {
            let rest = printed.pipe.drain(&mut self.buffer, DRAIN_BYTES);
            emit_lines(printed, &rest, &mut self.emitter).await;
            if let Some(line) = printed.lines.flush() {
                self.emitter.emit(raw(printed.stream, line)).await;
            }
        }
        #[cfg(veritech_weakened)]
        let outcome = self.stdout.forged.take().unwrap_or(outcome);
        outcome
    }

    /// Reads what an exited runner has left in the event pipe, and says how the execution ended.
    async fn last_event(&mut self, exit: Exit, rules: Rules) -> FrameOutcome {
        let most = rules.line_bytes.saturating_add(DRAIN_BYTES);
        let mut read = 0_usize;
        while read < most {
            let chunk = self.events.read_now(&mut self.buffer);
            if chunk.is_empty() {
                break;
            }
            read = read.saturating_add(chunk.len());
            let heard = hear(chunk, &mut self.control, &mut self.emitter, rules).await;
            if let Some(outcome) = heard {
                return outcome;
            }
        }
        outcome::exited(exit)
    }
}

/// What lines of the event pipe may be during an execution.
#[derive(Clone, Copy)]
struct Rules {
    line_bytes: usize,
    result_bytes: u64,
}

/// Passes on what one of the raw streams has to read now.
async fn print(printed: &mut Printed, emitter: &mut Emitter, buffer: &mut [u8]) {
    let read = printed.pipe.try_read(buffer).to_vec();
    emit_lines(printed, &read, emitter).await;
}

async fn emit_lines(printed: &mut Printed, chunk: &[u8], emitter: &mut Emitter) {
    if emitter.is_exhausted() {
        return;
    }
    let mut messages = Vec::new();
    printed.lines.push(chunk, |message| messages.push(message));
    for message in messages {
        #[cfg(veritech_weakened)]
        if let (Stream::Stdout, Ok(Frame::Result(forged))) = (
            printed.stream,
            Frame::decode(message.as_bytes(), message.len()),
        ) {
            printed.forged.get_or_insert(outcome::believe(forged));
        }
        emitter.emit(raw(printed.stream, message)).await;
    }
}

/// Acts on events, and returns the outcome if one of them is the last.
async fn hear(
    mut chunk: &[u8],
    control: &mut ControlLines,
    emitter: &mut Emitter,
    rules: Rules,
) -> Option<FrameOutcome> {
    while let Some(line) = control.take_line(&mut chunk) {
        if let Line::TooLong {
            is_result: true,
            bytes,
        } = line
        {
            return Some(outcome::too_large(bytes, rules.result_bytes));
        }
        match decode(line, rules.line_bytes) {
            Ok(Frame::Output(output)) => emitter.emit(output).await,
            Ok(Frame::Result(outcome)) => return Some(believe(outcome)),
            Ok(frame @ Frame::Ready) => return Some(outcome::out_of_order(&frame)),
            Err(outcome) => return Some(outcome),
        }
    }
    None
}

/// Reads one line as an event.
pub(crate) fn decode(line: Line, limit: usize) -> Result<Frame, FrameOutcome> {
    match line {
        Line::Whole(line) => {
            Frame::decode(&line, limit).map_err(|error| outcome::protocol_error(&error.to_string()))
        }
        Line::TooLong {
            is_result: _,
            bytes,
        } => Err(outcome::protocol_error(&format!(
            "the runner wrote a line of {bytes} bytes, the limit is {limit}"
        ))),
    }
}

/// Returns how long lines may be that report this execution's output and result.
fn line_limit(execution: &Execution) -> usize {
    let longest = execution
        .output_bytes
        .saturating_mul(ESCAPED_BYTES)
        .max(execution.result_bytes)
        .saturating_add(LINE_ALLOWANCE_BYTES);
    usize::try_from(longest).unwrap_or(usize::MAX)
}

/// Keeps the end of what was read so far.
fn remember(last_words: &mut Vec<u8>, read: &[u8]) {
    last_words.extend_from_slice(read);
    let excess = last_words.len().saturating_sub(LAST_WORDS_BYTES);
    last_words.drain(..excess);
}

fn raw(stream: Stream, message: String) -> Output {
    Output {
        stream,
        level: None,
        message,
        timestamp: None,
    }
}
