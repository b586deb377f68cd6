//! One function: its module, its handler, its value.

use rquickjs::module::Evaluated;
use rquickjs::{Ctx, Error, Filter, Function, Module, Object, Persistent, Promise, Value};

use crate::failure::{Failure, Unhandled};
use crate::host::{Host, Kept, Text};
use crate::position::{Position, SOURCE_NAME};
use crate::prelude::Hooks;
use crate::protocol::{Execution, Outcome};

/// How many names of exports a failure lists.
const MAX_LISTED_EXPORTS: usize = 32;

/// A function that walks the same path as every other, and leaves nothing behind.
const WARM_UP_SOURCE: &str = "export default async (inputs) => ({ echo: inputs.list });";

/// Why a function did not return a value.
pub(crate) enum Stopped {
    /// It threw.
    Thrown(Kept, When),
    /// It failed without throwing.
    Failure(Box<Failure>),
    /// Its time is long over, or cyclone is gone.
    GivenUp,
}

/// What was going on when something was thrown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// The source was being parsed.
    Parsing,
    /// The module or its handler ran.
    Running,
    /// Something ran that nobody waited for.
    Unhandled(Unhandled),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

/// What a function runs with.
pub(crate) struct Run<'a, 'js> {
    /// The language.
    pub(crate) ctx: &'a Ctx<'js>,
    /// The prelude.
    pub(crate) hooks: &'a Hooks,
    /// The state that the prelude shares.
    pub(crate) host: &'a Host,
}

