//! The scripts that give the bare language its platform.
//!
//! They were compiled to bytecode when the runner was built.

use std::rc::Rc;

use rquickjs::loader::Loader as _;
use rquickjs::loader::bundle::{Bundle, ScaBundleData};
use rquickjs::{Ctx, Function, Object, Persistent, Result};

use crate::host::Host;
use crate::native;

/// The scripts in the order in which they need each other. The default export of each is a function;
/// that of the first makes the object of captured intrinsics, the others are given it.
const SCRIPTS: ScaBundleData<&'static [u8]> = include!(concat!(env!("OUT_DIR"), "/scripts.rs"));

/// What the runner calls in the prelude.
#[derive(Clone)]
pub(crate) struct Hooks(Persistent<Object<'static>>);

impl Hooks {
    /// Returns the hook called `name`.
    pub(crate) fn get<'js>(&self, ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
        self.0.clone().restore(ctx)?.get(name)
    }
}

/// Evaluates the scripts, before any code of the function's.
pub(crate) fn load(ctx: &Ctx<'_>, host: &Rc<Host>) -> Result<Hooks> {
    let mut shared = native::object(ctx, host)?;
    for (name, _) in SCRIPTS {
        let (module, _) = Bundle(SCRIPTS).load(ctx, name, None)?.eval()?;
        let script: Function<'_> = module.get("default")?;
        let made: Option<Object<'_>> = script.call((shared.clone(),))?;
        shared = made.unwrap_or(shared);
    }
    let hooks: Object<'_> = shared.get("hooks")?;
    Ok(Hooks(Persistent::save(ctx, hooks)))
}
