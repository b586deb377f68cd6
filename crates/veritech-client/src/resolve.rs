//! Resolving: from backends to properties.
//!
//! ```text
//!  Bindings ──plan──▶ ready? ──▶ inputs from the tree so far ──▶ call ──mapping──▶ into the tree
//!                       ▲                                                              │
//!                       └────────────────── those that waited for it ◀─────────────────┘
//! ```

pub(crate) mod plan;
mod resolutions;

use std::num::NonZeroUsize;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use veritech_protocol::RawValue;

pub use self::plan::CycleError;
use self::plan::Ended;
pub use self::resolutions::{Incomplete, Resolutions, Unresolved};
use crate::backend::{FunctionBackend, Input, ResolverBackend};
use crate::bindings::{BindError, Bindings};
use crate::client::Client;
use crate::mapping::{Mapping, MappingErrors};
use crate::options::CallOptions;
use crate::outcome::CallError;
use crate::pointer::Pointer;
use crate::prop::Prop;
use crate::property::{PropertyTree, PropertyValue};
use crate::schema::Schema;

/// How many bindings are resolved, and with what.
///
/// # Examples
///
/// ```
/// use std::num::NonZeroUsize;
/// use veritech_client::ResolveOptions;
///
/// let one_by_one = ResolveOptions {
///     concurrency: NonZeroUsize::MIN,
///     ..ResolveOptions::default()
/// };
/// ```
#[derive(Clone, Debug)]
pub struct ResolveOptions {
    /// How many functions are called at a time.
    pub concurrency: NonZeroUsize,
    /// The most that all functions together may return, in bytes of JSON text.
    pub max_total_bytes: usize,
    /// What is special about each of the calls, such as its deadline.
    pub call: CallOptions,
}

impl Default for ResolveOptions {
    fn default() -> Self {
        const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(16).unwrap();

        Self {
            concurrency: CONCURRENCY,
            max_total_bytes: 256 << 20,
            call: CallOptions::default(),
        }
    }
}

