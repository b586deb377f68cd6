//! Requests, events and frames.

use veritech_protocol::{
    Bounds, Event, Execution, Frame, FrameOutcome, Kind, RemoteFunctionRequest, ResponseType,
};

/// The largest message that is tried.
const MAX_BYTES: usize = 1 << 16;

const KINDS: [Kind; 5] = [
    Kind::Resolver,
    Kind::Qualification,
    Kind::Validation,
    Kind::CodeGeneration,
    Kind::Action,
];

const RESPONSE_TYPES: [ResponseType; 7] = [
    ResponseType::Any,
    ResponseType::String,
    ResponseType::Integer,
    ResponseType::Number,
    ResponseType::Boolean,
    ResponseType::Object,
    ResponseType::Array,
];

/// A request is refused in a few words, or comes back as it went and gets no more
/// than the bounds allow.
pub(crate) fn request(bytes: &[u8]) {
    let salvaged = RemoteFunctionRequest::salvage_id(bytes, MAX_BYTES);
    let request = match RemoteFunctionRequest::decode(bytes, MAX_BYTES) {
        Ok(request) => request,
        Err(error) => {
            let failure = veritech_protocol::Failure::from(error);
            assert!(failure.message.len() <= 8192, "{}", failure.message.len());
            return;
        }
    };
    assert_eq!(salvaged, request.id, "the id is another one");

    let text = request
        .encode()
        .expect("a request that was read is written");
    let again = RemoteFunctionRequest::decode(text.as_bytes(), usize::MAX)
        .expect("a request that was written is read");
    assert_eq!(again.encode().expect("and written"), text);

    let image = request.validate().expect("it was checked when it was read");
    assert!(!image.image().contains("..") && !image.image().starts_with(['/', '-']));
    let bounds = Bounds::default();
    if let Ok(terms) = bounds.grant(&request) {
        assert!(terms.memory_bytes <= bounds.memory_bytes.maximum);
        assert!(terms.disk_bytes <= bounds.disk_bytes.maximum);
        assert!(terms.output_bytes <= bounds.output_bytes.maximum);
        assert!(terms.result_bytes <= bounds.result_bytes.maximum);
        assert!(u64::from(terms.cpu_millis) <= bounds.cpu_millis.maximum);
        assert!(u64::from(terms.processes) <= bounds.processes.maximum);
        assert!(terms.timeout.as_millis() <= u128::from(bounds.timeout_ms.maximum));
    }
}

/// An event that is read comes back as it went.
pub(crate) fn event(bytes: &[u8]) {
    let Ok(event) = Event::decode(bytes, MAX_BYTES) else {
        return;
    };
    let text = event.encode().expect("an event that was read is written");
    let again = Event::decode(text.as_bytes(), usize::MAX).expect("and read");
    assert_eq!(again.id, event.id);
    assert_eq!(again.body.name(), event.body.name());
    assert_eq!(again.encode().expect("and written"), text);
}

/// A frame that is read is written in one line and comes back; its value can be
/// held against any kind.
pub(crate) fn frame(bytes: &[u8]) {
    // What goes the other way is read by the same means.
    if let Ok(execution) = Execution::decode(bytes, MAX_BYTES) {
        let line = execution.encode().expect("an execution is written");
        assert!(!line.contains('\n'), "{line:?}");
        let again = Execution::decode(line.as_bytes(), usize::MAX).expect("and read");
        assert_eq!(again.encode().expect("and written"), line);
    }
    let Ok(frame) = Frame::decode(bytes, MAX_BYTES) else {
        return;
    };
    let line = frame.encode().expect("a frame that was read is written");
    assert!(!line.contains(['\n', '\r']), "{line:?}");
    let again = Frame::decode(line.as_bytes(), usize::MAX).expect("and read");
    assert_eq!(again.encode().expect("and written"), line);

    let Frame::Result(FrameOutcome::Value(value)) = frame else {
        return;
    };
    for kind in KINDS {
        for response_type in RESPONSE_TYPES {
            if let Err(refused) = kind.check(response_type, Some(&value)) {
                let told = refused.to_string();
                assert!(told.len() <= 8192, "{} bytes to refuse a value", told.len());
            }
        }
    }
}
