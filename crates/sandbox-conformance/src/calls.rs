//! What the kernel must not be asked: each system call is really made.

use sandbox::Sandbox as _;
use syscall_policy::{FORBIDDEN, OF_THE_ARCHITECTURE, is_refusal};

use crate::host::Host;
use crate::rig::Rig;

/// Everything that is on no list of what may be asked is refused, and not because
/// its arguments were wrong.
pub async fn forbidden_system_calls_are_refused<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let mut made = Vec::new();
    for attempt in FORBIDDEN.iter().chain(OF_THE_ARCHITECTURE) {
        let arguments = attempt.arguments.map(|argument| argument.to_string());
        let order = format!("call {} {}", attempt.number, arguments.join(" "));
        let answer = probe.ask(&order).await;
        if !says_refused(&answer) {
            made.push(format!("{}: {answer}", attempt.name));
        }
    }

    assert!(made.is_empty(), "{}", made.join("; "));
    sandbox.destroy().await.expect("it is destroyed");
}

/// No filter can read the flags of `clone3`, so it is said not to exist: the C
/// library then uses `clone`.
pub async fn programs_are_told_that_there_is_no_clone3<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let answer = probe.ask(&format!("call {} 0 0", libc::SYS_clone3)).await;

    assert_eq!(answer, format!("errno {}", libc::ENOSYS));
    sandbox.destroy().await.expect("it is destroyed");
}

/// The kernel's other interfaces, with numbers of their own, are closed.
pub async fn other_interfaces_of_the_kernel_are_closed<H: Host>(host: &H) {
    let rig = Rig::start(host).await;
    let (sandbox, mut probe) = rig.launch(rig.spec(1)).await;

    let answer = probe.ask("foreign-call").await;
    assert!(says_refused(&answer), "32-bit: {answer}");

    sandbox.destroy().await.expect("it is destroyed");
}

/// Returns whether an answer says that a call was not even looked at.
fn says_refused(answer: &str) -> bool {
    let error = answer.strip_prefix("errno ").map(str::parse);
    matches!(error, Some(Ok(error)) if is_refusal(error))
        || answer == format!("killed by {}", libc::SIGSYS)
}
