//! Many calls at once, and dispatchers that come and go meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use e2e::functions::resolver;
use e2e::wire::Wire;
use e2e::{Instance, LIMIT, TestEngine, World, figure, figures, leftovers};
use futures_util::{StreamExt as _, future};
use testkit::{HostInventory, NatsServer, eventually};
use veritech_client::{Client, Options};
use veritech_protocol::{RawValue, RemoteFunctionRequest, headers};

fn double(number: usize) -> RemoteFunctionRequest {
    let mut request = resolver("export default ({ number }) => number * 2");
    let inputs = format!("{{\"number\":{number}}}");
    request.inputs = RawValue::from_string(inputs).expect("JSON");
    request
}

/// Makes `calls` calls, one after the other on each of `clients` connections,
/// and counts them in `done`.
async fn call_all(url: &str, clients: usize, calls: usize, done: Arc<AtomicUsize>) {
    let work = (0..clients).map(|client_number| {
        let done = Arc::clone(&done);
        async move {
            let client = Client::connect(url, Options::default()).await;
            let client = client.expect("the client connects");
            for number in (client_number..calls).step_by(clients) {
                let called = client.call(double(number)).result().await;
                let value = called.map(|result| result.value::<usize>().ok());
                assert!(
                    matches!(value, Ok(Some(value)) if value == number * 2),
                    "{value:?}"
                );
                done.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    future::join_all(work).await;
}

#[tokio::test]
async fn serial_a_thousand_calls_on_two_dispatchers_each_end_once_and_leave_nothing() {
    let calls = TestEngine::current().scaled(1000);
    let server = NatsServer::start().await;
    let url = server.url();
    let before = HostInventory::take();
    let wire = Wire::connect(&url).await;
    let mut overheard = wire.listen("_INBOX.>").await;
    let subscriptions = server.subscriptions().await;

    let one = Instance::start(&url, "one", "").await;
    let two = Instance::start(&url, "two", "").await;
    let done = Arc::new(AtomicUsize::new(0));
    call_all(&url, 16, calls, Arc::clone(&done)).await;

    assert_eq!(done.load(Ordering::Relaxed), calls);
    let client = Client::connect(&url, Options::default()).await;
    let shares = figures(&client.expect("the client connects")).await;
    let share = |data| figure(data, "succeeded");
    let total: u64 = shares.iter().map(|(_, data)| share(data)).sum();
    assert_eq!(usize::try_from(total), Ok(calls));
    for (name, data) in &shares {
        assert!(
            share(data) >= total / 10,
            "`{name}` took too small a share: {shares:?}"
        );
    }

    one.stop().await;
    two.stop().await;
    let mut results: BTreeMap<String, usize> = BTreeMap::new();
    // What dispatchers sent came to the server before they stopped, and this after.
    wire.publish("_INBOX.end").await;
    while let Some(message) = overheard.next().await {
        if message.subject.as_str() == "_INBOX.end" {
            break;
        }
        let event = message
            .headers
            .as_ref()
            .and_then(|all| all.get(headers::EVENT));
        if event.is_some_and(|event| event.as_str() == "result") {
            *results.entry(message.subject.to_string()).or_default() += 1;
        }
    }
    assert_eq!(results.len(), calls, "calls with a result");
    let again: Vec<_> = results.iter().filter(|(_, count)| **count > 1).collect();
    assert!(again.is_empty(), "more than one result: {again:?}");

    eventually(LIMIT, "host as it was before", async || {
        let left = leftovers(&before);
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
    eventually(LIMIT, "server without further subscriptions", async || {
        let mut left = server.subscriptions().await;
        left.retain(|one| !subscriptions.contains(one));
        if left.is_empty() { Ok(()) } else { Err(left) }
    })
    .await;
}

#[tokio::test]
async fn a_dispatcher_that_fills_leaves_and_rejoins_under_load_loses_no_request() {
    let total = TestEngine::current().scaled(400);
    // Few places and no room to wait, so that each is full again and again.
    const SMALL: &str = "places = 2\nqueue = 1\n";
    let server = NatsServer::start().await;
    let url = server.url();
    let stays = Instance::start(&url, "stays", SMALL).await;
    let done = Arc::new(AtomicUsize::new(0));

    let comes_and_goes = async {
        for round in 1..=3 {
            let guest = Instance::start(&url, "guest", SMALL).await;
            eventually(
                Duration::from_secs(30),
                "progress of the calls",
                async || done.load(Ordering::Relaxed) >= round * total / 4,
            )
            .await;
            guest.stop().await;
        }
    };
    let calls = call_all(&url, 8, total, Arc::clone(&done));
    tokio::join!(calls, comes_and_goes);

    assert_eq!(done.load(Ordering::Relaxed), total);
    stays.stop().await;
}

#[tokio::test]
async fn a_burst_far_beyond_the_places_is_worked_off() {
    let world = World::start("places = 8\nqueue = 8\n").await;
    let client = world.patient_client().await;

    let calls =
        (0..TestEngine::current().scaled(128)).map(|number| client.call(double(number)).result());
    let ended = future::join_all(calls).await;

    for (number, called) in ended.into_iter().enumerate() {
        let value = called.map(|result| result.value::<usize>().ok());
        assert!(
            matches!(value, Ok(Some(value)) if value == number * 2),
            "{value:?}"
        );
    }
}