impl<'js> Run<'_, 'js> {
    /// Runs the function of `execution`.
    pub(crate) fn execution(&self, execution: &Execution) -> Result<Outcome, Stopped> {
        if let Some(language) = execution.language.as_deref()
            && language != "javascript"
        {
            let message = format!("builtin/quickjs runs JavaScript only, not {language}");
            return Err(Failure::exception(message, None).into());
        }
        let (inputs, context) = self
            .arguments(execution)
            .map_err(|error| self.stopped(&error))?;
        let module = self.evaluate(&execution.code)?;
        let handler = self.find_handler(&module, execution.handler.as_deref())?;
        let value = self.call(&handler, inputs, context)?;
        self.serialise(value)
    }

    /// Takes a function that does next to nothing through everything that a real one goes through.
    pub(crate) fn warm_up(&self) -> Result<(), Stopped> {
        self.host.text.replace(Text::up_to(usize::MAX));
        let module = self.evaluate(WARM_UP_SOURCE)?;
        let handler = self.find_handler(&module, None)?;
        let inputs = self
            .ctx
            .json_parse(r#"{"list":["a",1,null,true,{"b":{}}]}"#)
            .map_err(|error| self.stopped(&error))?;
        let value = self.call(&handler, inputs, Value::new_null(self.ctx.clone()))?;
        self.serialise(value).map(drop)
    }

    /// Takes the pending exception of the language, or what else `error` stands for.
    pub(crate) fn stopped(&self, error: &Error) -> Stopped {
        self.stopped_when(error, When::Running)
    }

    /// Does the same for an error of another moment.
    pub(crate) fn stopped_when(&self, error: &Error, when: When) -> Stopped {
        match error {
            _ if self.host.has_given_up() => Stopped::GivenUp,
            Error::Exception => Stopped::Thrown(Persistent::save(self.ctx, self.ctx.catch()), when),
            other => Failure::exception(other.to_string(), None).into(),
        }
    }

    /// Sets the environment and returns the arguments of the handler.
    fn arguments(&self, execution: &Execution) -> rquickjs::Result<(Value<'js>, Value<'js>)> {
        let env = Object::new(self.ctx.clone())?;
        // A variable may have any name, also one that objects inherit.
        env.set_prototype(None)?;
        for (name, value) in &execution.env {
            env.set(name.as_str(), value.as_str())?;
        }
        self.hooks.get(self.ctx, "setEnv")?.call::<_, ()>((env,))?;
        let inputs = match &execution.inputs {
            Some(inputs) => self.ctx.json_parse(inputs.get())?,
            None => Object::new(self.ctx.clone())?.into_value(),
        };
        let (id, kind) = (execution.id.as_str(), execution.kind.as_str());
        let context = self
            .hooks
            .get(self.ctx, "context")?
            .call((id, kind, execution.deadline))?;
        Ok((inputs, context))
    }

    /// Evaluates `source` as a module, top-level `await` included.
    fn evaluate(&self, source: &str) -> Result<Module<'js, Evaluated>, Stopped> {
        if let Some((before, _)) = source.split_once('\0') {
            let message = "the source contains the character U+0000";
            return Err(Failure::syntax_error_at(Position::after(before), message).into());
        }
        let module = Module::declare(self.ctx.clone(), SOURCE_NAME, source)
            .map_err(|error| self.stopped_when(&error, When::Parsing))?;
        let (module, evaluation) = module.eval().map_err(|error| self.stopped(&error))?;
        self.settle(&evaluation, "the promise of a top-level `await`")?;
        Ok(module)
    }

    /// Finds the export to call: the one that was asked for, else the default one, else `handler`.
    fn find_handler(
        &self,
        module: &Module<'js, Evaluated>,
        wanted: Option<&str>,
    ) -> Result<Function<'js>, Stopped> {
        let stopped = |error: Error| self.stopped(&error);
        let exports = module.namespace().map_err(stopped)?;
        let mut name = wanted.unwrap_or("default");
        if wanted.is_none()
            && !exports.contains_key("default").map_err(stopped)?
            && exports.contains_key("handler").map_err(stopped)?
        {
            name = "handler";
        }
        let found: Value<'js> = exports.get(name).map_err(stopped)?;
        let type_name = type_of(&found);
        found.into_function().ok_or_else(|| {
            let names = exports
                .own_keys::<String>(Filter::default())
                .filter_map(Result::ok)
                .take(MAX_LISTED_EXPORTS)
                .collect();
            Failure::invalid_handler(name, type_name, names).into()
        })
    }

    /// Calls the handler, and waits for what it returns if that can be waited for.
    fn call(
        &self,
        handler: &Function<'js>,
        inputs: Value<'js>,
        context: Value<'js>,
    ) -> Result<Value<'js>, Stopped> {
        let returned: Value<'js> = handler
            .call((inputs, context))
            .map_err(|error| self.stopped(&error))?;
        let promise = match returned.clone().into_promise() {
            Some(promise) => promise,
            None => self
                .promise_of(returned)
                .map_err(|error| self.stopped(&error))?,
        };
        self.settle(&promise, "the promise that the handler returned")
    }

    /// Returns a promise for `value`, which follows it if it has a `then` method.
    fn promise_of(&self, value: Value<'js>) -> rquickjs::Result<Promise<'js>> {
        let (promise, resolve, _) = self.ctx.promise()?;
        resolve.call::<_, ()>((value,))?;
        Ok(promise)
    }

    /// Writes `value` as JSON, or says why that is impossible.
    fn serialise(&self, value: Value<'js>) -> Result<Outcome, Stopped> {
        let written = self.write(value).map_err(|error| self.stopped(&error))?;
        let text = self.host.text.take();
        match written {
            Written::Refused {
                path,
                r#type,
                reason,
            } => Err(Failure::invalid_result(&path, r#type, &reason).into()),
            Written::Unset => Ok(Outcome::Unset),
            Written::Whole if text.bytes <= text.limit => Ok(Outcome::Value(text.json)),
            Written::Whole => Err(Failure::result_too_large(text.limit, text.bytes).into()),
        }
    }

    /// Has the prelude write `value`.
    fn write(&self, value: Value<'js>) -> rquickjs::Result<Written> {
        let written: Value<'js> = self.hooks.get(self.ctx, "serialise")?.call((value,))?;
        if let Some(refusal) = written.as_object() {
            return Ok(Written::Refused {
                path: refusal.get("path")?,
                r#type: refusal.get("type")?,
                reason: refusal.get("reason")?,
            });
        }
        Ok(if written.is_undefined() {
            Written::Unset
        } else {
            Written::Whole
        })
    }
}

/// What the prelude made of a value.
enum Written {
    /// Text, or as much of it as was worth measuring.
    Whole,
    /// Nothing, as the value is `undefined`.
    Unset,
    /// Some part of the value is not JSON.
    Refused {
        /// A JSON Pointer to the part.
        path: String,
        /// What it is.
        r#type: String,
        /// The same in words.
        reason: String,
    },
}

/// What `typeof` says.
fn type_of(value: &Value<'_>) -> &'static str {
    if value.is_undefined() {
        "undefined"
    } else if value.is_bool() {
        "boolean"
    } else if value.is_number() {
        "number"
    } else if value.is_string() {
        "string"
    } else if value.is_symbol() {
        "symbol"
    } else if value.is_big_int() {
        "bigint"
    } else if value.is_function() {
        "function"
    } else {
        "object"
    }
}
