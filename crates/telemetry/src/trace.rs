//! W3C trace context (<https://www.w3.org/TR/trace-context/>): read, continued,
//! passed on.

use std::fmt::Write as _;

/// The longest `tracestate` that is passed on, in bytes.
const MAX_STATE_BYTES: usize = 512;

/// A place in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: String,
    parent_id: String,
    flags: String,
    state: Option<String>,
}

impl TraceContext {
    /// Reads the two headers; `None` if `traceparent` is not well-formed.
    ///
    /// A `tracestate` that is too long or not printable is dropped, as the
    /// specification allows.
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let mut fields = traceparent.trim().split('-');
        let version = fields.next()?;
        let trace_id = fields.next()?;
        let parent_id = fields.next()?;
        let flags = fields.next()?;
        let well_formed = is_hexadecimal(version, 2)
            && version != "ff"
            && (version != "00" || fields.next().is_none())
            && is_hexadecimal(trace_id, 32)
            && is_hexadecimal(parent_id, 16)
            && is_hexadecimal(flags, 2)
            && !is_zero(trace_id)
            && !is_zero(parent_id);
        if !well_formed {
            return None;
        }
        let printable = |state: &&str| {
            state.len() <= MAX_STATE_BYTES && state.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        };
        Some(Self {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            flags: flags.to_owned(),
            state: tracestate.filter(printable).map(str::to_owned),
        })
    }

    /// Returns the context of a new span below this one.
    ///
    /// If the system has no random bytes, the span is this one.
    #[must_use]
    pub fn child(&self) -> Self {
        let mut bytes = [0; 8];
        if getrandom::fill(&mut bytes).is_err() || bytes == [0; 8] {
            return self.clone();
        }
        let mut parent_id = String::with_capacity(16);
        for byte in bytes {
            write!(parent_id, "{byte:02x}").expect("invariant: writing to a string succeeds");
        }
        Self {
            parent_id,
            ..self.clone()
        }
    }

    /// Returns the trace's id, 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// Writes the `traceparent` header.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{}", self.trace_id, self.parent_id, self.flags)
    }

    /// Returns the `tracestate` header.
    pub fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_span_continues_the_trace_under_a_name_of_its_own() {
        let context = TraceContext::parse(PARENT, Some("vendor=1")).expect("well-formed");
        let child = context.child();

        assert_eq!(context.traceparent(), PARENT);
        assert_eq!(child.trace_id(), context.trace_id());
        assert_eq!(child.tracestate(), Some("vendor=1"));
        assert_ne!(child.traceparent(), context.traceparent());
    }

    #[test]
    fn malformed_headers_are_ignored() {
        for header in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ] {
            assert_eq!(TraceContext::parse(header, None), None, "{header:?}");
        }
        let context = TraceContext::parse(PARENT, Some("a\nb")).expect("well-formed");
        assert_eq!(context.tracestate(), None);
    }
}
