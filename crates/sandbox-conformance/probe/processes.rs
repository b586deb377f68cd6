//! Processes: children that end, children that stay, and storms of them.

use std::fs;
use std::io;
use std::process::Command;
use std::time::Duration;

unsafe extern "C" {
    fn fork() -> i32;
    fn kill(pid: i32, signal: i32) -> i32;
    fn prctl(option: i32, ...) -> i32;
    fn signal(signal: i32, handler: usize) -> usize;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
}

const SIGKILL: i32 = 9;
const LAST_SIGNAL: i32 = 64;
const SIG_DFL: usize = 0;
const SIG_IGN: usize = 1;

/// Asks, as cyclone does, for the end of whoever started this to be its own.
pub fn die_with_parent() {
    const PR_SET_PDEATHSIG: i32 = 1;
    // SAFETY: this option takes a number and touches no memory.
    unsafe { prctl(PR_SET_PDEATHSIG, i64::from(SIGKILL)) };
}

/// Returns the one order that [`run`] has given to this program, if that is who
/// started it.
pub fn order_of_another() -> Option<String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [order] => Some(order.clone()),
        _ => None,
    }
}

/// Has another program like this one, at a path, obey an order.
pub fn run(argument: &str) -> io::Result<String> {
    let (program, order) = argument.split_once(' ').unwrap_or((argument, ""));
    let output = Command::new(program).arg(order).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Runs `job` in a child and says how that ended: `exited N` or `killed by N`.
pub fn in_child(job: impl FnOnce() -> String) -> String {
    // SAFETY: this process has one thread.
    match unsafe { fork() } {
        -1 => "refused".to_owned(),
        0 => {
            volunteer();
            job();
            std::process::exit(0)
        }
        child => wait(child),
    }
}

/// Leaves a child behind that runs `job`.
pub fn leave_child(job: impl FnOnce() -> String) -> String {
    // SAFETY: this process has one thread.
    match unsafe { fork() } {
        -1 => "refused".to_owned(),
        0 => {
            job();
            std::process::exit(0)
        }
        child => child.to_string(),
    }
}

/// Waits for a child and says how it ended.
pub fn wait(child: i32) -> String {
    let mut status = 0;
    // SAFETY: `status` is valid for the length of the call.
    let waited = unsafe { waitpid(child, &mut status, 0) };
    match status & 0x7f {
        _ if waited != child => "lost".to_owned(),
        0 => format!("exited {}", (status >> 8) & 0xff),
        signal => format!("killed by {signal}"),
    }
}

/// Says whether a child runs, or whether it has ended.
pub fn is_running(child: &str) -> String {
    const WNOHANG: i32 = 1;
    // SAFETY: a status that is not wanted may be null.
    let waited = unsafe { waitpid(child.parse().unwrap(), std::ptr::null_mut(), WNOHANG) };
    if waited == 0 { "running" } else { "ended" }.to_owned()
}

/// Offers this process to be the one that is killed for want of memory, as
/// cyclone does with its runner.
fn volunteer() {
    fs::write("/proc/self/oom_score_adj", "1000").ok();
}

/// Makes children that sleep until there can be no more.
pub fn fork_until_refused() -> String {
    loop {
        // SAFETY: this process has one thread.
        match unsafe { fork() } {
            -1 => return "refused".to_owned(),
            0 => loop {
                std::thread::sleep(Duration::from_secs(60));
            },
            _ => {}
        }
    }
}

/// Fills the sandbox with processes that heed no signal, that fork whenever they
/// can, and of which some end to make room for new ones.
pub fn fork_storm() -> String {
    for number in 1..=LAST_SIGNAL {
        // SAFETY: to ignore a signal runs no code; those that cannot be ignored
        // are refused.
        unsafe { signal(number, SIG_IGN) };
    }
    loop {
        // SAFETY: this process has one thread.
        match unsafe { fork() } {
            -1 => return "storming".to_owned(),
            0 => rage(),
            _ => {}
        }
    }
}

/// Forks for ever; one in three ends when it is refused.
fn rage() -> ! {
    loop {
        // SAFETY: this process has one thread.
        if unsafe { fork() } == -1 && std::process::id() % 3 == 0 {
            std::process::exit(0);
        }
    }
}

/// Sends SIGKILL to every process that can be reached.
pub fn signal_everything() -> String {
    // SAFETY: sends signals and nothing else.
    format!("{}", unsafe { kill(-1, SIGKILL) })
}

/// Ends this process by a signal that the kernel sends it for a fault: as pid 1
/// it is deaf to every other.
pub fn die_by(number: &str) -> String {
    let number: i32 = number.parse().unwrap();
    // SAFETY: the default action of a signal runs no code of this process.
    unsafe { signal(number, SIG_DFL) };
    match number {
        4 => illegal_instruction(),
        other => panic!("no fault makes {other}"),
    }
}

#[cfg(target_arch = "x86_64")]
fn illegal_instruction() -> ! {
    // SAFETY: ends the process.
    unsafe { std::arch::asm!("ud2", options(noreturn)) }
}

#[cfg(target_arch = "aarch64")]
fn illegal_instruction() -> ! {
    // SAFETY: ends the process.
    unsafe { std::arch::asm!("udf #0", options(noreturn)) }
}
