//! A caller's inbox: numbers events, and makes each fit into a message.

use std::sync::Arc;

use async_nats::{Client, HeaderMap, Subject};
use sha2::{Digest as _, Sha256};
use telemetry::TraceContext;
use veritech_protocol::{
    Event, EventBody, ExecutionId, ExecutionResult, Failure, FailureCode, Outcome, Output, Part,
    Replies, headers,
};

use crate::mailbox::{Mailbox, Undeliverable};

/// What headers may take of a message's size.
const HEADER_BYTES: usize = 2048;

/// The longest error in a header, in bytes.
const MAX_ERROR_BYTES: usize = 256;

/// The smallest piece that output or a value is cut into.
const MIN_PIECE_BYTES: usize = 256;

/// The mailbox of one execution on NATS.
#[derive(Debug)]
pub(super) struct NatsMailbox {
    client: Client,
    inbox: Subject,
    trace: Option<TraceContext>,
    lost_callers: Arc<str>,
    sequence: u64,
}

impl NatsMailbox {
    pub(super) fn new(
        client: Client,
        inbox: Subject,
        trace: Option<TraceContext>,
        lost_callers: Arc<str>,
    ) -> Self {
        Self {
            client,
            inbox,
            trace,
            lost_callers,
            sequence: 0,
        }
    }

    async fn publish(&mut self, event: &Event, text: String) -> Result<(), Undeliverable> {
        let number = self.sequence + 1;
        let headers = self.headers(event, number);
        let reply = match (&event.body, &event.id) {
            // Where "no responders" comes to, should nobody listen. A function
            // that writes all the time leaves no room for heartbeats.
            (EventBody::Heartbeat | EventBody::Output(_), Some(id)) => {
                Some(format!("{}.{id}", self.lost_callers))
            }
            _ => None,
        };
        let published = match reply {
            Some(reply) => {
                let client = &self.client;
                client
                    .publish_with_reply_and_headers(self.inbox.clone(), reply, headers, text.into())
                    .await
            }
            None => {
                let client = &self.client;
                client
                    .publish_with_headers(self.inbox.clone(), headers, text.into())
                    .await
            }
        };
        published.map_err(|error| Undeliverable(error.to_string()))?;
        self.sequence = number;
        Ok(())
    }

    fn headers(&self, event: &Event, number: u64) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.insert(headers::EVENT, event.body.name());
        map.insert(headers::SEQUENCE, number.to_string());
        if let Some(trace) = &self.trace {
            map.insert(headers::TRACEPARENT, trace.traceparent());
            if let Some(state) = trace.tracestate() {
                map.insert(headers::TRACESTATE, state);
            }
        }
        if let EventBody::Result(ExecutionResult {
            outcome: Outcome::Failure(failure),
            ..
        }) = &event.body
        {
            let text = format!("{}: {}", failure.code, failure.message);
            map.insert(headers::SERVICE_ERROR, header_text(&text));
            let code = failure.code.service_error_code().to_string();
            map.insert(headers::SERVICE_ERROR_CODE, code);
        }
        map
    }
}

impl Mailbox for NatsMailbox {
    async fn send(&mut self, event: Event, replies: Replies) -> Result<(), Undeliverable> {
        if replies == Replies::Result && !matches!(event.body, EventBody::Result(_)) {
            return Ok(());
        }
        let max_bytes = self
            .client
            .server_info()
            .max_payload
            .saturating_sub(HEADER_BYTES);
        for (event, text) in fitted(event, replies, max_bytes)? {
            if text.len() > max_bytes {
                // One oversized message would cost the connection that all
                // executions share.
                return Err(Undeliverable(format!(
                    "an event of {} bytes does not fit into {max_bytes}",
                    text.len()
                )));
            }
            self.publish(&event, text).await?;
        }
        Ok(())
    }
}

/// Makes messages of at most `max_bytes` out of an event, each with its text.
fn fitted(
    event: Event,
    replies: Replies,
    max_bytes: usize,
) -> Result<Vec<(Event, String)>, Undeliverable> {
    let whole = encoded(event)?;
    if whole.1.len() <= max_bytes {
        return Ok(vec![whole]);
    }
    let (Event { id, body }, text) = whole;
    let pieces = match body {
        EventBody::Output(output) => output_pieces(id.as_ref(), &output, max_bytes),
        EventBody::Result(result) => result_pieces(id, result, replies, max_bytes),
        body => return Ok(vec![(Event { id, body }, text)]),
    };
    pieces.into_iter().map(encoded).collect()
}

fn encoded(event: Event) -> Result<(Event, String), Undeliverable> {
    let text = event.encode();
    let text = text.map_err(|error| Undeliverable(error.to_string()))?;
    Ok((event, text))
}

