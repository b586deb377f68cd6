//! Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`, as NATS ADR-32 has them
//! (<https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md>).

use std::time::SystemTime;

use async_nats::{Message, Subscriber};
use futures_util::StreamExt as _;
use futures_util::stream::SelectAll;
use lifecycle::Tasks;
use sandbox::Engine;
use serde_json::{Map, Value, json};
use veritech_protocol::subject;

use super::control::subscribe;
use super::intake::is_below;
use super::{Link, ServerError};

/// What is asked.
#[derive(Clone, Copy, Debug)]
enum Question {
    Ping,
    Info,
    Stats,
}

impl Question {
    const ALL: [Self; 3] = [Self::Ping, Self::Info, Self::Stats];

    const fn verb(self) -> &'static str {
        match self {
            Self::Ping => "PING",
            Self::Info => "INFO",
            Self::Stats => "STATS",
        }
    }

    fn of(subject: &str) -> Option<Self> {
        let verb = subject.strip_prefix("$SRV.")?.split('.').next()?;
        Self::ALL
            .into_iter()
            .find(|question| question.verb() == verb)
    }
}

/// Who answers.
#[derive(Debug)]
struct Identity {
    id: String,
    started: String,
}

/// Begins to answer.
pub(super) async fn serve<E: Engine>(link: &Link<E>, tasks: &Tasks) -> Result<(), ServerError> {
    let identity = Identity {
        id: uuid::Uuid::new_v4().simple().to_string(),
        started: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
    };
    let mut questions = SelectAll::new();
    for question in Question::ALL {
        let verb = question.verb();
        let (name, id) = (subject::SERVICE_NAME, &identity.id);
        for asked in [
            format!("$SRV.{verb}"),
            format!("$SRV.{verb}.{name}"),
            format!("$SRV.{verb}.{name}.{id}"),
        ] {
            questions.push(subscribe(link, asked).await?);
        }
    }
    let (link, watch) = (link.clone(), tasks.clone());
    tasks.spawn(tracing::info_span!("discovery"), async move {
        tokio::select! {
            () = watch.draining() => {}
            () = answer_all(link, identity, questions) => {}
        }
    });
    Ok(())
}

async fn answer_all<E: Engine>(
    link: Link<E>,
    identity: Identity,
    mut questions: SelectAll<Subscriber>,
) {
    while let Some(Message { subject, reply, .. }) = questions.next().await {
        let config = link.dispatcher.config();
        let inboxes = &config.inbox_prefixes;
        let answerable = |reply: &async_nats::Subject| {
            inboxes
                .iter()
                .any(|prefix| is_below(prefix, reply.as_str()))
        };
        let (Some(question), Some(reply)) =
            (Question::of(subject.as_str()), reply.filter(answerable))
        else {
            continue;
        };
        let answer = Value::Object(answer(&link, &identity, question));
        if let Err(error) = link.client.publish(reply, answer.to_string().into()).await {
            tracing::warn!(%error, "a discovery question was not answered");
        }
    }
}

fn answer<E: Engine>(
    link: &Link<E>,
    identity: &Identity,
    question: Question,
) -> Map<String, Value> {
    let config = link.dispatcher.config();
    let mut answer = Map::new();
    let verb = question.verb().to_lowercase();
    answer.insert(
        "type".to_owned(),
        format!("io.nats.micro.v1.{verb}_response").into(),
    );
    answer.insert("name".to_owned(), subject::SERVICE_NAME.into());
    answer.insert("id".to_owned(), identity.id.clone().into());
    answer.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    answer.insert(
        "metadata".to_owned(),
        json!({
            "instance": config.instance,
            "engine": link.dispatcher.engine_kind().to_string(),
        }),
    );
    let endpoint = json!({
        "name": "function",
        "subject": config.subjects.functions(),
        "queue_group": subject::QUEUE_GROUP,
    });
    match question {
        Question::Ping => {}
        Question::Info => {
            answer.insert(
                "description".to_owned(),
                "Dispatches remote function calls".into(),
            );
            answer.insert("endpoints".to_owned(), json!([endpoint]));
        }
        Question::Stats => {
            answer.insert("started".to_owned(), identity.started.clone().into());
            answer.insert("endpoints".to_owned(), json!([measured(link, endpoint)]));
        }
    }
    answer
}

/// Adds the figures to an endpoint; times are in nanoseconds.
fn measured<E: Engine>(link: &Link<E>, mut endpoint: Value) -> Value {
    let stats = link.dispatcher.stats();
    let processing_ns = stats.processing_us.saturating_mul(1000);
    let requests = stats.requests;
    if let Some(endpoint) = endpoint.as_object_mut() {
        endpoint.insert("num_requests".to_owned(), requests.into());
        endpoint.insert(
            "num_errors".to_owned(),
            (stats.refused + stats.failed_system).into(),
        );
        endpoint.insert("processing_time".to_owned(), processing_ns.into());
        endpoint.insert(
            "average_processing_time".to_owned(),
            processing_ns.checked_div(requests).unwrap_or(0).into(),
        );
        endpoint.insert("data".to_owned(), json!(stats));
    }
    endpoint
}
