//! Sandboxes that write without end.

use super::*;
use crate::Rate;

const LINE: &str = r#"{"event":"output","stream":"stdout","message":"x"}"#;

/// Executes a function that writes so many lines, then returns; tells how long the
/// execution took and how many lines came.
async fn flood(lines: usize, output_bytes: u64, rate: Rate) -> (Duration, usize, Mail) {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage_with(Config {
        output_rate: rate,
        ..Config::default()
    });
    let play = async {
        let (mut socket, played) = ready(insides.recv().await.expect("launched")).await;
        for _ in 0..lines {
            socket.send(Message::text(LINE)).await.expect("sent");
        }
        socket.send(Message::text(SUCCESS)).await.expect("sent");
        played
    };
    let members = format!(r#","timeout_ms":3600000,"limits":{{"output_bytes":{output_bytes}}}"#);
    let before = Instant::now();
    let (mail, _played) = tokio::join!(execute(&dispatcher, received(&members)), play);
    let outputs = mail.names.iter().filter(|name| *name == "output").count();
    (before.elapsed(), outputs, mail)
}

#[tokio::test(start_paused = true)]
async fn a_flood_is_read_at_the_configured_rate_and_all_of_it_arrives() {
    let rate = Rate {
        messages: 1000,
        bytes: 1 << 20,
    };
    let (took, outputs, mail) = flood(20_000, 1 << 20, rate).await;

    assert_eq!(mail.code(), None);
    assert_eq!(outputs, 20_000);
    assert!((19..=21).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_lines_a_second_arrive_as_they_come() {
    let rate = Config::default().output_rate;
    let (took, outputs, mail) = flood(50_000, 1 << 20, rate).await;

    assert_eq!(mail.code(), None);
    assert_eq!(outputs, 50_000);
    assert!(took <= Duration::from_millis(500), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn what_nobody_gets_any_more_is_read_much_slower() {
    let rate = Rate {
        messages: 1000,
        bytes: 1 << 20,
    };
    // Cyclone itself ends what it sends; one that was taken over does not.
    let (took, outputs, mail) = flood(5000, 0, rate).await;

    assert_eq!(mail.code(), None);
    assert!(mail.result.usage.output_truncated);
    assert_eq!(outputs, 1, "the notice");
    assert!((95..=101).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn pings_are_a_flood_like_any_other() {
    let Stage {
        dispatcher,
        mut insides,
        ..
    } = stage_with(Config {
        output_rate: Rate {
            messages: 1000,
            bytes: 1 << 20,
        },
        ..Config::default()
    });
    let sent = AtomicU64::new(0);
    let play = async {
        let (socket, _played) = ready(insides.recv().await.expect("launched")).await;
        let (mut write, mut read) = socket.split();
        let answers = async { while let Some(Ok(_pong)) = read.next().await {} };
        let pings = async {
            // The longest that there may be, so that buffers hold few of them.
            let payload = Bytes::from_static(&[0; 125]);
            while write.send(Message::Ping(payload.clone())).await.is_ok() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        };
        tokio::join!(answers, pings);
    };
    let (ended, ()) = tokio::join!(
        execute(&dispatcher, received(r#","timeout_ms":5000"#)),
        play
    );

    assert_eq!(ended.code(), Some(FailureCode::TimedOut));
    let sent = sent.load(Ordering::Relaxed);
    // What was read, and what the stream and the library held at the end.
    assert!(sent < 5200 + 192 * 1024 / 127, "{sent} pings were read");
}
