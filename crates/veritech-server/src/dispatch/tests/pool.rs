//! Sandboxes that wait for requests.

use futures_util::stream::FuturesUnordered;

use super::*;
use crate::config::WarmImage;

/// Returns a dispatcher that is to keep `count` sandboxes ready.
fn stage_of(count: usize) -> Stage {
    stage_with(Config {
        warm: vec![WarmImage {
            image: "builtin/quickjs".to_owned(),
            tag: "latest".to_owned(),
            count,
        }],
        ..Config::default()
    })
}

/// Plays the inside of a sandbox whose function returns at once.
async fn play(inside: Inside) {
    let (mut socket, _played) = ready(inside).await;
    socket.send(Message::text(SUCCESS)).await.expect("sent");
    while let Some(Ok(_)) = socket.next().await {}
}

/// Calls a function while `count` sandboxes wait, and returns how long after that the
/// launch of the next one was over.
async fn refilled_after(count: usize) -> Duration {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage_of(count);
    dispatcher.warm_up();
    let mut plays = FuturesUnordered::new();
    let mut called = None;
    let mut call = std::pin::pin!(async {
        while dispatcher.stats().warm < u64::try_from(count).expect("fits") {
            time::sleep(Duration::from_millis(1)).await;
        }
        let at = Instant::now();
        (at, execute(&dispatcher, received("")).await)
    });
    let mut launched = 0;
    loop {
        tokio::select! {
            (at, ended) = &mut call, if called.is_none() => {
                assert_eq!(ended.code(), None);
                assert_eq!(dispatcher.stats().warm_starts, 1);
                called = Some(at);
            }
            Some(inside) = insides.recv() => {
                launched += 1;
                plays.push(play(inside));
                if let Some(called) = called.filter(|_| launched > count) {
                    return called.elapsed();
                }
            }
            Some(()) = plays.next() => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_pool_is_filled_after_the_call_that_took_a_sandbox_but_at_once_if_that_was_the_last() {
    let (some_left, none_left) = (refilled_after(2).await, refilled_after(1).await);
    assert!(
        some_left >= none_left + Duration::from_millis(2),
        "{some_left:?} and {none_left:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_starts_for_the_pool_while_the_dispatcher_drains_is_taken_back() {
    let Stage {
        dispatcher,
        engine,
        mut insides,
        tasks,
    } = stage_of(1);
    dispatcher.warm_up();
    let _silent = insides.recv().await.expect("launched");

    let drained = tasks
        .shutdown(Duration::from_secs(1), std::future::pending())
        .await;

    assert_eq!(drained, lifecycle::Drained::Cleanly);
    assert_eq!(engine.live(), 0);
}
