//! Executions that end in every way, by the thousand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use e2e::functions::{QUICKJS, in_image, resolver};
use e2e::wire::Wire;
use e2e::{Instance, figure, figures, leftovers};
use futures_util::{StreamExt as _, future};
use testkit::{HostInventory, NatsServer};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use veritech_client::{Client, Options};
use veritech_protocol::{FailureCode, RawValue, RemoteFunctionRequest, headers};

use crate::REST;

/// The share of the executions after which memory is looked at first: pools and
/// allocators have taken what they need.
const WARM_UP: usize = 20;

/// What an execution must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Value(usize),
    Failure(FailureCode),
}

/// Returns the execution of this number, and what it must come to.
fn execution(number: usize) -> (RemoteFunctionRequest, Expected) {
    let failing = |code: &str, failure| (resolver(code), Expected::Failure(failure));
    match number % 20 {
        14 => failing(
            "export default () => { throw new Error('no') }",
            FailureCode::Exception,
        ),
        15 => failing("export default (", FailureCode::SyntaxError),
        16 => failing("export default () => 1n", FailureCode::InvalidResult),
        17 => {
            let mut request = resolver("export default () => { for (;;); }");
            request.timeout_ms = Some(30);
            (request, Expected::Failure(FailureCode::TimedOut))
        }
        18 => {
            let mut request = resolver(
                "export default () => { const kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1)) }",
            );
            request.limits.memory_bytes = Some(24 << 20);
            (request, Expected::Failure(FailureCode::OutOfMemory))
        }
        19 => {
            // Nothing is left that could settle it.
            let mut request = resolver("export default () => new Promise(() => {})");
            request.timeout_ms = Some(2000);
            (request, Expected::Failure(FailureCode::Exception))
        }
        _ => {
            let mut request = in_image(QUICKJS, "export default ({ number }) => number * 2");
            let inputs = format!("{{\"number\":{number}}}");
            request.inputs = RawValue::from_string(inputs).expect("JSON");
            (request, Expected::Value(number * 2))
        }
    }
}

/// Executes `executions` functions, `at_once` at a time, and returns what must
/// not have been.
pub(crate) async fn soak(executions: usize, at_once: usize) -> Vec<String> {
    let server = NatsServer::start().await;
    let url = server.url();
    let before = HostInventory::take();
    let wire = Wire::connect(&url).await;
    let mut overheard = wire.listen("_INBOX.>").await;
    let counting = TaskTracker::new().spawn(async move {
        let mut results: BTreeMap<String, usize> = BTreeMap::new();
        while let Some(message) = overheard.next().await {
            if message.subject.as_str() == "_INBOX.end" {
                break;
            }
            let named = message.headers.as_ref();
            let event = named.and_then(|all| all.get(headers::EVENT));
            if event.is_some_and(|event| event.as_str() == "result") {
                *results.entry(message.subject.to_string()).or_default() += 1;
            }
        }
        results
    });
    let instance = Instance::start(&url, "one", &format!("places = {at_once}\n")).await;

    let begun = Instant::now();
    let warm_up = executions / WARM_UP;
    let mut wrong = call_all(&url, 0..warm_up, at_once).await;
    let (early, _) = instance.memory_bytes();
    wrong.extend(call_all(&url, warm_up..executions, at_once).await);
    let lasted = begun.elapsed();
    let (late, _) = instance.memory_bytes();

    let client = Client::connect(&url, Options::default()).await;
    let shares = figures(&client.expect("the client connects")).await;
    let data = shares
        .first()
        .map(|(_, data)| data.clone())
        .unwrap_or_default();
    if figure(&data, "failed_system") + figure(&data, "quarantined") + figure(&data, "undelivered")
        > 0
    {
        wrong.push(format!("figures of the dispatcher: {data}"));
    }
    instance.stop().await;
    wire.publish("_INBOX.end").await;
    let results = counting.await.expect("it counts to the end");
    let once = results.values().filter(|count| **count == 1).count();
    if results.len() != once {
        wrong.push(format!(
            "{} executions with more than one result",
            results.len() - once
        ));
    }
    if once != executions {
        wrong.push(format!("{once} of {executions} executions with one result"));
    }
    wrong.extend(left(&before).await);

    let rate = executions as f64 / lasted.as_secs_f64();
    println!(
        "soak: {executions} executions, {at_once} at once, in {:.0} s ({rate:.0} a second); {once} with exactly one result; {} wrong",
        lasted.as_secs_f64(),
        wrong.len()
    );
    println!(
        "soak: the dispatcher had {:.1} MiB resident after {warm_up}, {:.1} MiB after {executions}",
        mebibytes(early),
        mebibytes(late)
    );
    wrong
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Makes these calls and returns those that did not come to what they must.
async fn call_all(url: &str, numbers: std::ops::Range<usize>, at_once: usize) -> Vec<String> {
    let next = Arc::new(AtomicUsize::new(numbers.start));
    let callers = (0..at_once).map(|_| {
        let next = Arc::clone(&next);
        async move {
            let client = Client::connect(url, Options::default()).await;
            let client = client.expect("the client connects");
            let mut wrong = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return wrong;
                }
                let (request, expected) = execution(number);
                let seen = match client.call(request).result().await {
                    Ok(result) => result.value::<usize>().ok().map(Expected::Value),
                    Err(error) => Some(Expected::Failure(error.code())),
                };
                if seen != Some(expected) {
                    wrong.push(format!(
                        "execution {number}: {seen:?} in place of {expected:?}"
                    ));
                }
            }
        }
    });
    future::join_all(callers)
        .await
        .into_iter()
        .flatten()
        .collect()
}

/// Returns what stays on the host.
async fn left(before: &HostInventory) -> Option<String> {
    let deadline = Instant::now() + REST;
    loop {
        let left = leftovers(before);
        if left.is_empty() {
            return None;
        }
        if Instant::now() >= deadline {
            return Some(format!("left on the host: {left:?}"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
