//! A call that is being prepared.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use veritech_protocol::{
    ExecutionId, Language, Network, OnCallerLost, RemoteFunctionRequest, Replies, RequestedLimits,
    ResponseType,
};

use super::{FunctionKind, KindError, Resolver, TypedCall};
use crate::client::Client;
use crate::header::{Tenant, TraceContext};
use crate::options::CallOptions;
use crate::retry::Retry;

/// A call of a function of the kind `K` that is being prepared.
///
/// It comes from a client, the `C`: [`Client::qualification`] and its
/// neighbours. What is not said keeps its default, which for most is what the
/// dispatchers are configured to. Then [`call`](Self::call) it and read the
/// events, or `.await` it for the result alone.
///
/// What a request may not have is found by the call, as its failure
/// `invalid_request`; only inputs are tried at once. Durations have whole
/// milliseconds on the wire: they are rounded up, and those that are too long
/// for it are shortened to the longest there is, which every dispatcher refuses
/// by name.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use veritech_protocol::{Language, RequestedLimits};
///
/// # async fn example(client: veritech_client::Client, server: serde_json::Value) -> Result<(), Box<dyn std::error::Error>> {
/// let code = "export const judge = ({ tls }) => tls
///     ? { result: 'success' }
///     : { result: 'failure', message: 'no TLS' }";
/// let judged = client
///     .qualification("builtin/quickjs", code)
///     .language(Language::JavaScript)
///     .handler("judge")
///     .inputs(&server)?
///     .env("REGION", "eu-north")
///     .timeout(Duration::from_secs(5))
///     .limits(RequestedLimits { memory_bytes: Some(64 << 20), ..RequestedLimits::default() })
///     .await?;
/// println!("{:?} in {} µs", judged.value.result, judged.report.timings.total_us);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is called before `call` or `.await`"]
pub struct FunctionCall<K, C = Client> {
    caller: C,
    request: RemoteFunctionRequest,
    options: CallOptions,
    kind: PhantomData<fn() -> K>,
}

/// Inputs that JSON cannot express.
///
/// # Examples
///
/// ```no_run
/// # fn example(client: veritech_client::Client) {
/// use std::collections::BTreeMap;
///
/// let keys_that_are_no_text = BTreeMap::from([((1, 2), 3)]);
/// let call = client.resolver("builtin/quickjs", "export default () => 1");
/// let error = call.inputs(&keys_that_are_no_text).expect_err("no JSON");
/// assert_eq!(error.to_string(), "the inputs cannot be written as JSON");
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the inputs cannot be written as JSON")]
pub struct InvalidInputs(#[source] serde_json::Error);

impl<K: FunctionKind, C> FunctionCall<K, C> {
    pub(crate) fn new(caller: C, image: impl Into<String>, code: impl Into<String>) -> Self {
        Self {
            caller,
            request: RemoteFunctionRequest::new(K::KIND, image, code),
            options: CallOptions::default(),
            kind: PhantomData,
        }
    }

    /// Sets the image's tag, or digest `sha256:…`; `latest` by default.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let pinned = call.tag("24.1");
    /// # }
    /// ```
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.request.container_tag = tag.into();
        self
    }

    /// Sets the language of the code; the image's own by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::Language;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let typed = call.language(Language::TypeScript);
    /// # }
    /// ```
    pub fn language(mut self, language: Language) -> Self {
        self.request.language = Some(language);
        self
    }

    /// Sets the name of the export to call; by default the default export,
    /// in Python `handler`.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let named = call.handler("resolve");
    /// # }
    /// ```
    pub fn handler(mut self, handler: impl Into<String>) -> Self {
        self.request.handler = Some(handler.into());
        self
    }

    /// Sets the handler's first argument; `{}` by default.
    ///
    /// A [`RawValue`](veritech_protocol::RawValue) goes out as it is written.
    /// Floats that are no numbers become `null`, as always with `serde_json`.
    ///
    /// # Errors
    ///
    /// Returns an error if JSON cannot express them.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{FunctionCall, InvalidInputs, Resolver};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Server {
    ///     port: u16,
    /// }
    ///
    /// fn with_inputs(call: FunctionCall<Resolver>) -> Result<FunctionCall<Resolver>, InvalidInputs> {
    ///     call.inputs(&Server { port: 443 })
    /// }
    /// ```
    pub fn inputs<T: Serialize + ?Sized>(mut self, inputs: &T) -> Result<Self, InvalidInputs> {
        self.request.inputs = serde_json::value::to_raw_value(inputs).map_err(InvalidInputs)?;
        Ok(self)
    }

    /// Sets one variable of the function's environment, at most 256 of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let there = call.env("TZ", "Europe/Oslo").env("LANG", "nb");
    /// # }
    /// ```
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.env.insert(name.into(), value.into());
        self
    }

    /// Sets how long the function may run, from the moment it is started.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let patient = call.timeout(Duration::from_secs(90));
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.request.timeout_ms = Some(whole_milliseconds(timeout));
        self
    }

    /// Sets how long the request may wait for a sandbox.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let now_or_never = call.queue_timeout(Duration::ZERO);
    /// # }
    /// ```
    pub fn queue_timeout(mut self, timeout: Duration) -> Self {
        self.request.queue_timeout_ms = Some(whole_milliseconds(timeout));
        self
    }

    /// Sets what the function may use.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::RequestedLimits;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let modest = call.limits(RequestedLimits {
    ///     cpus: Some(0.5),
    ///     ..RequestedLimits::default()
    /// });
    /// # }
    /// ```
    pub fn limits(mut self, limits: RequestedLimits) -> Self {
        self.request.limits = limits;
        self
    }

    /// Sets what the function can reach; nothing by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::Network;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let online = call.network(Network::Egress);
    /// # }
    /// ```
    pub fn network(mut self, network: Network) -> Self {
        self.request.network = network;
        self
    }

    /// Sets which events are sent; all by default.
    ///
    /// With the result alone a lost dispatcher is noticed at the deadline only,
    /// and a value must fit into one message.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::Replies;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let terse = call.replies(Replies::Result);
    /// # }
    /// ```
    pub fn replies(mut self, replies: Replies) -> Self {
        self.request.replies = replies;
        self
    }

    /// Sets what happens when nobody reads the events any more; by default the
    /// execution goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::OnCallerLost;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let in_vain = call.on_caller_lost(OnCallerLost::Cancel);
    /// # }
    /// ```
    pub fn on_caller_lost(mut self, on_caller_lost: OnCallerLost) -> Self {
        self.request.on_caller_lost = on_caller_lost;
        self
    }

    /// Sets the id of the execution. Whoever knows it may cancel; by default
    /// each attempt draws its own at random.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{FunctionCall, Resolver};
    /// use veritech_protocol::InvalidExecutionId;
    ///
    /// fn of_order(call: FunctionCall<Resolver>) -> Result<FunctionCall<Resolver>, InvalidExecutionId> {
    ///     Ok(call.id("order-17-f3a9".parse()?))
    /// }
    /// ```
    pub fn id(mut self, id: ExecutionId) -> Self {
        self.request.id = Some(id);
        self
    }

    /// Sets how long all attempts together may take; by default what the
    /// request allows, and [`Options::deadline_grace`](crate::Options).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let brief = call.deadline(Duration::from_secs(3));
    /// # }
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets which failures are answered by another attempt; by default those of
    /// [`Options::retry`](crate::Options).
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Retry;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let once = call.retry(Retry::Never);
    /// # }
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.options.retry = Some(retry);
        self
    }

    /// Sets the trace that the execution belongs to.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{FunctionCall, InvalidHeader, Resolver, TraceContext};
    ///
    /// fn traced(call: FunctionCall<Resolver>, parent: &str) -> Result<FunctionCall<Resolver>, InvalidHeader> {
    ///     Ok(call.trace(TraceContext::try_new(parent, None)?))
    /// }
    /// ```
    pub fn trace(mut self, trace: TraceContext) -> Self {
        self.options.trace = Some(trace);
        self
    }

    /// Sets whose fair share the execution counts against.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(tenant: veritech_client::Tenant, call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let billed = call.tenant(tenant);
    /// # }
    /// ```
    pub fn tenant(mut self, tenant: Tenant) -> Self {
        self.options.tenant = Some(tenant);
        self
    }

    /// Returns the request as it is so far.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// println!("{} bytes of code", call.request().code.len());
    /// # }
    /// ```
    pub fn request(&self) -> &RemoteFunctionRequest {
        &self.request
    }

    /// Starts the call at the async client that it is for.
    pub(crate) fn call_at(self, client: &Client) -> TypedCall<K> {
        let response_type = self.request.response_type;
        let call = client.call_with(self.request, self.options);
        TypedCall::new(call, response_type)
    }

    /// Returns whom the call was prepared with.
    #[cfg(feature = "blocking")]
    pub(crate) fn caller(&self) -> &C {
        &self.caller
    }
}

