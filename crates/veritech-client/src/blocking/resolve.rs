//! Resolving, while the calling thread waits.

use super::client::Client;
use crate::backend::ResolverBackend;
use crate::bindings::Bindings;
use crate::property::PropertyTree;
use crate::resolve::{CycleError, Resolutions, ResolveError, ResolveOptions};
use crate::schema::Schema;

impl Client {
    /// Resolves one backend as the value of a whole schema, as
    /// [`crate::Client::resolve`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend cannot be bound, its function fails, or the value
    /// does not fit: then with every place that does not.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use veritech_client::{Prop, ResolverBackend, Schema};
    ///
    /// let schema = Schema::try_new(Prop::array(Prop::integer().required()))?;
    /// let ports = ResolverBackend::javascript("builtin/quickjs", "export default () => [80, 443]");
    /// let tree = client.resolve(&ports, &schema)?;
    /// assert_eq!(tree.get("/0").and_then(|port| port.as_i64()), Some(80));
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve(
        &self,
        backend: &ResolverBackend,
        schema: &Schema,
    ) -> Result<PropertyTree, ResolveError> {
        self.run(self.inner().resolve(backend, schema))
    }

    /// Resolves every binding, as [`crate::Client::resolve_all`] does: independent ones
    /// side by side, on the calling thread.
    ///
    /// # Errors
    ///
    /// Returns an error, before anything is called, if props need each other's values.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client, bindings: veritech_client::Bindings) -> Result<(), Box<dyn std::error::Error>> {
    /// let tree = client.resolve_all(&bindings)?.into_complete()?;
    /// println!("{}", tree.to_json());
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve_all(&self, bindings: &Bindings) -> Result<Resolutions, CycleError> {
        self.run(self.inner().resolve_all(bindings))
    }

    /// Does what [`resolve_all`](Self::resolve_all) does, with other options.
    ///
    /// # Errors
    ///
    /// Returns an error, before anything is called, if props need each other's values.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn example(client: veritech_client::blocking::Client, bindings: veritech_client::Bindings) -> Result<(), Box<dyn std::error::Error>> {
    /// use veritech_client::ResolveOptions;
    ///
    /// let small = ResolveOptions {
    ///     max_total_bytes: 1 << 20,
    ///     ..ResolveOptions::default()
    /// };
    /// let resolutions = client.resolve_all_with(&bindings, &small)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolve_all_with(
        &self,
        bindings: &Bindings,
        options: &ResolveOptions,
    ) -> Result<Resolutions, CycleError> {
        self.run(self.inner().resolve_all_with(bindings, options))
    }
}
