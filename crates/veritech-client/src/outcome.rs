//! How a call ended.

use serde::de::DeserializeOwned;
use veritech_protocol::{
    Event, EventBody, ExecutionId, ExecutionResult, Failure, FailureCode, Outcome, RawValue,
    Timings, Usage,
};

/// A call whose function returned.
///
/// # Examples
///
/// ```
/// use veritech_client::CallResult;
///
/// fn print(result: &CallResult) {
///     let text = result.json.as_ref().map_or("nothing", |json| json.get());
///     println!("{} returned {text} after {} µs", result.id, result.report.timings.total_us);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CallResult {
    /// The execution of the last attempt.
    pub id: ExecutionId,
    /// How many attempts it took.
    pub attempts: u32,
    /// The value as JSON text; `None` if it is unset, which is not `null`.
    pub json: Option<Box<RawValue>>,
    /// What the dispatcher tells besides.
    pub report: Box<Report>,
}

/// A call that has no value.
///
/// # Examples
///
/// ```
/// use veritech_client::CallError;
/// use veritech_protocol::Origin;
///
/// fn explain(error: &CallError) -> String {
///     match error.failure.origin {
///         Origin::User => format!("the function is wrong: {}", error.failure.message),
///         Origin::Request => format!("the request is wrong: {}", error.failure.message),
///         Origin::System => format!("not your fault: {error} (execution {})", error.id),
///     }
/// }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{failure}")]
pub struct CallError {
    /// Why, after the last attempt.
    pub failure: Failure,
    /// Who found that out.
    pub found_by: FoundBy,
    /// The execution of the last attempt.
    pub id: ExecutionId,
    /// How many attempts were made.
    pub attempts: u32,
    /// What the dispatcher tells besides; empty if the client found the failure.
    pub report: Box<Report>,
}

/// Who found a failure.
///
/// # Examples
///
/// ```
/// use veritech_client::{CallError, FoundBy};
///
/// fn may_still_run(error: &CallError) -> bool {
///     error.attempts > 0 && error.found_by == FoundBy::Client
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoundBy {
    /// The dispatcher: this is its result.
    Dispatcher,
    /// The client. An `internal` failure then means that a dispatcher did not
    /// keep to the protocol; its `violation` detail says how.
    Client,
}

/// What a dispatcher tells about an execution besides how it ended.
///
/// # Examples
///
/// ```
/// use veritech_client::Report;
///
/// fn is_cold(report: &Report) -> bool {
///     report.timings.sandbox_us > report.timings.execute_us
/// }
/// assert!(!is_cold(&Report::default()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Where the time went.
    pub timings: Timings,
    /// What it used.
    pub usage: Usage,
    /// The digest of the image that ran, where it is known.
    pub image_digest: Option<String>,
}

/// A value that is not of the type it was read as.
///
/// # Examples
///
/// ```
/// use veritech_client::{CallResult, ValueError};
///
/// fn or_default(result: &CallResult) -> Result<u16, serde_json::Error> {
///     match result.value() {
///         Ok(port) => Ok(port),
///         Err(ValueError::Unset) => Ok(443),
///         Err(ValueError::Mismatch(error)) => Err(error),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// There is none: the function returned nothing.
    #[error("the function returned nothing")]
    Unset,
    /// It is of another type.
    #[error("the value is not of the expected type")]
    Mismatch(#[source] serde_json::Error),
}

impl CallResult {
    /// Reads the value as a `T`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no value, or it is no `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::{CallResult, ValueError};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Server {
    ///     port: u16,
    /// }
    ///
    /// fn port(result: &CallResult) -> Result<u16, ValueError> {
    ///     result.value::<Server>().map(|server| server.port)
    /// }
    /// ```
    pub fn value<T: DeserializeOwned>(&self) -> Result<T, ValueError> {
        let json = self.json.as_ref().ok_or(ValueError::Unset)?;
        serde_json::from_str(json.get()).map_err(ValueError::Mismatch)
    }

    /// Returns the result as one event, the value whole.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::CallResult;
    ///
    /// fn as_a_line(result: CallResult) -> serde_json::Result<String> {
    ///     result.into_event().encode()
    /// }
    /// ```
    pub fn into_event(self) -> Event {
        let outcome = self.json.map_or(Outcome::Unset, Outcome::Value);
        self.report.into_event(self.id, outcome)
    }
}

impl CallError {
    /// Returns what went wrong: a stable name to branch on.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::CallError;
    /// use veritech_protocol::FailureCode;
    ///
    /// fn is_too_slow(error: &CallError) -> bool {
    ///     matches!(error.code(), FailureCode::TimedOut | FailureCode::DeadlineExceeded)
    /// }
    /// ```
    pub fn code(&self) -> FailureCode {
        self.failure.code
    }

    /// Returns the failure as a result event, as a dispatcher would send it.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::CallError;
    ///
    /// fn as_a_line(error: CallError) -> serde_json::Result<String> {
    ///     error.into_event().encode()
    /// }
    /// ```
    pub fn into_event(self) -> Event {
        self.report
            .into_event(self.id, Outcome::Failure(self.failure))
    }
}

impl Report {
    fn into_event(self, id: ExecutionId, outcome: Outcome) -> Event {
        let Self {
            timings,
            usage,
            image_digest,
        } = self;
        let result = ExecutionResult {
            outcome,
            timings,
            usage,
            image_digest,
        };
        Event::new(Some(id), EventBody::Result(result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(json: Option<&str>) -> CallResult {
        CallResult {
            id: "x-1".parse().expect("valid"),
            attempts: 1,
            json: json.map(|json| RawValue::from_string(json.to_owned()).expect("JSON")),
            report: Box::default(),
        }
    }

    #[test]
    fn null_is_a_value_and_unset_is_none() {
        let null: Option<u8> = result(Some("null")).value().expect("a value");
        assert_eq!(null, None);
        let unset = result(None).value::<Option<u8>>();
        assert!(matches!(unset, Err(ValueError::Unset)), "{unset:?}");
        let other = result(Some("\"3\"")).value::<u8>();
        assert!(matches!(other, Err(ValueError::Mismatch(_))), "{other:?}");
    }

    #[test]
    fn the_event_of_a_result_keeps_the_value_as_it_was_written() {
        let text = result(Some("{\"b\": 1.0}")).into_event().encode();
        let text = text.expect("encodes");
        assert!(text.contains(r#""value":{"b": 1.0}"#), "{text}");
        let text = result(None).into_event().encode().expect("encodes");
        assert!(text.contains(r#""unset":true"#), "{text}");
    }
}
