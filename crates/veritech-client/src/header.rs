//! What a caller may send beside the request.

use veritech_protocol::headers;

/// The longest `tracestate`, as W3C asks for at least.
const MAX_TRACESTATE_BYTES: usize = 512;

/// The longest name of a tenant.
const MAX_TENANT_BYTES: usize = 128;

/// A trace that executions are to belong to, as
/// [W3C](https://www.w3.org/TR/trace-context/) writes it.
///
/// # Examples
///
/// ```
/// use veritech_client::TraceContext;
///
/// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace = TraceContext::try_new(parent, None)?;
/// # Ok::<(), veritech_client::InvalidHeader>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    traceparent: String,
    tracestate: Option<String>,
}

/// Whose fair share an execution counts against, where the dispatchers trust
/// callers to say so.
///
/// # Examples
///
/// ```
/// use veritech_client::{CallOptions, Tenant};
///
/// let options = CallOptions {
///     tenant: Some(Tenant::try_new("billing")?),
///     ..CallOptions::default()
/// };
/// # Ok::<(), veritech_client::InvalidHeader>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(String);

/// Text that a header cannot hold.
///
/// # Examples
///
/// ```
/// use veritech_client::Tenant;
///
/// let error = Tenant::try_new("two\nlines").expect_err("ends the header");
/// assert_eq!(error.header, "Veritech-Tenant");
/// assert_eq!(error.expected, "1 to 128 printable ASCII characters");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{header}` must be {expected}")]
pub struct InvalidHeader {
    /// The header.
    pub header: &'static str,
    /// What it must be.
    pub expected: &'static str,
}

impl TraceContext {
    /// Returns the context of the span `traceparent`.
    ///
    /// # Errors
    ///
    /// Returns an error for text that is not of the right form.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::TraceContext;
    ///
    /// let error = TraceContext::try_new("00-4BF9-00F0-01", None).expect_err("too short");
    /// assert_eq!(error.header, "traceparent");
    /// ```
    pub fn try_new(traceparent: &str, tracestate: Option<&str>) -> Result<Self, InvalidHeader> {
        if !is_traceparent(traceparent) {
            return Err(InvalidHeader {
                header: headers::TRACEPARENT,
                expected: "`<version>-<trace id>-<parent id>-<flags>` in lower-case hexadecimal",
            });
        }
        if tracestate.is_some_and(|state| !is_line(state, MAX_TRACESTATE_BYTES)) {
            return Err(InvalidHeader {
                header: headers::TRACESTATE,
                expected: "1 to 512 printable ASCII characters",
            });
        }
        Ok(Self {
            traceparent: traceparent.to_owned(),
            tracestate: tracestate.map(str::to_owned),
        })
    }

    /// The headers that carry it.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let state = self.tracestate.as_deref();
        let state = state.map(|state| (headers::TRACESTATE, state));
        std::iter::once((headers::TRACEPARENT, self.traceparent.as_str())).chain(state)
    }
}

impl Tenant {
    /// Returns the tenant of this name.
    ///
    /// # Errors
    ///
    /// Returns an error if a header cannot hold it.
    ///
    /// # Examples
    ///
    /// ```
    /// use veritech_client::Tenant;
    ///
    /// assert_ne!(Tenant::try_new("team a")?, Tenant::try_new("team b")?);
    /// assert!(Tenant::try_new("").is_err());
    /// # Ok::<(), veritech_client::InvalidHeader>(())
    /// ```
    pub fn try_new(name: &str) -> Result<Self, InvalidHeader> {
        if !is_line(name, MAX_TENANT_BYTES) {
            return Err(InvalidHeader {
                header: headers::TENANT,
                expected: "1 to 128 printable ASCII characters",
            });
        }
        Ok(Self(name.to_owned()))
    }

    /// The header that carries it.
    pub(crate) fn header(&self) -> (&'static str, &str) {
        (headers::TENANT, &self.0)
    }
}

fn is_line(text: &str, max_bytes: usize) -> bool {
    !text.is_empty()
        && text.len() <= max_bytes
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn is_traceparent(text: &str) -> bool {
    let hexadecimal = |field: &str, digits: usize| {
        field.len() == digits
            && field
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let mut fields = text.split('-');
    let mut next = |digits| {
        fields
            .next()
            .is_some_and(|field| hexadecimal(field, digits))
    };
    next(2) && next(32) && next(16) && next(2) && fields.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn nothing_that_ends_a_header_gets_into_one() {
        for state in ["", "a\r\nb: c", "ä", &"x".repeat(513)] {
            let error = TraceContext::try_new(PARENT, Some(state)).expect_err(state);
            assert_eq!(error.header, "tracestate");
            Tenant::try_new(state).expect_err(state);
        }
        for parent in ["", "00-", &PARENT.to_uppercase(), &format!("{PARENT}-00")] {
            let error = TraceContext::try_new(parent, None).expect_err(parent);
            assert_eq!(error.header, "traceparent");
        }
    }

    #[test]
    fn a_trace_is_carried_by_two_headers() {
        let trace = TraceContext::try_new(PARENT, Some("a=b")).expect("valid");
        let carried: Vec<_> = trace.headers().collect();
        assert_eq!(carried, [("traceparent", PARENT), ("tracestate", "a=b")]);
    }
}
