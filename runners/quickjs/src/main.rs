//! The QuickJS language runner: one JavaScript function, then the end.
//!
//! Cyclone starts this program with a pipe at descriptor 3, waits for its `ready`, writes one
//! execution to its standard input, and reads console messages and one result from the pipe.
//!
//! ```text
//!   start ─▶ prelude, warm-up ─▶ ready ─▶ execution ─▶ module ─▶ handler ─▶ event loop ─▶ result
//! ```
//!
//! # Trust
//!
//! The function's code shares this process and may do to it what the language allows, which includes
//! replacing every intrinsic. What the runner needs of the language it has captured before; what
//! it reports is the function's own outcome, and cyclone believes it as no more than that.
#![forbid(unsafe_code)]

mod address;
mod bytes;
mod clock;
mod event_loop;
mod failure;
mod function;
mod host;
mod imports;
mod interpreter;
mod native;
mod position;
mod prelude;
mod protocol;
mod timers;
mod unavailable;

use std::error::Error;
use std::io::{self, Write as _};
use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::rc::Rc;

use crate::host::Host;
use crate::interpreter::Interpreter;
use crate::protocol::{Channel, Execution};

/// Of the language too. The same with any C library: that of musl is slow.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The descriptor at which cyclone puts its pipe.
const CHANNEL_DESCRIPTOR: i32 = 3;

/// Makes this process one that is forked for each execution, and gets none itself.
#[cfg(target_arch = "x86_64")]
const ZYGOTE: &str = "--zygote";

/// What the language needs before there is a function: memory that the allocator is given at once.
const HEAP_BYTES: usize = 384 << 10;

/// The most output of an execution that names no limit.
const DEFAULT_OUTPUT_BYTES: usize = 1 << 20;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut message = format!("quickjs: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                message.push_str(": ");
                message.push_str(&error.to_string());
                cause = error.source();
            }
            // Nobody is left to be told if even this fails.
            let _unheard = writeln!(io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    #[cfg(target_os = "linux")]
    descriptors::populate(Vec::with_capacity(HEAP_BYTES).spare_capacity_mut());
    let pipe = descriptors::inherit(CHANNEL_DESCRIPTOR)?;
    let host = Rc::new(Host::new(Channel::new(pipe)));
    // It is never dropped: the process ends with it, and taking the language apart object by object
    // would only delay that.
    let interpreter = ManuallyDrop::new(Interpreter::start(Rc::clone(&host))?);
    #[cfg(target_arch = "x86_64")]
    if std::env::args().nth(1).as_deref() == Some(ZYGOTE) {
        // What follows happens in each child, whose descriptor 3 is another one.
        zygote::serve()?;
        interpreter.be_born()?;
    }
    if let Some(channel) = host.channel.borrow_mut().as_mut() {
        channel.ready()?;
    }

    let execution = Execution::read()?;
    if let Some(timeout_ms) = execution.timeout_ms {
        host.start_clock(timeout_ms);
    }
    if let Some(channel) = host.channel.borrow_mut().as_mut() {
        channel.open_output(execution.output_bytes.unwrap_or(DEFAULT_OUTPUT_BYTES));
    }
    let outcome = interpreter.execute(&execution);

    if let Some(error) = host.take_broken() {
        return Err(error.into());
    }
    let outcome = outcome.ok_or("the execution outlived its time")?;
    if let Some(channel) = host.channel.take() {
        channel.finish(&outcome)?;
    }
    Ok(())
}
