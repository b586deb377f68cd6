//! What the two new processes do first.

use rustix::fd::{AsFd as _, OwnedFd};
use rustix::io::{Errno, Result};

use crate::descriptors::Descriptors;
use crate::message::{self, Family};
use crate::request::Request;
use crate::walls::{self, Filter};
use crate::{ENTER, FILTER, FIRST_INHERITED, LAUNCHER, syscall};

/// Moves the process that calls into the cgroups of its sandbox.
pub(crate) fn join_cgroups(family: &Family) -> Result<()> {
    for entrance in family.cgroups.iter().flatten() {
        // "0" is whoever writes it.
        rustix::io::write(entrance, b"0")?;
    }
    Ok(())
}

/// Has `init` execute the launcher's program; returns if it cannot.
pub(crate) fn execute(family: &Family) {
    if inherit(&family.init).is_err() || walls::keep_capabilities().is_err() {
        return;
    }
    let launcher = message::inherited(LAUNCHER);
    syscall::execute(launcher, c"veritech-launcher", ENTER);
}

/// Has descriptors survive execution, under the numbers that are expected.
fn inherit(descriptors: &[OwnedFd]) -> Result<()> {
    for (number, descriptor) in (FIRST_INHERITED..).zip(descriptors) {
        syscall::place(descriptor.as_fd(), number)?;
    }
    Ok(())
}

/// Becomes the runner of a sandbox, or ends.
pub(crate) fn become_runner(
    request: Request,
    family: Family,
    filter: &Filter,
    descriptors: &Descriptors,
) {
    if let Err(error) = try_become_runner(request, family, filter, descriptors) {
        // Cyclone tells what a runner complained about before it was ready.
        let stderr = message::inherited(2);
        rustix::io::write(stderr, b"a forked runner could not be walled in, error ").ok();
        rustix::io::write(stderr, &decimal(error.raw_os_error())).ok();
        syscall::exit(1);
    }
}

/// Writes an error's number, which is below 4096.
fn decimal(number: i32) -> [u8; 4] {
    [1000, 100, 10, 1].map(|unit| {
        let digit = u8::try_from(number / unit % 10).unwrap_or_default();
        b'0' + digit
    })
}

fn try_become_runner(
    request: Request,
    family: Family,
    filter: &Filter,
    descriptors: &Descriptors,
) -> Result<()> {
    let Family {
        init,
        runner: [let_go, stdin, stdout, stderr, events],
        cgroups,
    } = family;
    // While a copy of these is open, nobody sees that `init` has executed or ended.
    drop((init, cgroups));
    for (number, descriptor) in (0..).zip([stdin, stdout, stderr, events]) {
        syscall::place(descriptor.as_fd(), number)?;
    }
    for number in [LAUNCHER, FILTER] {
        syscall::close(number)?;
    }
    let mut byte = [0];
    match rustix::io::retry_on_intr(|| rustix::io::read(&let_go, &mut byte))? {
        1 => {}
        _ => return Err(Errno::PIPE),
    }
    drop(let_go);
    // From here on `/proc` is the sandbox's own.
    descriptors.renew()?;
    walls::raise(request, filter)
}
