//! A call that is being prepared; what can be said of it is in `terms`.

mod terms;

use std::future::IntoFuture;
use std::marker::PhantomData;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use veritech_protocol::RemoteFunctionRequest;

use super::{FunctionKind, KindError, TypedCall};
use crate::client::Client;
use crate::options::CallOptions;

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