impl<C> FunctionCall<Resolver, C> {
    /// Sets the type that the value must have; any by default. `null` is of
    /// none but that, and nothing at all is of every type.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_protocol::ResponseType;
    ///
    /// # fn example(call: veritech_client::FunctionCall<veritech_client::Resolver>) {
    /// let whole = call.response_type(ResponseType::Integer);
    /// # }
    /// ```
    pub fn response_type(mut self, response_type: ResponseType) -> Self {
        self.request.response_type = response_type;
        self
    }
}

impl<K: FunctionKind> FunctionCall<K> {
    /// Calls the function.
    ///
    /// Nothing is sent before the [`TypedCall`] is polled; the time until its
    /// deadline starts here.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{Canceller, FunctionCall, Resolver, TypedCall};
    ///
    /// fn start(call: FunctionCall<Resolver>) -> (TypedCall<Resolver>, Canceller) {
    ///     let call = call.call();
    ///     let canceller = call.canceller();
    ///     (call, canceller)
    /// }
    /// ```
    pub fn call(self) -> TypedCall<K> {
        let client = self.caller.clone();
        self.call_at(&client)
    }

    /// Calls the function and waits for the result; `.await` does the same.
    ///
    /// # Errors
    ///
    /// Returns the failure, or that the value is not of the kind.
    ///
    /// # Cancellation
    ///
    /// Dropping this drops the call, which cancels nothing: see [`TypedCall`].
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{CallResult, FunctionCall, KindError, Resolver};
    ///
    /// async fn both(
    ///     one: FunctionCall<Resolver>,
    ///     other: FunctionCall<Resolver>,
    /// ) -> Result<(CallResult, CallResult), KindError> {
    ///     tokio::try_join!(one.result(), other.result())
    /// }
    /// ```
    pub async fn result(self) -> Result<K::Result, KindError> {
        self.call().result().await
    }
}

impl<K: FunctionKind> IntoFuture for FunctionCall<K> {
    type Output = Result<K::Result, KindError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.call().result().boxed()
    }
}

/// Rounds up, so that nothing gets less time than it was given.
fn whole_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
