use veritech_protocol::{Accepted, Level, Output, Part, Started, Stream, Timings, Usage};

use super::*;

/// An attempt, its clock, and the number of the next event.
struct Played {
    attempt: Attempt,
    start: Instant,
    sequence: u64,
}

impl Played {
    fn new(replies: Replies) -> Self {
        let start = Instant::now();
        let accept_timeout = Duration::from_secs(2);
        Self {
            attempt: Attempt::new(id(), replies, accept_timeout, 100, start),
            start,
            sequence: 0,
        }
    }

    fn after(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// Takes the next event in order.
    fn takes(&mut self, at_ms: u64, body: EventBody) -> Step {
        self.sequence += 1;
        let number = self.sequence.to_string();
        let event = Event::new(Some(id()), body);
        let now = self.after(at_ms);
        self.attempt.receive(Some(&number), Ok(event), now)
    }

    /// Takes the next event, which must not be the last.
    fn goes_on(&mut self, at_ms: u64, body: EventBody) {
        let step = self.takes(at_ms, body);
        assert!(matches!(step, Step::Event(_)), "{step:?}");
    }
}

fn id() -> ExecutionId {
    "x-1".parse().expect("valid")
}

fn accepted() -> EventBody {
    EventBody::Accepted(Accepted {
        instance: "one".to_owned(),
        heartbeat_ms: 1000,
    })
}

fn started() -> EventBody {
    EventBody::Started(Started {
        sandbox: "sbx-1".to_owned(),
        engine: "native".to_owned(),
        warm: true,
        enforced: std::collections::BTreeMap::new(),
    })
}

fn output() -> EventBody {
    EventBody::Output(Output {
        stream: Stream::Stdout,
        level: Some(Level::Info),
        message: "hello".to_owned(),
        timestamp: None,
    })
}

fn result(outcome: Outcome) -> EventBody {
    EventBody::Result(ExecutionResult {
        outcome,
        timings: Timings::default(),
        usage: Usage::default(),
        image_digest: Some("sha256:1".to_owned()),
    })
}

fn value(json: &str) -> EventBody {
    result(Outcome::Value(
        RawValue::from_string(json.to_owned()).expect("JSON"),
    ))
}

fn failure_of(step: Step) -> (Failure, FoundBy) {
    match step {
        Step::Ended(ending) => failure_in(ending),
        Step::Event(event) => panic!("the attempt goes on after {event:?}"),
    }
}

fn failure_in(ending: Ending) -> (Failure, FoundBy) {
    match ending {
        Ending::Failed {
            failure, found_by, ..
        } => (failure, found_by),
        Ending::Returned { json, .. } => panic!("the attempt returned {json:?}"),
    }
}

fn violation_in(step: Step) -> String {
    let (failure, found_by) = failure_of(step);
    assert_eq!(failure.code, FailureCode::Internal, "{failure}");
    assert_eq!(found_by, FoundBy::Client);
    failure.details["violation"]
        .as_str()
        .expect("a name")
        .to_owned()
}

#[test]
fn a_value_comes_with_its_report() {
    let mut played = Played::new(Replies::Events);
    played.goes_on(1, accepted());
    played.goes_on(2, started());
    played.goes_on(3, output());
    match played.takes(4, value("{\"b\": 1}")) {
        Step::Ended(Ending::Returned {
            json,
            report,
            event,
        }) => {
            assert_eq!(json.expect("a value").get(), "{\"b\": 1}");
            assert_eq!(report.image_digest.as_deref(), Some("sha256:1"));
            assert_eq!(event.body.name(), "result");
        }
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_refused_request_is_answered_at_once_and_perhaps_without_an_id() {
    for id in [Some(id()), None] {
        let mut played = Played::new(Replies::Events);
        let refusal = Failure::new(FailureCode::InvalidRequest, "no");
        let event = Event::new(id, result(Outcome::Failure(refusal)));
        let step = played.attempt.receive(Some("1"), Ok(event), played.start);
        let (failure, found_by) = failure_of(step);
        assert_eq!(failure.code, FailureCode::InvalidRequest);
        assert_eq!(found_by, FoundBy::Dispatcher);
    }
}

#[test]
fn a_request_that_nobody_takes_is_not_accepted() {
    let played = Played::new(Replies::Events);
    assert_eq!(played.attempt.wake_at(), Some(played.after(2000)));
    let early = played.attempt.tick(played.after(1999));
    assert!(early.is_none(), "{early:?}");

    let ending = played.attempt.tick(played.after(2000)).expect("ended");
    let (failure, _) = failure_in(ending);
    assert_eq!(failure.code, FailureCode::NotAccepted);
    assert_eq!(failure.details["limit_ms"], 2000);
}

#[test]
fn a_dispatcher_that_is_silent_for_three_heartbeats_is_lost() {
    let mut played = Played::new(Replies::Events);
    played.goes_on(100, accepted());
    played.goes_on(2000, EventBody::Heartbeat);
    played.goes_on(4900, started());
    let early = played.attempt.tick(played.after(7899));
    assert!(early.is_none(), "{early:?}");

    let ending = played.attempt.tick(played.after(7900)).expect("ended");
    let (failure, _) = failure_in(ending);
    assert_eq!(failure.code, FailureCode::DispatcherLost);
    assert_eq!(failure.details["last_sequence"], 3);
}

#[test]
fn no_heartbeat_is_too_short_or_too_long_to_be_missed() {
    for (heartbeat_ms, silence_ms) in [(0, 30), (u64::MAX, 180_000)] {
        let mut played = Played::new(Replies::Events);
        played.goes_on(
            0,
            EventBody::Accepted(Accepted {
                instance: "one".to_owned(),
                heartbeat_ms,
            }),
        );
        assert_eq!(played.attempt.wake_at(), Some(played.after(silence_ms)));
    }
}

#[test]
fn nobody_there_is_told_at_once() {
    let (failure, found_by) = failure_in(Attempt::no_responders());
    assert_eq!(failure.code, FailureCode::NoResponders);
    assert_eq!(found_by, FoundBy::Client);
}

#[test]
fn a_missing_and_a_repeated_event_are_a_gap() {
    for (number, expected) in [("3", 2), ("1", 2)] {
        let mut played = Played::new(Replies::Events);
        played.goes_on(0, accepted());
        let event = Event::new(Some(id()), output());
        let step = played
            .attempt
            .receive(Some(number), Ok(event), played.start);
        let (failure, _) = failure_of(step);
        assert_eq!(failure.code, FailureCode::SequenceGap);
        assert_eq!(failure.details["expected"], expected);
    }
}

#[test]
fn a_dispatcher_that_does_not_keep_to_the_protocol_is_named_as_such() {
    let now = Instant::now();
    let event = || Ok(Event::new(Some(id()), accepted()));
    for number in [None, Some(""), Some("one"), Some("-1")] {
        let mut played = Played::new(Replies::Events);
        let step = played.attempt.receive(number, event(), now);
        assert_eq!(violation_in(step), "unnumbered_event", "{number:?}");
    }

    let mut played = Played::new(Replies::Events);
    let malformed = Event::decode(b"{", 10);
    let step = played.attempt.receive(Some("1"), malformed, now);
    assert_eq!(violation_in(step), "malformed_event");

    for id in [None, Some("other".parse().expect("valid"))] {
        let mut played = Played::new(Replies::Events);
        let foreign = Event::new(id, accepted());
        let step = played.attempt.receive(Some("1"), Ok(foreign), now);
        assert_eq!(violation_in(step), "foreign_event");
    }
}

#[test]
fn events_out_of_turn_are_a_violation() {
    for body in [output(), started(), EventBody::Heartbeat] {
        let mut played = Played::new(Replies::Events);
        let step = played.takes(0, body);
        assert_eq!(violation_in(step), "untimely_event");
    }
    let mut played = Played::new(Replies::Events);
    played.goes_on(0, accepted());
    let step = played.takes(1, accepted());
    assert_eq!(violation_in(step), "untimely_event");
}

#[test]
fn parts_make_the_value_or_a_violation() {
    let part = |index, data: &str| {
        EventBody::Part(Part {
            index,
            data: data.to_owned(),
        })
    };
    let sha256 = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862".to_owned();
    let mut played = Played::new(Replies::Events);
    played.goes_on(0, accepted());
    played.goes_on(1, part(0, "{\"a"));
    played.goes_on(2, part(1, "\":1}"));
    let end = result(Outcome::Parts { parts: 2, sha256 });
    match played.takes(3, end) {
        Step::Ended(Ending::Returned { json, .. }) => {
            assert_eq!(json.expect("a value").get(), "{\"a\":1}");
        }
        step => panic!("{step:?}"),
    }

    let mut played = Played::new(Replies::Events);
    played.goes_on(0, accepted());
    assert_eq!(violation_in(played.takes(1, part(1, "x"))), "broken_parts");

    let mut played = Played::new(Replies::Events);
    played.goes_on(0, accepted());
    let (failure, _) = failure_of(played.takes(1, part(0, &"x".repeat(101))));
    assert_eq!(failure.code, FailureCode::ResultTooLarge);
    assert_eq!(failure.details["limit"], 100);
}

#[test]
fn without_events_neither_silence_nor_numbers_mean_anything() {
    let mut played = Played::new(Replies::Result);
    assert_eq!(played.attempt.wake_at(), None);
    assert!(played.attempt.tick(played.after(1_000_000)).is_none());
    assert_eq!(played.attempt.reached(), Reached::Unknown);

    let event = Event::new(Some(id()), value("1"));
    let step = played.attempt.receive(None, Ok(event), played.start);
    assert!(
        matches!(step, Step::Ended(Ending::Returned { .. })),
        "{step:?}"
    );
}

#[test]
fn what_was_reached_is_what_the_events_said() {
    let mut played = Played::new(Replies::Events);
    played.goes_on(0, accepted());
    assert_eq!(played.attempt.reached(), Reached::NotStarted);
    played.goes_on(1, started());
    assert_eq!(played.attempt.reached(), Reached::Started);
}

#[test]
fn events_of_a_later_version_are_passed_on() {
    let mut played = Played::new(Replies::Events);
    played.goes_on(0, accepted());
    let text = br#"{"event":"snapshot","id":"x-1"}"#;
    let step = played
        .attempt
        .receive(Some("2"), Event::decode(text, 100), played.start);
    assert!(matches!(step, Step::Event(_)), "{step:?}");
}
