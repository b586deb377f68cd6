//! Calls of functions of a known kind.

use std::time::Duration;

use futures_util::StreamExt as _;
use testkit::NatsServer;
use veritech_client::{FoundBy, KindError, Options, Retry, Tenant};
use veritech_protocol::kind::action::Status;
use veritech_protocol::kind::qualification::Verdict;
use veritech_protocol::{
    EventBody, FailureCode, InvalidResult, Kind, Language, Outcome, ResponseType,
};

use crate::dispatcher::{Dispatcher, accepted, failure, result, started, value};
use crate::{LIMIT, client, quick};

const IMAGE: &str = "builtin/quickjs";

/// Takes one request, answers it with `body`, and returns its kind.
async fn answer(dispatcher: &mut Dispatcher, body: EventBody) -> Kind {
    let mut taken = dispatcher.take().await;
    let subject = taken.subject();
    assert_eq!(subject.rsplit('.').next(), Some(taken.request.kind.name()));
    taken.say(accepted(1000)).await;
    taken.say(started()).await;
    taken.say(body).await;
    taken.request.kind
}

#[tokio::test]
async fn each_kind_has_a_result_of_its_own() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let json = r#"{"result":"failure","message":"port 22 is open"}"#;
    let call = client.qualification(IMAGE, "q");
    let (kind, judged) = tokio::join!(answer(&mut dispatcher, value(json)), call);
    let judged = judged.expect("a judgement of failure is a result");
    assert_eq!(kind, Kind::Qualification);
    assert_eq!(judged.value.result, Verdict::Failure);
    assert_eq!(judged.value.message.as_deref(), Some("port 22 is open"));
    assert_eq!(judged.attempts, 1);

    let json = r#"{"valid":false,"message":"too long"}"#;
    let call = client.validation(IMAGE, "v");
    let (kind, validated) = tokio::join!(answer(&mut dispatcher, value(json)), call);
    assert_eq!(kind, Kind::Validation);
    assert!(!validated.expect("a result").value.valid);

    let json = r#"{"format":"yaml","code":"a: 1"}"#;
    let call = client.code_generation(IMAGE, "c");
    let (kind, written) = tokio::join!(answer(&mut dispatcher, value(json)), call);
    assert_eq!(kind, Kind::CodeGeneration);
    assert_eq!(written.expect("a result").value.code, "a: 1");

    let json = r#"{"status":"error","message":"no","payload":[1]}"#;
    let call = client.action(IMAGE, "a");
    let (kind, done) = tokio::join!(answer(&mut dispatcher, value(json)), call);
    let done = done.expect("an action that went wrong has a result");
    assert_eq!(kind, Kind::Action);
    assert_eq!(done.value.status, Status::Error);
    assert_eq!(done.value.payload, Some(serde_json::json!([1])));

    let call = client
        .resolver(IMAGE, "r")
        .response_type(ResponseType::Integer);
    let (kind, resolved) = tokio::join!(answer(&mut dispatcher, value("1.0")), call);
    let resolved = resolved.expect("a result");
    assert_eq!(kind, Kind::Resolver);
    assert_eq!(resolved.json.expect("a value").get(), "1.0");

    let call = client
        .resolver(IMAGE, "r")
        .response_type(ResponseType::Integer);
    let (_, unset) = tokio::join!(answer(&mut dispatcher, result(Outcome::Unset)), call);
    assert!(unset.expect("a result").json.is_none());
}

#[tokio::test]
async fn a_failed_execution_is_an_error_whatever_its_kind() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;
    let exception = || failure(FailureCode::Exception);

    let call = client.qualification(IMAGE, "q").result();
    let (_, judged) = tokio::join!(answer(&mut dispatcher, exception()), call);
    let error = judged.expect_err("no judgement");
    assert_eq!(error.code(), FailureCode::Exception);
    match error {
        KindError::Failed(failed) => {
            assert_eq!(failed.found_by, FoundBy::Dispatcher);
            assert_eq!(failed.failure.message, "as told");
        }
        KindError::Mistyped(mistyped) => panic!("{mistyped:?}"),
    }

    let call = client.resolver(IMAGE, "r");
    let (_, resolved) = tokio::join!(answer(&mut dispatcher, exception()), call);
    let error = resolved.expect_err("no value");
    assert_eq!(error.code(), FailureCode::Exception);
}

