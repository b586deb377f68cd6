//! Every intruder makes every attempt, beside a neighbour and among canaries.

use e2e::{TestEngine, World, host_images};
use veritech_protocol::FailureCode;

use crate::attempts;
use crate::canaries::Planted;
use crate::intruder::{INTRUDERS, Intruder, outcomes};
use crate::neighbour::Neighbour;
use crate::program::{OLD_INTERFACE, X32, attempt, surprises};

/// Has an intruder make every attempt.
async fn everything_is_denied_to(intruder: Intruder) {
    let world = World::start(&host_images()).await;
    let neighbour = Neighbour::start(&world).await;
    let last = neighbour
        .processes
        .last()
        .expect("a neighbour is a process");
    let planted = Planted::around(&world, Some(last.pid));
    let attempts = attempts::all(&planted.canaries);

    let report = world.value(intruder.request(&attempts)).await;

    let surprises = surprises(&attempts, &outcomes(&report));
    assert!(surprises.is_empty(), "{intruder:?}: {surprises:#?}");
    assert_eq!(planted.connections(), 0);
    assert!(neighbour.processes.iter().all(e2e::Process::is_alive));
}

#[tokio::test]
async fn every_attempt_of_deno_by_the_c_library_is_denied() {
    everything_is_denied_to(Intruder::Deno).await;
}

#[tokio::test]
async fn every_attempt_of_python_by_the_c_library_is_denied() {
    everything_is_denied_to(Intruder::Python).await;
}

#[tokio::test]
async fn every_attempt_of_a_binary_in_memory_of_python_is_denied() {
    everything_is_denied_to(Intruder::BinaryInPython).await;
}

#[tokio::test]
async fn every_attempt_of_a_binary_over_the_text_of_node_is_denied() {
    everything_is_denied_to(Intruder::BinaryInNode).await;
}

/// The number of `getpid` for 32-bit programs, which does no harm at all.
const OLD_GETPID: i64 = 20;

#[tokio::test]
async fn a_call_by_another_interface_of_the_kernel_ends_the_function() {
    let world = World::start(&host_images()).await;
    let x32 = attempt("x32").call(X32 | libc::SYS_getpid, []);
    let old = attempt("int 0x80").call(OLD_INTERFACE | OLD_GETPID, []);
    let binaries = [Intruder::BinaryInPython, Intruder::BinaryInNode];

    let with_x32 = INTRUDERS.map(|intruder| (intruder, &x32));
    for (intruder, attempt) in with_x32.into_iter().chain(binaries.map(|it| (it, &old))) {
        let mut request = intruder.request(std::slice::from_ref(attempt));
        request.timeout_ms = Some(5000);
        let failure = world.failure(request).await;
        let told = format!("{intruder:?}, {}: {failure:?}", attempt.name);
        match failure.code {
            FailureCode::RunnerExited => {
                let signal = failure.details.get("signal");
                assert_eq!(signal, Some(&libc::SIGSYS.into()), "{told}");
            }
            // Docker has but the thread killed that made the call.
            FailureCode::TimedOut => {
                assert_eq!(TestEngine::current(), TestEngine::Docker, "{told}");
            }
            _ => panic!("{told}"),
        }
    }
}
