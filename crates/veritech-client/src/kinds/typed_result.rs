//! How a call of a known kind ended.

use veritech_protocol::failure::{MAX_MESSAGE_BYTES, truncate};
use veritech_protocol::{ExecutionId, FailureCode, InvalidResult, Kind};

use crate::attempt::violation;
use crate::outcome::{CallError, CallResult, FoundBy, Report};

/// A call whose function returned what its kind demands.
///
/// # Examples
///
/// ```
/// use veritech_client::TypedResult;
/// use veritech_protocol::kind::code_generation::CodeGeneration;
///
/// fn save(written: &TypedResult<CodeGeneration>) -> std::io::Result<()> {
///     let CodeGeneration { format, code } = &written.value;
///     std::fs::write(format!("{}.{format}", written.id), code)
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TypedResult<V> {
    /// What the function returned.
    pub value: V,
    /// The execution of the last attempt.
    pub id: ExecutionId,
    /// How many attempts it took.
    pub attempts: u32,
    /// What the dispatcher tells besides.
    pub report: Box<Report>,
}

/// A call of a known kind that has no result.
///
/// # Examples
///
/// ```
/// use veritech_client::KindError;
/// use veritech_protocol::Origin;
///
/// fn explain(error: &KindError) -> String {
///     match error {
///         KindError::Failed(failed) if failed.failure.origin == Origin::User => {
///             format!("your function is wrong: {}", failed.failure.message)
///         }
///         KindError::Failed(failed) => format!("it was not executed well: {failed}"),
///         KindError::Mistyped(mistyped) => format!("there is a bug in a dispatcher: {mistyped}"),
///     }
/// }
/// ```
#[derive(Clone, Debug, thiserror::Error)]
pub enum KindError {
    /// The execution failed, or the client lost it.
    #[error(transparent)]
    Failed(CallError),
    /// The client has found that the value is not of the kind.
    #[error(transparent)]
    Mistyped(MistypedValue),
}

/// A value that a dispatcher should have refused: it is not of the kind.
///
/// # Examples
///
/// ```
/// use veritech_client::MistypedValue;
///
/// fn report(mistyped: &MistypedValue) {
///     eprintln!("{} at `{}`: {mistyped}", mistyped.id, mistyped.invalid.path);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a dispatcher passed on a value that is not of the kind {kind}: {invalid}")]
pub struct MistypedValue {
    /// The kind that it should be of.
    pub kind: Kind,
    /// What is wrong with it and where.
    pub invalid: InvalidResult,
    /// The execution of the last attempt.
    pub id: ExecutionId,
    /// How many attempts were made.
    pub attempts: u32,
    /// What the dispatcher tells besides.
    pub report: Box<Report>,
}

impl KindError {
    /// Returns what went wrong: a stable name to branch on. A mistyped value is
    /// `internal`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(client: veritech_client::Client) {
    /// use veritech_protocol::FailureCode;
    ///
    /// let call = client.action("builtin/quickjs", "export default () => { throw 1 }");
    /// let error = call.await.expect_err("it throws");
    /// assert_eq!(error.code(), FailureCode::Exception);
    /// # }
    /// ```
    pub fn code(&self) -> FailureCode {
        match self {
            Self::Failed(failed) => failed.code(),
            Self::Mistyped(_) => FailureCode::Internal,
        }
    }
}

impl MistypedValue {
    pub(super) fn new(kind: Kind, returned: CallResult, mut invalid: InvalidResult) -> Self {
        // Names of members are the function's choice, and may be as long as the value.
        truncate(&mut invalid.path, MAX_MESSAGE_BYTES);
        truncate(&mut invalid.problem, MAX_MESSAGE_BYTES);
        Self {
            kind,
            invalid,
            id: returned.id,
            attempts: returned.attempts,
            report: returned.report,
        }
    }
}

/// A mistyped value is a failure `internal`, found by the client, whose
/// `violation` is `mistyped_value`.
impl From<KindError> for CallError {
    fn from(error: KindError) -> Self {
        match error {
            KindError::Failed(failed) => failed,
            KindError::Mistyped(mistyped) => Self {
                failure: violation("mistyped_value", mistyped.to_string())
                    .with("path", mistyped.invalid.path),
                found_by: FoundBy::Client,
                id: mistyped.id,
                attempts: mistyped.attempts,
                report: mistyped.report,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use veritech_protocol::kind::action::Action;
    use veritech_protocol::kind::qualification::{Qualification, Verdict};
    use veritech_protocol::{RawValue, ResponseType};

    use super::*;
    use crate::kinds::{FunctionKind as _, Resolver};

    fn returned(json: Option<&str>) -> CallResult {
        CallResult {
            id: "x-1".parse().expect("valid"),
            attempts: 2,
            json: json.map(|json| RawValue::from_string(json.to_owned()).expect("JSON")),
            report: Box::default(),
        }
    }

    #[test]
    fn a_judgement_of_failure_is_a_result() {
        let json = r#"{"result":"failure","message":"port 22 is open"}"#;
        let judged = Qualification::checked(returned(Some(json)), ResponseType::Any);
        let judged = judged.expect("a result");
        assert_eq!(judged.value.result, Verdict::Failure);
        assert_eq!(judged.value.message.as_deref(), Some("port 22 is open"));
        assert_eq!((judged.id.as_str(), judged.attempts), ("x-1", 2));
    }

    #[test]
    fn a_value_of_another_kind_is_none_of_this_one() {
        for json in [
            None,
            Some(r#"{"valid":true}"#),
            Some(r#"{"status":"error"}"#),
        ] {
            let checked = Action::checked(returned(json), ResponseType::Any);
            checked.expect_err("not of the kind");
        }
        let checked = Resolver::checked(returned(Some("1")), ResponseType::String);
        checked.expect_err("not of the declared type");
        let checked = Resolver::checked(returned(None), ResponseType::String);
        assert!(checked.expect("nothing is of every type").json.is_none());
    }

    #[test]
    fn a_mistyped_value_is_a_failure_that_the_client_found() {
        let long = "x".repeat(MAX_MESSAGE_BYTES * 3);
        let json = format!(r#"{{"status":"ok","{long}":1}}"#);
        let checked = Action::checked(returned(Some(&json)), ResponseType::Any);
        let (returned, invalid) = checked.expect_err("an unknown member");
        let error = KindError::Mistyped(MistypedValue::new(Kind::Action, returned, invalid));
        assert_eq!(error.code(), FailureCode::Internal);

        let failed = CallError::from(error);
        assert_eq!(failed.found_by, FoundBy::Client);
        assert_eq!(failed.failure.details["violation"], "mistyped_value");
        assert!(failed.failure.message.len() <= MAX_MESSAGE_BYTES);
        let path = failed.failure.details["path"].as_str().expect("text");
        assert!(path.len() <= MAX_MESSAGE_BYTES, "{}", path.len());
    }
}
