//! An engine as its tests see it.

use std::error::Error;

use sandbox::{Engine, Programs};

use crate::inventory::{Inventory, Item};

/// Starts engines of one kind, and knows where to look for what they have made.
pub trait Host {
    /// The engine.
    type Engine: Engine;

    /// Starts an engine that puts these programs into its sandboxes.
    ///
    /// # Errors
    ///
    /// Returns why it does not start. With programs that cannot be executed it
    /// may fail here or when a sandbox is launched.
    fn start(
        &self,
        programs: Programs,
    ) -> impl Future<Output = Result<Self::Engine, Box<dyn Error + Send + Sync>>>;

    /// Returns the name and tag of the image that the checks launch. It needs
    /// nothing of its runner: cyclone is the probe.
    fn image(&self) -> (&'static str, &'static str);

    /// Lists everything on this host that belongs to the sandboxes of `engine`:
    /// processes, containers, cgroups, mounts, files, network devices, and the
    /// descriptors that are open for them.
    ///
    /// It must not list what belongs to others, who may be at work meanwhile.
    fn inventory(&self, engine: &Self::Engine) -> impl Future<Output = Inventory>;

    /// Returns whether something of an earlier inventory, of whatever engine, is
    /// still there. An engine whose sandboxes are in other hands than the
    /// kernel's asks those too.
    fn is_there(&self, item: &Item) -> impl Future<Output = bool> {
        async { item.is_on_this_host() }
    }
}
