//! What the prelude's scripts ask of the runner.
//!
//! Each function takes and returns plain values. None of them is reachable from the function's code:
//! the object that holds them is seen by the prelude's scripts alone.

use std::rc::Rc;

use rquickjs::function::Func;
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Object, Result, TypedArray, Value};

use crate::clock;
use crate::failure::own_frames;
use crate::host::Host;
use crate::protocol::{Level, Stream};
use crate::{address, bytes};

/// Returns the object of native functions.
pub(crate) fn object<'js>(ctx: &Ctx<'js>, host: &Rc<Host>) -> Result<Object<'js>> {
    let native = Object::new(ctx.clone())?;
    native.set_prototype(None)?;
    add_classes(&native)?;
    add_output(&native, host)?;
    add_timers(&native, host)?;
    add_bytes(&native)?;
    address::add_to(&native)?;
    Ok(native)
}

/// Adds what the language itself cannot tell about a value.
fn add_classes<'js>(native: &Object<'js>) -> Result<()> {
    native.set("isError", Func::from(|value: Value<'js>| value.is_error()))?;
    native.set(
        "isPromise",
        Func::from(|value: Value<'js>| value.is_promise()),
    )?;
    native.set("isProxy", Func::from(|value: Value<'js>| value.is_proxy()))?;
    native.set("promise", Func::from(promise))
}

/// Tells the state of a promise without looking at it in the language's sense.
fn promise<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Object<'js>> {
    let state = Object::new(ctx.clone())?;
    let Some(promise) = value.into_promise() else {
        return Ok(state);
    };
    let status = match promise.state() {
        PromiseState::Pending => "pending",
        PromiseState::Resolved => "fulfilled",
        PromiseState::Rejected => "rejected",
    };
    let settled = match promise.result::<Value<'js>>() {
        Some(Ok(value)) => value,
        Some(Err(_)) => ctx.catch(),
        None => Value::new_undefined(ctx),
    };
    state.set("status", status)?;
    state.set("settled", settled)?;
    Ok(state)
}

/// Adds what writes to the pipe or towards it.
fn add_output<'js>(native: &Object<'js>, host: &Rc<Host>) -> Result<()> {
    let channel = Rc::clone(host);
    native.set(
        "silenced",
        Func::from(move || {
            let channel = channel.channel.borrow();
            channel.as_ref().is_none_or(|channel| channel.is_silenced())
        }),
    )?;
    let channel = Rc::clone(host);
    native.set(
        "emit",
        Func::from(move |level: String, message: String| emit(&channel, &level, &message)),
    )?;
    let source = Rc::clone(host);
    native.set(
        "ownFrames",
        Func::from(move |stack: String| own_frames(&stack, &source.source.borrow()).0),
    )?;
    let text = Rc::clone(host);
    native.set(
        "append",
        Func::from(move |chunk: String| text.text.borrow_mut().append(&chunk)),
    )?;
    let uncaught = Rc::clone(host);
    native.set(
        "uncaught",
        Func::from(move |ctx: Ctx<'js>, error: Value<'js>| uncaught.set_uncaught(&ctx, error)),
    )
}

/// Sends one console message.
fn emit(host: &Host, level: &str, message: &str) {
    let (stream, level) = match level {
        "debug" => (Stream::Stdout, Level::Debug),
        "trace" => (Stream::Stderr, Level::Debug),
        "warn" => (Stream::Stderr, Level::Warn),
        "error" => (Stream::Stderr, Level::Error),
        _ => (Stream::Stdout, Level::Info),
    };
    if let Some(channel) = host.channel.borrow_mut().as_mut()
        && let Err(error) = channel.output(stream, level, message)
    {
        host.break_with(error);
    }
}

/// Adds clocks and timers.
fn add_timers(native: &Object<'_>, host: &Rc<Host>) -> Result<()> {
    native.set("monotonic", Func::from(clock::monotonic_ms))?;
    let timers = Rc::clone(host);
    native.set(
        "schedule",
        Func::from(move |id: u32, delay_ms: u32, keeps_waiting: bool| {
            let due_ms = clock::now_ms().saturating_add(u64::from(delay_ms));
            timers
                .timers
                .borrow_mut()
                .schedule(id, due_ms, keeps_waiting);
        }),
    )?;
    let timers = Rc::clone(host);
    native.set(
        "keep",
        Func::from(move |id: u32, keeps_waiting: bool| {
            timers.timers.borrow_mut().keep(id, keeps_waiting);
        }),
    )?;
    let timers = Rc::clone(host);
    native.set(
        "cancel",
        // A handle may be any number; those that are no timer's id change nothing.
        Func::from(move |id: f64| {
            if let Some(id) = bytes::exact_u32(id) {
                timers.timers.borrow_mut().cancel(id);
            }
        }),
    )
}

/// Adds what makes bytes, and text of bytes.
fn add_bytes<'js>(native: &Object<'js>) -> Result<()> {
    native.set(
        "encode",
        Func::from(|ctx: Ctx<'js>, text: String| TypedArray::<u8>::new(ctx, text.into_bytes())),
    )?;
    native.set("decode", Func::from(bytes::decode))?;
    native.set("random", Func::from(bytes::random))?;
    native.set("randomUuid", Func::from(bytes::random_uuid))
}
