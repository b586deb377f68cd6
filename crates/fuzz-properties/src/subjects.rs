//! Subjects, ids, prefixes and headers of messages.

use telemetry::TraceContext;
use veritech_protocol::{ExecutionId, Subjects};

/// No prefix and no id widens a subject, and what is published is recognised.
pub(crate) fn subject(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (prefix, rest) = text.split_once('\n').unwrap_or(("", text));
    let Ok(subjects) = Subjects::try_new(prefix) else {
        return;
    };
    // Anybody may publish to any subject below.
    if let Some(kind) = subjects.kind_of(rest) {
        assert!(rest.ends_with(kind));
    }
    if let Some(id) = subjects.cancelled_id(rest) {
        assert_eq!(subjects.cancel(&id), rest);
    }
    if let Ok(id) = rest.parse::<ExecutionId>() {
        let cancel = subjects.cancel(&id);
        assert!(!cancel.contains(['*', '>', ' ', '\r', '\n']), "{cancel}");
        assert_eq!(
            cancel.split('.').count(),
            subjects.cancellations().split('.').count()
        );
        assert_eq!(subjects.cancelled_id(&cancel), Some(id));
    }
}

/// A trace context that is read can be sent on: one line, bounded, of the same trace.
pub(crate) fn trace_context(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (parent, state) = text
        .split_once('\n')
        .map_or((&*text, None), |(parent, state)| (parent, Some(state)));
    let Some(context) = TraceContext::parse(parent, state) else {
        return;
    };
    let child = context.child();
    for context in [&context, &child] {
        let parent = context.traceparent();
        assert!(
            parent.bytes().all(|byte| byte.is_ascii_graphic()),
            "{parent:?}"
        );
        assert_eq!(parent.len(), 55);
        let state = context.tracestate();
        assert!(state.is_none_or(|state| state.len() <= 512 && !state.contains(['\r', '\n'])));
        let again = TraceContext::parse(&parent, state).expect("what was written is read");
        assert_eq!(&again, context);
    }
    assert_eq!(child.trace_id(), context.trace_id());
}