/// A prop whose value is not known.
///
/// # Examples
///
/// ```no_run
/// use veritech_client::{Client, ResolveError, ResolverBackend, Schema};
///
/// # async fn example(client: Client, backend: ResolverBackend, schema: Schema) {
/// match client.resolve(&backend, &schema).await {
///     Ok(tree) => println!("{}", tree.to_json()),
///     Err(ResolveError::Mapping(errors)) => eprintln!("not as declared: {errors}"),
///     Err(ResolveError::Call(error)) => eprintln!("not computed: {error}"),
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The backend cannot be bound to it.
    #[error("the backend cannot be bound")]
    Bind(#[source] BindError),
    /// An input is the value of another prop, and there is no other: such a backend
    /// is resolved among its [`Bindings`].
    #[error("the input `{input}` is the value of another prop, `{prop}`: resolve both together")]
    OtherProp {
        /// The input's name.
        input: String,
        /// The prop that it names.
        prop: Pointer,
    },
    /// The function did not return.
    #[error("the function has no value")]
    Call(#[source] Box<CallError>),
    /// What the backend gives is not a value of the prop.
    #[error("the value does not fit")]
    Mapping(#[source] MappingErrors),
    /// All values together are larger than [`ResolveOptions::max_total_bytes`].
    #[error("the values of all functions have more than {limit} bytes")]
    TooLarge {
        /// The most that they may have.
        limit: usize,
    },
}

impl Client {
    /// Resolves one backend as the value of a whole schema.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend cannot be bound, its function fails, or the value
    /// does not fit: then with every place that does not.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: the execution, if there is one, is cancelled when the dispatcher
    /// notices.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::{Client, Prop, ResolverBackend, Schema};
    ///
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let schema = Schema::try_new(
    ///     Prop::object().prop("ports", Prop::array(Prop::integer().required())),
    /// )?;
    /// let backend = ResolverBackend::javascript(
    ///     "builtin/quickjs",
    ///     "export default () => ({ ports: [80, 443] })",
    /// );
    /// let tree = client.resolve(&backend, &schema).await?;
    /// assert_eq!(tree.get("/ports/0").and_then(|port| port.as_i64()), Some(80));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resolve(
        &self,
        backend: &ResolverBackend,
        schema: &Schema,
    ) -> Result<PropertyTree, ResolveError> {
        let function = backend.function().into_iter();
        if let Some((input, prop)) = function
            .flat_map(|function| function.inputs_from_props())
            .next()
        {
            return Err(ResolveError::OtherProp {
                input: input.to_owned(),
                prop: prop.clone(),
            });
        }
        let bindings = Bindings::new(schema.clone())
            .bind(Pointer::root(), backend.clone())
            .map_err(ResolveError::Bind)?;
        let options = ResolveOptions::default();
        let steps = Steps {
            client: self,
            mapping: bindings.mapping(),
            options: &options,
        };
        let tree = PropertyTree::unset(schema);
        let inputs = backend.function().map(|function| inputs(function, &tree));
        let root = Pointer::root();
        let step = steps.value(&root, schema.prop(), backend, inputs);
        let value = step.await?.value;
        Ok(tree
            .replaced(value)
            .expect("invariant: a value is mapped for its place"))
    }

    /// Resolves every binding, each after those whose values it needs, others side by
    /// side.
    ///
    /// A binding that fails leaves its prop unset. Those that need it are not resolved
    /// either; all others are.
    ///
    /// # Errors
    ///
    /// Returns an error, before anything is called, if props need each other's values.
    ///
    /// # Cancellation
    ///
    /// Safe to drop: executions under way are cancelled when their dispatcher notices.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use veritech_client::{Bindings, Client, Unresolved};
    ///
    /// # async fn example(client: Client, bindings: Bindings) -> Result<(), Box<dyn std::error::Error>> {
    /// let resolutions = client.resolve_all(&bindings).await?;
    /// for (prop, why) in resolutions.unresolved() {
    ///     match why {
    ///         Unresolved::Failed(error) => eprintln!("{prop}: {error}"),
    ///         Unresolved::Dependent { cause } => eprintln!("{prop}: needs {cause}"),
    ///     }
    /// }
    /// println!("{}", resolutions.tree().to_json());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resolve_all(&self, bindings: &Bindings) -> Result<Resolutions, CycleError> {
        self.resolve_all_with(bindings, &ResolveOptions::default())
            .await
    }

    /// Does what [`resolve_all`](Self::resolve_all) does, with other options.
    ///
    /// # Errors
    ///
    /// Returns an error, before anything is called, if props need each other's values.
    ///
    /// # Cancellation
    ///
    /// Safe to drop, likewise.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::num::NonZeroUsize;
    /// use veritech_client::{Bindings, Client, ResolveOptions};
    ///
    /// # async fn example(client: Client, bindings: Bindings) -> Result<(), Box<dyn std::error::Error>> {
    /// let one_by_one = ResolveOptions {
    ///     concurrency: NonZeroUsize::MIN,
    ///     ..ResolveOptions::default()
    /// };
    /// let tree = client
    ///     .resolve_all_with(&bindings, &one_by_one)
    ///     .await?
    ///     .into_complete()?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resolve_all_with(
        &self,
        bindings: &Bindings,
        options: &ResolveOptions,
    ) -> Result<Resolutions, CycleError> {
        let mut plan = bindings.plan()?;
        let bound: Vec<_> = bindings.iter().collect();
        let steps = Steps {
            client: self,
            mapping: bindings.mapping(),
            options,
        };
        let mut resolutions = Resolutions::none(bindings);
        let mut total_bytes = 0_usize;
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < options.concurrency.get()
                && let Some(number) = plan.next_ready()
                && let Some((at, backend)) = bound.get(number).copied()
                && let Some(prop) = bindings.schema().at(at)
            {
                let function = backend.function();
                let inputs = function.map(|function| inputs(function, resolutions.tree()));
                let steps = &steps;
                running.push(async move {
                    let value = steps.value(at, prop, backend, inputs).await;
                    (number, at, value)
                });
            }
            let Some((number, at, resolved)) = running.next().await else {
                return Ok(resolutions);
            };
            let resolved = resolved.and_then(|resolved| {
                total_bytes = total_bytes.saturating_add(resolved.bytes);
                let limit = options.max_total_bytes;
                (total_bytes <= limit)
                    .then_some(resolved.value)
                    .ok_or(ResolveError::TooLarge { limit })
            });
            let ended = match resolved {
                Ok(value) => {
                    resolutions.resolved(value);
                    Ended::Resolved
                }
                Err(error) => {
                    resolutions.failed(at, error);
                    Ended::Failed
                }
            };
            for (lost, cause) in plan.end(number, ended) {
                if let (Some((lost, _)), Some((cause, _))) = (bound.get(lost), bound.get(cause)) {
                    resolutions.lost(lost, cause);
                }
            }
        }
    }
}

/// What every binding is resolved with.
struct Steps<'a> {
    client: &'a Client,
    mapping: &'a Mapping,
    options: &'a ResolveOptions,
}

/// The value of one binding.
struct Resolved {
    value: PropertyValue,
    /// How long a function's value was, as JSON text.
    bytes: usize,
}

impl Steps<'_> {
    /// Returns the value that a backend gives a prop.
    async fn value(
        &self,
        at: &Pointer,
        prop: &Prop,
        backend: &ResolverBackend,
        inputs: Option<Box<RawValue>>,
    ) -> Result<Resolved, ResolveError> {
        if let (Some(function), Some(inputs)) = (backend.function(), inputs) {
            let call = self.options.call.clone();
            let call = self.client.call_with(function.request(inputs), call);
            let returned = call
                .result()
                .await
                .map_err(|error| ResolveError::Call(Box::new(error)))?;
            let bytes = returned.json.as_ref().map_or(0, |json| json.get().len());
            let value = self.mapping.map(prop, at, returned.json.as_deref());
            return value
                .map(|value| Resolved { value, bytes })
                .map_err(ResolveError::Mapping);
        }
        let given = backend.given();
        let value = self.mapping.map_value(prop, at, given.as_deref());
        value
            .map(|value| Resolved { value, bytes: 0 })
            .map_err(ResolveError::Mapping)
    }
}

/// Returns what a function is called with: one member for each input that is set.
fn inputs(function: &FunctionBackend, tree: &PropertyTree) -> Box<RawValue> {
    let members: serde_json::Map<String, Value> = function
        .inputs
        .iter()
        .filter_map(|(name, input)| {
            let value = match input {
                Input::Value(value) => Some(value.clone()),
                Input::Prop(prop) => tree.value_at(prop),
            };
            Some((name.clone(), value?))
        })
        .collect();
    serde_json::value::to_raw_value(&members).expect("invariant: JSON can be written")
}