#[tokio::test]
async fn a_value_that_is_not_of_the_kind_is_a_failure_and_no_result() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let mut call = client.qualification(IMAGE, "q").call();
    let events = async {
        let mut last = None;
        while let Some(event) = call.next().await {
            last = Some(event);
        }
        last.expect("an event")
    };
    let (_, last) = tokio::join!(answer(&mut dispatcher, value(r#"{"valid":true}"#)), events);
    match last.body {
        EventBody::Result(result) => match result.outcome {
            Outcome::Failure(failure) => {
                assert_eq!(failure.code, FailureCode::Internal);
                assert_eq!(failure.details["violation"], "mistyped_value");
            }
            outcome => panic!("{outcome:?}"),
        },
        body => panic!("{body:?}"),
    }
    assert_eq!(last.id, Some(call.id()));
    match call.result().await.expect_err("not of the kind") {
        KindError::Mistyped(mistyped) => {
            assert_eq!(mistyped.kind, Kind::Qualification);
            assert_eq!(mistyped.invalid.path, "/valid");
        }
        KindError::Failed(failed) => panic!("{failed:?}"),
    }

    let call = client.action(IMAGE, "a");
    let (_, done) = tokio::join!(answer(&mut dispatcher, result(Outcome::Unset)), call);
    assert_eq!(
        done.expect_err("no value").to_string(),
        "a dispatcher passed on a value that is not of the kind action: \
         the function must return an object, it returned nothing"
    );

    let call = client
        .resolver(IMAGE, "r")
        .response_type(ResponseType::String);
    let (_, resolved) = tokio::join!(answer(&mut dispatcher, value("null")), call);
    match resolved.expect_err("not of the declared type") {
        KindError::Mistyped(mistyped) => {
            let InvalidResult { path, problem } = mistyped.invalid;
            assert_eq!(path, "");
            assert!(problem.contains("response_type is string"), "{problem}");
        }
        KindError::Failed(failed) => panic!("{failed:?}"),
    }
}

#[tokio::test]
async fn what_is_said_of_a_call_reaches_the_dispatcher() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;

    let call = client
        .validation(IMAGE, "v")
        .tag("v2")
        .language(Language::Python)
        .inputs("www.example.com")
        .expect("JSON")
        .env("REGION", "eu-north")
        .timeout(Duration::MAX)
        .tenant(Tenant::try_new("billing").expect("valid"))
        .id("mine".parse().expect("valid"));
    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(value(r#"{"valid":true}"#)).await;
        taken
    };
    let (taken, validated) = tokio::join!(script, call);

    assert_eq!(validated.expect("a result").id.as_str(), "mine");
    assert_eq!(taken.header("Veritech-Tenant"), Some("billing"));
    let request = &taken.request;
    assert_eq!(request.container_tag, "v2");
    assert_eq!(request.language, Some(Language::Python));
    assert_eq!(request.inputs.get(), r#""www.example.com""#);
    assert_eq!(request.env["REGION"], "eu-north");
    assert_eq!(request.timeout_ms, Some(u64::MAX));
}

#[tokio::test]
async fn a_request_that_cannot_be_is_refused_by_name_and_never_sent() {
    let server = NatsServer::start().await;
    let client = client(&server, Options::default()).await;
    let call = client.action(IMAGE, "a").env("A=B", "1");
    match call.await.expect_err("no such name") {
        KindError::Failed(failed) => {
            assert_eq!(failed.code(), FailureCode::InvalidRequest);
            assert_eq!(failed.failure.details["field"], "env");
        }
        KindError::Mistyped(mistyped) => panic!("{mistyped:?}"),
    }
}

#[tokio::test]
async fn a_call_is_repeated_as_it_says() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, quick()).await;
    let call = client.action(IMAGE, "a").retry(Retry::Always);
    let script = async {
        answer(&mut dispatcher, failure(FailureCode::SandboxLost)).await;
        answer(&mut dispatcher, value(r#"{"status":"ok"}"#)).await;
    };
    let ((), done) = tokio::join!(script, call);
    assert_eq!(done.expect("a result").attempts, 2);
}

#[tokio::test]
async fn a_call_ends_by_its_own_deadline() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;
    let call = client.action(IMAGE, "a");
    let call = call.deadline(Duration::from_millis(200)).call();
    let endless = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        std::future::pending::<()>().await;
    };
    let error = tokio::select! {
        done = call.result() => done.expect_err("too late"),
        () = endless => unreachable!("it has no end"),
    };
    assert_eq!(error.code(), FailureCode::DeadlineExceeded);
}

#[tokio::test]
async fn a_typed_call_is_cancelled_like_any_other() {
    let server = NatsServer::start().await;
    let mut dispatcher = Dispatcher::start(&server).await;
    let client = client(&server, Options::default()).await;
    let call = client.action(IMAGE, "a").deadline(LIMIT).call();
    let canceller = call.canceller();
    let id = call.id();

    let script = async {
        let mut taken = dispatcher.take().await;
        taken.say(accepted(1000)).await;
        let (_, cancelled) = tokio::join!(canceller.cancel(), dispatcher.cancellation());
        taken.say(failure(FailureCode::Cancelled)).await;
        cancelled
    };
    let (cancelled, done) = tokio::join!(script, call.result());
    assert_eq!(cancelled, id.as_str());
    let error = done.expect_err("cancelled");
    assert_eq!(error.code(), FailureCode::Cancelled);
}
