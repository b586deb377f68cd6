//! The kinds of functions, as types.
//!
//! ```text
//!  client.qualification(image, code) ─▶ FunctionCall<Qualification>
//!                                           │ .inputs(…)? .timeout(…) …
//!                                           ▼
//!                                       TypedCall<Qualification> ─▶ TypedResult<Qualification>
//!                                         events                    or KindError
//! ```
//!
//! A value is checked here as the dispatcher has checked it: whatever it sends,
//! a result is of its kind, or none.

mod function_call;
mod typed_call;
mod typed_result;

use std::fmt;

use veritech_protocol::kind::action::Action;
use veritech_protocol::kind::code_generation::CodeGeneration;
use veritech_protocol::kind::qualification::Qualification;
use veritech_protocol::kind::validation::Validation;
use veritech_protocol::{InvalidResult, Kind, RawValue, ResponseType};

use crate::client::Client;
use crate::outcome::CallResult;

pub use self::function_call::{FunctionCall, InvalidInputs};
pub use self::typed_call::TypedCall;
pub use self::typed_result::{KindError, MistypedValue, TypedResult};

/// A kind of function: the type of what such functions return, or [`Resolver`]
/// for those that may return anything.
///
/// It is what keeps kinds apart: only a resolver has a `response_type`,
///
/// ```no_run
/// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use veritech_protocol::ResponseType;
///
/// let call = client.resolver("builtin/quickjs", "export default () => 1");
/// let one: u8 = call.response_type(ResponseType::Integer).await?.value()?;
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use veritech_protocol::ResponseType;
///
/// let call = client.validation("builtin/quickjs", "export default () => 1");
/// call.response_type(ResponseType::Integer).await?;
/// # Ok(())
/// # }
/// ```
///
/// and the result of one kind is not that of another:
///
/// ```no_run
/// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use veritech_client::TypedResult;
/// use veritech_protocol::kind::qualification::Qualification;
///
/// let code = "export default () => ({ result: 'success' })";
/// let judged: TypedResult<Qualification> = client.qualification("builtin/quickjs", code).await?;
/// # Ok(())
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use veritech_client::TypedResult;
/// use veritech_protocol::kind::validation::Validation;
///
/// let code = "export default () => ({ result: 'success' })";
/// let judged: TypedResult<Validation> = client.qualification("builtin/quickjs", code).await?;
/// # Ok(())
/// # }
/// ```
///
/// It cannot be implemented elsewhere: which kinds there are, the protocol says.
pub trait FunctionKind: sealed::Sealed + Send + Sync + Sized + 'static {
    /// The kind's name in requests.
    const KIND: Kind;

    /// What a call of such a function results in: a [`TypedResult`] of the
    /// kind's value, or for a resolver a [`CallResult`].
    type Result: fmt::Debug + Send + 'static;

    /// Makes the result of the call of what returned, if it is of the kind.
    #[doc(hidden)]
    fn checked(
        returned: CallResult,
        response_type: ResponseType,
    ) -> Result<Self::Result, (CallResult, InvalidResult)>;
}

mod sealed {
    /// Kinds are told from other types by this crate alone.
    pub trait Sealed {}
}

/// The kind of functions that may return any JSON of a declared type, or
/// nothing.
///
/// Its result is a [`CallResult`], whose [`value`](CallResult::value) reads the
/// JSON as any type. This type itself has no values: it names the kind.
///
/// # Examples
///
/// ```
/// use veritech_client::{FunctionCall, Resolver};
/// use veritech_protocol::ResponseType;
///
/// fn short(call: FunctionCall<Resolver>) -> FunctionCall<Resolver> {
///     call.response_type(ResponseType::String)
/// }
/// ```
#[derive(Clone, Debug)]
pub enum Resolver {}

impl sealed::Sealed for Resolver {}

impl FunctionKind for Resolver {
    const KIND: Kind = Kind::Resolver;
    type Result = CallResult;

    fn checked(
        returned: CallResult,
        response_type: ResponseType,
    ) -> Result<CallResult, (CallResult, InvalidResult)> {
        match Self::KIND.check(response_type, returned.json.as_deref()) {
            Ok(()) => Ok(returned),
            Err(invalid) => Err((returned, invalid)),
        }
    }
}

macro_rules! kinds_with_a_type {
    ($($kind:ident),+) => {$(
        impl sealed::Sealed for $kind {}

        impl FunctionKind for $kind {
            const KIND: Kind = Kind::$kind;
            type Result = TypedResult<Self>;

            fn checked(
                returned: CallResult,
                _: ResponseType,
            ) -> Result<TypedResult<Self>, (CallResult, InvalidResult)> {
                typed(returned, Self::read)
            }
        }
    )+};
}

kinds_with_a_type!(Qualification, Validation, CodeGeneration, Action);

fn typed<V>(
    returned: CallResult,
    read: fn(Option<&RawValue>) -> Result<V, InvalidResult>,
) -> Result<TypedResult<V>, (CallResult, InvalidResult)> {
    match read(returned.json.as_deref()) {
        Ok(value) => Ok(TypedResult {
            value,
            id: returned.id,
            attempts: returned.attempts,
            report: returned.report,
        }),
        Err(invalid) => Err((returned, invalid)),
    }
}

/// Functions by their kind. Each method gives a [`FunctionCall`] to say the
/// rest to; `image` is an OCI name such as `builtin/quickjs`, `code` the
/// function's source.
impl Client {
    /// Prepares the call of a function that computes a value.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default ({ name }) => `Hello, ${name}!`";
    /// let call = client.resolver("builtin/quickjs", code);
    /// let inputs = serde_json::json!({ "name": "Ada" });
    /// let greeting: String = call.inputs(&inputs)?.await?.value()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resolver(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Resolver> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that judges something.
    ///
    /// That the judgement is `failure` is a result as any other. Only a
    /// function that gives none has failed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default ({ port }) => port === 22
    ///     ? { result: 'failure', message: 'SSH is open' }
    ///     : { result: 'success' }";
    /// let call = client.qualification("builtin/quickjs", code);
    /// let judged = call.inputs(&serde_json::json!({ "port": 22 }))?.await?;
    /// if !judged.value.is_success() {
    ///     println!("{:?}: {:?}", judged.value.result, judged.value.message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn qualification(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Qualification> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that says whether something is valid.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default (name) => name.length <= 63
    ///     ? { valid: true }
    ///     : { valid: false, message: 'at most 63 characters' }";
    /// let call = client.validation("builtin/quickjs", code);
    /// let validated = call.inputs("www.example.com")?.await?;
    /// assert!(validated.value.valid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn validation(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Validation> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that writes code.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default ({ replicas }) =>
    ///     ({ format: 'yaml', code: `replicas: ${replicas}` })";
    /// let call = client.code_generation("builtin/quickjs", code);
    /// let written = call.inputs(&serde_json::json!({ "replicas": 3 }))?.await?;
    /// assert_eq!(written.value.code, "replicas: 3");
    /// # Ok(())
    /// # }
    /// ```
    pub fn code_generation(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<CodeGeneration> {
        FunctionCall::new(self.clone(), image, code)
    }

    /// Prepares the call of a function that does something.
    ///
    /// It is repeated with more care than others: see [`Retry`](crate::Retry).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let code = "export default async () => ({ status: 'ok', payload: { restarted: 2 } })";
    /// let done = client.action("builtin/quickjs", code).await?;
    /// assert!(done.value.is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn action(
        &self,
        image: impl Into<String>,
        code: impl Into<String>,
    ) -> FunctionCall<Action> {
        FunctionCall::new(self.clone(), image, code)
    }
}
