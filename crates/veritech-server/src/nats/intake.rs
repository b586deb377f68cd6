//! Takes requests, one for each credit.
//!
//! A credit is a queue subscription that the server ends after one message. An
//! instance offers as many as it has places and room to wait; when all are used
//! the server gives its requests to other instances, and when nobody has one it
//! answers *no responders* at once.

use std::time::Duration;

use async_nats::{Message, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _, future};
use sandbox::Engine;
use telemetry::TraceContext;
use tokio::time::{self, Instant};
use tracing::Instrument as _;
use veritech_protocol::{headers, subject};

use super::Link;
use super::mailbox::NatsMailbox;
use crate::dispatch::Received;

/// How long to wait after the server took no subscription.
const RETRY: Duration = Duration::from_secs(1);

/// How long the server may take to end a subscription.
const WITHDRAWAL: Duration = Duration::from_secs(2);

/// Offers every credit.
pub(super) fn serve<E: Engine>(link: &Link<E>) {
    let config = link.dispatcher.config();
    let credits = config.places.get().saturating_add(config.queue);
    for number in 0..credits {
        let span = tracing::debug_span!("credit", number);
        let link = link.clone();
        let tasks = link.dispatcher.tasks().clone();
        tasks.spawn(span, async move { offer(&link).await });
    }
}

/// Offers one credit after the other until the dispatcher drains.
async fn offer<E: Engine>(link: &Link<E>) {
    let tasks = link.dispatcher.tasks();
    while !tasks.is_draining() {
        let mut credit = match subscribe(link).await {
            Ok(credit) => credit,
            Err(error) => {
                tracing::warn!(%error, "the NATS server took no subscription");
                tokio::select! {
                    () = time::sleep(RETRY) => {}
                    () = tasks.draining() => {}
                }
                continue;
            }
        };
        let first = tokio::select! {
            biased;
            message = credit.next() => message,
            () = tasks.draining() => {
                withdraw(link, credit).await;
                return;
            }
        };
        // The server may have sent more before it read that one is enough: what
        // came before our own side had noted the limit is here. What comes
        // after that, the client library drops; the caller sees `not_accepted`.
        let mut messages: Vec<Message> = first.into_iter().collect();
        while let Some(Some(message)) = credit.next().now_or_never() {
            messages.push(message);
        }
        answer(link, messages).await;
    }
}

async fn subscribe<E: Engine>(
    link: &Link<E>,
) -> Result<Subscriber, Box<dyn std::error::Error + Send + Sync>> {
    let functions = link.dispatcher.config().subjects.functions();
    let mut credit = link
        .client
        .queue_subscribe(functions, subject::QUEUE_GROUP.to_owned())
        .await?;
    credit.unsubscribe_after(1).await?;
    Ok(credit)
}

/// Takes a credit back, and answers what the server sent in the meantime.
async fn withdraw<E: Engine>(link: &Link<E>, mut credit: Subscriber) {
    if let Err(error) = credit.drain().await {
        tracing::warn!(%error, "a credit could not be withdrawn");
        return;
    }
    let mut messages = Vec::new();
    // A connection that is gone would never end the subscription.
    let collected = time::timeout(WITHDRAWAL, async {
        while let Some(message) = credit.next().await {
            messages.push(message);
        }
    });
    if collected.await.is_err() {
        tracing::debug!("a credit was not withdrawn in time");
    }
    answer(link, messages).await;
}

async fn answer<E: Engine>(link: &Link<E>, messages: Vec<Message>) {
    future::join_all(messages.into_iter().map(|message| execute(link, message))).await;
}

async fn execute<E: Engine>(link: &Link<E>, message: Message) {
    let at = Instant::now();
    let dispatcher = &link.dispatcher;
    let config = dispatcher.config();
    let Some(reply) = message.reply.filter(|reply| {
        let inboxes = &config.inbox_prefixes;
        inboxes
            .iter()
            .any(|prefix| is_below(prefix, reply.as_str()))
    }) else {
        dispatcher.count_dropped();
        tracing::debug!("a request without an answerable reply subject was dropped");
        return;
    };
    let header = |name: &str| {
        let value = message.headers.as_ref()?.get(name)?;
        Some(value.as_str())
    };
    let trace = header(headers::TRACEPARENT)
        .and_then(|parent| TraceContext::parse(parent, header(headers::TRACESTATE)));
    let mailbox = NatsMailbox::new(
        link.client.clone(),
        reply,
        trace.as_ref().map(TraceContext::child),
        std::sync::Arc::clone(&link.lost_callers),
    );
    let kind = config.subjects.kind_of(message.subject.as_str());
    let received = Received {
        kind: Some(kind.unwrap_or_default().to_owned()),
        payload: message.payload,
        at,
        trace,
    };
    dispatcher
        .execute(received, mailbox)
        .instrument(tracing::Span::current())
        .await;
}

/// Whether a subject lies below a prefix, at least one token deeper.
pub(super) fn is_below(prefix: &str, subject: &str) -> bool {
    subject
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|rest| !rest.is_empty() && !rest.contains(['*', '>', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_subjects_below_an_inbox_are_answered() {
        assert!(is_below("_INBOX", "_INBOX.abc.1"));
        for subject in [
            "_INBOX",
            "_INBOX.",
            "_INBOXES.a",
            "$JS.API.STREAM.DELETE.X",
            "_INBOX.>",
            "_INBOX.a b",
        ] {
            assert!(!is_below("_INBOX", subject), "{subject}");
        }
    }
}
