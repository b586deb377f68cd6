//! What can be said of a call.

use std::time::Duration;

use serde::Serialize;
use veritech_protocol::{
    ExecutionId, Language, Network, OnCallerLost, Replies, RequestedLimits, ResponseType,
};

use super::{FunctionCall, InvalidInputs};
use crate::header::{Tenant, TraceContext};
use crate::kinds::{FunctionKind, Resolver};
use crate::retry::Retry;

/// What can be said of a call. All of it may be left out.
impl<K: FunctionKind, C> FunctionCall<K, C> {
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
}

/// What can be said of the call of a resolver besides.
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

/// Rounds up, so that nothing gets less time than it was given.
fn whole_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
