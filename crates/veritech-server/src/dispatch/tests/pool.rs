//! Sandboxes that wait for requests.

use futures_util::stream::FuturesUnordered;

use super::*;
use crate::config::{PoolConfig, WarmImage};

/// Returns a dispatcher that is to keep `count` sandboxes ready.
fn stage_of(count: usize) -> Stage {
    stage_for(PoolConfig {
        images: vec![warm("builtin/quickjs", count, count)],
        ..PoolConfig::default()
    })
}

fn stage_for(pool: PoolConfig) -> Stage {
    stage_with(Config {
        pool,
        ..Config::default()
    })
}

fn warm(image: &str, minimum: usize, maximum: usize) -> WarmImage {
    WarmImage {
        image: image.to_owned(),
        tag: "latest".to_owned(),
        minimum,
        maximum,
    }
}

/// Plays the inside of every sandbox, each of which has used this much memory, and whose
/// functions return at once.
fn play_all(tasks: &Tasks, mut insides: mpsc::UnboundedReceiver<Inside>, memory_bytes: u64) {
    let each = tasks.clone();
    tasks.spawn(Span::none(), async move {
        while let Some(inside) = insides.recv().await {
            inside.report.send_replace(Report {
                memory_peak_bytes: Some(memory_bytes),
                ..Report::default()
            });
            each.spawn(Span::none(), async move {
                let mut socket = upgrade(inside.stream).await;
                socket.send(Message::text(READY)).await.expect("sent");
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() {
                        socket.send(Message::text(SUCCESS)).await.expect("sent");
                    }
                }
                drop(inside.ending);
            });
        }
    });
}

/// Calls functions in this image for a while, `gap` apart.
async fn call(dispatcher: &Dispatcher<ScriptedEngine>, image: &str, count: u32, gap: Duration) {
    for _ in 0..count {
        let text = format!(r#"{{"kind":"resolver","container_image":"{image}","code":""}}"#);
        let request = Received {
            payload: text.into(),
            ..received("")
        };
        assert_eq!(execute(dispatcher, request).await.code(), None);
        time::sleep(gap).await;
    }
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

#[tokio::test(start_paused = true)]
async fn the_pool_grows_while_its_image_is_called_for_and_shrinks_when_it_no_longer_is() {
    let Stage {
        dispatcher,
        engine,
        insides,
        tasks,
    } = stage_for(PoolConfig {
        images: vec![warm("builtin/quickjs", 0, 20)],
        ..PoolConfig::default()
    });
    play_all(&tasks, insides, 1 << 20);
    dispatcher.warm_up();
    time::sleep(Duration::from_secs(60)).await;
    assert_eq!(dispatcher.stats().warm, 0, "nothing has been called");

    call(
        &dispatcher,
        "builtin/quickjs",
        500,
        Duration::from_millis(2),
    )
    .await;
    time::sleep(Duration::from_millis(100)).await;
    let stats = dispatcher.stats();
    assert!((2..=20).contains(&stats.warm), "{stats:?}");
    assert!(stats.warm_starts > 450, "{stats:?}");

    time::sleep(Duration::from_secs(120)).await;
    assert_eq!(dispatcher.stats().warm, 0);
    assert_eq!(engine.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_called_most_gets_most_of_what_all_images_may_have() {
    let Stage {
        dispatcher,
        insides,
        tasks,
        ..
    } = stage_for(PoolConfig {
        images: vec![warm("builtin/cold", 3, 3), warm("builtin/hot", 0, 100)],
        count: 6,
        ..PoolConfig::default()
    });
    play_all(&tasks, insides, 1 << 20);
    dispatcher.warm_up();
    call(&dispatcher, "builtin/hot", 300, Duration::ZERO).await;
    time::sleep(Duration::from_millis(100)).await;
    assert_eq!(dispatcher.stats().warm, 6);

    let before = dispatcher.stats().warm_starts;
    call(&dispatcher, "builtin/cold", 3, Duration::ZERO).await;
    assert_eq!(
        dispatcher.stats().warm_starts - before,
        3,
        "its minimum was kept"
    );
}

#[tokio::test(start_paused = true)]
async fn room_is_made_for_what_is_called_now() {
    let Stage {
        dispatcher,
        insides,
        tasks,
        ..
    } = stage_for(PoolConfig {
        images: vec![warm("builtin/one", 0, 100), warm("builtin/other", 0, 100)],
        count: 4,
        idle: Duration::from_secs(3600),
        ..PoolConfig::default()
    });
    play_all(&tasks, insides, 1 << 20);
    dispatcher.warm_up();
    for image in ["builtin/one", "builtin/other"] {
        call(&dispatcher, image, 300, Duration::ZERO).await;
        time::sleep(Duration::from_millis(100)).await;
        let before = dispatcher.stats().warm_starts;
        call(&dispatcher, image, 3, Duration::ZERO).await;
        assert!(dispatcher.stats().warm_starts - before >= 2, "{image}");
        assert!(dispatcher.stats().warm <= 4);
        time::sleep(Duration::from_secs(30)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_pool_stays_within_its_memory_even_for_minima() {
    let Stage {
        dispatcher,
        insides,
        tasks,
        ..
    } = stage_for(PoolConfig {
        images: vec![warm("builtin/quickjs", 50, 50)],
        memory_bytes: 10 << 20,
        ..PoolConfig::default()
    });
    play_all(&tasks, insides, 2 << 20);
    dispatcher.warm_up();
    time::sleep(Duration::from_secs(10)).await;
    assert_eq!(dispatcher.stats().warm, 5);
}
