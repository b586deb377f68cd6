//! Cancels executions: for callers who ask, and for callers who are gone.

use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;
use lifecycle::Tasks;
use sandbox::Engine;
use serde_json::json;

use super::intake::is_below;
use super::{Link, ServerError};
use crate::registry::CancelOutcome;

/// Begins to listen.
pub(super) async fn serve<E: Engine>(link: &Link<E>, tasks: &Tasks) -> Result<(), ServerError> {
    let cancellations = link.dispatcher.config().subjects.cancellations();
    let cancellations = subscribe(link, cancellations).await?;
    let lost_callers = subscribe(link, format!("{}.*", link.lost_callers)).await?;

    let (listener, watch) = (link.clone(), tasks.clone());
    tasks.spawn(tracing::info_span!("control"), async move {
        tokio::select! {
            () = watch.draining() => {}
            () = listen(listener, cancellations, lost_callers) => {}
        }
    });
    Ok(())
}

pub(super) async fn subscribe<E: Engine>(
    link: &Link<E>,
    subject: String,
) -> Result<Subscriber, ServerError> {
    link.client
        .subscribe(subject.clone())
        .await
        .map_err(|source| ServerError::Subscribe { subject, source })
}

async fn listen<E: Engine>(
    link: Link<E>,
    mut cancellations: Subscriber,
    mut lost_callers: Subscriber,
) {
    loop {
        tokio::select! {
            Some(message) = cancellations.next() => cancel(&link, message).await,
            Some(message) = lost_callers.next() => lose(&link, &message),
            else => return,
        }
    }
}

/// Cancels what is here, and answers only then: another instance may have it.
async fn cancel<E: Engine>(link: &Link<E>, message: Message) {
    let config = link.dispatcher.config();
    let Some(id) = config.subjects.cancelled_id(message.subject.as_str()) else {
        return;
    };
    if link.dispatcher.cancel(&id) == CancelOutcome::NotHere {
        return;
    }
    tracing::info!(execution.id = %id, "cancelled by a caller");
    let Some(reply) = message.reply.filter(|reply| {
        let inboxes = &config.inbox_prefixes;
        inboxes
            .iter()
            .any(|prefix| is_below(prefix, reply.as_str()))
    }) else {
        return;
    };
    let answer = json!({"id": id, "cancelled": true, "instance": config.instance});
    if let Err(error) = link.client.publish(reply, answer.to_string().into()).await {
        tracing::warn!(%error, "a cancellation was not answered");
    }
}

/// Hears that a heartbeat reached nobody.
fn lose<E: Engine>(link: &Link<E>, message: &Message) {
    if message.status != Some(StatusCode::NO_RESPONDERS) {
        return;
    }
    let id = message
        .subject
        .strip_prefix(&*link.lost_callers)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|id| id.parse().ok());
    if let Some(id) = id {
        let outcome = link.dispatcher.caller_lost(&id);
        tracing::debug!(execution.id = %id, ?outcome, "nobody reads the mailbox");
    }
}
