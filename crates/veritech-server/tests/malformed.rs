//! Malformed requests, in numbers: each is refused, at no cost but the answer.

use std::env;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use lifecycle::Tasks;
use parking_lot::Mutex;
use sandbox::scripted::ScriptedEngine;
use testkit::malformed::{MAX_REQUEST_BYTES, Malformed, Request, valid};
use tokio::time::Instant;
use veritech_protocol::{Event, EventBody, FailureCode, Outcome, Replies};
use veritech_server::{Config, Dispatcher, Mailbox, Received, Undeliverable};

/// How many are tried, if the environment does not say.
const COUNT: usize = 20_000;

const PLACES: usize = 8;

/// A mailbox that keeps everything.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Event>>>);

impl Mailbox for Kept {
    async fn send(&mut self, event: Event, _replies: Replies) -> Result<(), Undeliverable> {
        self.0.lock().push(event);
        Ok(())
    }
}

fn variable(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().expect(name))
}

fn received(request: &Request) -> Received {
    Received {
        kind: Some(request.subject_kind.clone()),
        payload: request.payload.clone().into(),
        at: Instant::now(),
        trace: None,
    }
}

/// Returns the code of the failure that is all a request was told.
fn refusal(events: &[Event]) -> Option<FailureCode> {
    let [only] = events else { return None };
    match &only.body {
        EventBody::Result(result) => match &result.outcome {
            Outcome::Failure(failure) => Some(failure.code),
            _ => None,
        },
        _ => None,
    }
}

#[tokio::test]
async fn malformed_requests_in_numbers_are_each_refused_and_start_nothing() {
    let count = usize::try_from(variable("VERITECH_TEST_MALFORMED", COUNT as u64)).expect("fits");
    let seed = variable("VERITECH_TEST_SEED", 1);
    println!("{count} requests of seed {seed}");

    let (engine, mut launched) = ScriptedEngine::new(Duration::ZERO);
    let config = Config {
        places: NonZeroUsize::new(PLACES).expect("not 0"),
        max_request_bytes: MAX_REQUEST_BYTES,
        ..Config::default()
    };
    let dispatcher = Dispatcher::new(engine.clone(), config, Tasks::default());

    let began = Instant::now();
    for (number, request) in Malformed::new(seed).take(count).enumerate() {
        let mailbox = Kept::default();
        dispatcher
            .execute(received(&request), mailbox.clone())
            .await;
        let events = mailbox.0.lock();
        let told = refusal(&events);
        assert!(
            matches!(
                told,
                Some(
                    FailureCode::InvalidRequest
                        | FailureCode::UnsupportedKind
                        | FailureCode::UnsupportedImage
                )
            ),
            "number {number} of seed {seed}, {}: {:?} to `{}` was told {events:?}",
            request.fault,
            request.subject_kind,
            request.payload.escape_ascii(),
        );
    }
    println!("refused in {:?}", began.elapsed());

    assert!(launched.try_recv().is_err(), "a sandbox was started");
    let stats = dispatcher.stats();
    assert_eq!(usize::try_from(stats.refused), Ok(count));
    assert_eq!((stats.running, stats.waiting, stats.quarantined), (0, 0, 0));

    // Each place still is one: so many requests, and no more, get a sandbox at once.
    let mut rng = fastrand::Rng::with_seed(seed);
    let good: Vec<_> = (0..PLACES).map(|_| valid(&mut rng)).collect();
    let running = futures_util::future::join_all(good.iter().map(|request| {
        let mut received = received(request);
        // Its id may be drawn twice.
        received.payload = strip_id(&request.payload).into();
        dispatcher.execute(received, Kept::default())
    }));
    let held = async {
        let mut held = Vec::new();
        while held.len() < PLACES {
            held.push(launched.recv().await.expect("an engine"));
        }
        assert_eq!(engine.live(), PLACES);
        // They end with what the test held of them.
        drop(held);
    };
    tokio::join!(running, held);
    assert_eq!(dispatcher.stats().running, 0);
    assert_eq!(engine.live(), 0);
}

#[tokio::test]
async fn what_the_faults_are_put_into_is_taken() {
    let (engine, _launched) = ScriptedEngine::new(Duration::ZERO);
    let dispatcher = Dispatcher::new(engine.clone(), Config::default(), Tasks::default());
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..1000 {
        let request = valid(&mut rng);
        // What is not refused gets as far as a launch.
        engine.fail_launches(1);
        let mailbox = Kept::default();
        dispatcher
            .execute(received(&request), mailbox.clone())
            .await;
        let events = mailbox.0.lock();
        let names: Vec<_> = events.iter().map(|event| event.body.name()).collect();
        assert_eq!(
            names,
            ["accepted", "result"],
            "{}",
            request.payload.escape_ascii()
        );
    }
}

fn strip_id(payload: &[u8]) -> Vec<u8> {
    let mut request: serde_json::Map<_, _> = serde_json::from_slice(payload).expect("JSON");
    request.remove("id");
    serde_json::to_vec(&request).expect("JSON")
}