/// Cuts a message of output, however much its characters grow when escaped.
fn output_pieces(id: Option<&ExecutionId>, output: &Output, max_bytes: usize) -> Vec<Event> {
    // A character of one byte takes six at most.
    let piece_bytes = (max_bytes.saturating_sub(MIN_PIECE_BYTES) / 6).max(MIN_PIECE_BYTES);
    pieces(&output.message, piece_bytes)
        .map(|piece| {
            let body = EventBody::Output(Output {
                message: piece.to_owned(),
                ..output.clone()
            });
            Event::new(id.cloned(), body)
        })
        .collect()
}

fn result_pieces(
    id: Option<ExecutionId>,
    result: ExecutionResult,
    replies: Replies,
    max_bytes: usize,
) -> Vec<Event> {
    let event = |outcome| {
        let body = EventBody::Result(ExecutionResult {
            outcome,
            ..result.clone()
        });
        Event::new(id.clone(), body)
    };
    match (&result.outcome, replies) {
        (Outcome::Value(value), Replies::Events) => {
            let value = value.get();
            // In JSON text no character but `"` and `\` grows, and those to two.
            let piece_bytes = (max_bytes.saturating_sub(MIN_PIECE_BYTES) / 2).max(MIN_PIECE_BYTES);
            let mut events = Vec::new();
            let mut parts = 0;
            for (index, piece) in (0_u32..).zip(pieces(value, piece_bytes)) {
                let data = piece.to_owned();
                events.push(Event::new(
                    id.clone(),
                    EventBody::Part(Part { index, data }),
                ));
                parts = index + 1;
            }
            let digest = Sha256::digest(value.as_bytes());
            let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            events.push(event(Outcome::Parts { parts, sha256 }));
            events
        }
        (Outcome::Value(value), Replies::Result) => {
            let failure = Failure::new(
                FailureCode::ResultTooLarge,
                "the value does not fit into one message; ask for `replies: events` to get it in parts",
            );
            vec![event(Outcome::Failure(
                failure
                    .with("limit_name", "max_payload")
                    .with("limit", max_bytes)
                    .with("measured", value.get().len()),
            ))]
        }
        (Outcome::Failure(failure), _) => {
            let short = Failure::new(failure.code, header_text(&failure.message));
            vec![event(Outcome::Failure(short))]
        }
        (Outcome::Unset | Outcome::Parts { .. }, _) => vec![event(result.outcome.clone())],
    }
}

/// Cuts text into pieces of at most `max_bytes`, between characters.
fn pieces(text: &str, max_bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(rest.floor_char_boundary(max_bytes.max(4)));
        rest = after;
        Some(piece)
    })
}

/// The beginning of a text, in one line.
fn header_text(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_ERROR_BYTES);
    let text = text.get(..end).unwrap_or_default();
    text.replace(|character: char| character.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use veritech_protocol::{RawValue, Stream, Timings, Usage};

    use super::*;

    fn result(outcome: Outcome) -> Event {
        let body = EventBody::Result(ExecutionResult {
            outcome,
            timings: Timings::default(),
            usage: Usage::default(),
            image_digest: None,
        });
        Event::new(Some("x".parse().expect("valid")), body)
    }

    #[test]
    fn a_value_too_large_for_the_one_message_that_was_asked_for_is_a_failure() {
        let value = RawValue::from_string(format!("\"{}\"", "x".repeat(5000))).expect("JSON");
        let events = fitted(result(Outcome::Value(value)), Replies::Result, 3000);
        let events = events.expect("encodes");
        let [
            (
                Event {
                    body: EventBody::Result(only),
                    ..
                },
                _text,
            ),
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        let Outcome::Failure(failure) = &only.outcome else {
            panic!("{only:?}");
        };
        assert_eq!(failure.code, FailureCode::ResultTooLarge);
    }

    proptest! {
        #[test]
        fn every_message_fits_and_the_parts_are_the_value(
            text in "[\\PC\"\\\\\n]{0,3000}",
            max_bytes in 2048_usize..4096,
        ) {
            let json = serde_json::to_string(&text).expect("JSON");
            let value = RawValue::from_string(json.clone()).expect("JSON");
            let mut whole = String::new();
            let events = fitted(result(Outcome::Value(value)), Replies::Events, max_bytes);
            for (event, text) in events.expect("encodes") {
                prop_assert!(text.len() <= max_bytes);
                match event.body {
                    EventBody::Part(part) => whole.push_str(&part.data),
                    EventBody::Result(ExecutionResult { outcome: Outcome::Value(value), .. }) => {
                        whole.push_str(value.get());
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(whole, json);
        }

        #[test]
        fn output_is_cut_to_fit_and_nothing_of_it_is_lost(message in "[\\x00-\\x1f\\PC]{0,3000}") {
            let output = Output { stream: Stream::Stdout, level: None, message: message.clone(), timestamp: None };
            let event = Event::new(Some("x".parse().expect("valid")), EventBody::Output(output));
            let mut whole = String::new();
            for (event, text) in fitted(event, Replies::Events, 2048).expect("encodes") {
                prop_assert!(text.len() <= 2048);
                if let EventBody::Output(piece) = event.body {
                    whole.push_str(&piece.message);
                }
            }
            prop_assert_eq!(whole, message);
        }
    }
}
