//! What a launcher and a zygote say to each other: datagrams of a `SOCK_SEQPACKET` pair.
#![expect(unsafe_code, reason = "inherited descriptors are numbers")]

use core::array;
use core::mem::MaybeUninit;

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::{Errno, IoSlice, IoSliceMut, Result};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

use crate::request::{INIT_DESCRIPTORS, MAX_CGROUPS, RUNNER_DESCRIPTORS, Request};

/// How many descriptors come with a request, at most.
const DESCRIPTORS: usize = INIT_DESCRIPTORS + RUNNER_DESCRIPTORS + MAX_CGROUPS;

/// Descriptors, by whom they are for.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) init: [OwnedFd; INIT_DESCRIPTORS],
    pub(crate) runner: [OwnedFd; RUNNER_DESCRIPTORS],
    pub(crate) cgroups: [Option<OwnedFd>; MAX_CGROUPS],
}

/// Returns a descriptor that this process was started with.
pub(crate) fn inherited(number: i32) -> BorrowedFd<'static> {
    // SAFETY: those who start a zygote give it these, and it never closes them.
    unsafe { BorrowedFd::borrow_raw(number) }
}

/// Says that requests may come.
pub(crate) fn say_ready(control: BorrowedFd<'_>) -> Result<()> {
    rustix::net::send(control, crate::READY, SendFlags::NOSIGNAL).map(drop)
}

/// Receives a request, `None` at the end.
pub(crate) fn receive(control: BorrowedFd<'_>) -> Result<Option<(Request, Family)>> {
    let mut bytes = [0; 5];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::io::retry_on_intr(|| {
        rustix::net::recvmsg(
            control,
            &mut [IoSliceMut::new(&mut bytes)],
            &mut ancillary,
            RecvFlags::CMSG_CLOEXEC,
        )
    })?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut descriptors = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten();
    let mut next = || descriptors.next().ok_or(Errno::BADMSG);
    let family = Family {
        init: take(&mut next)?,
        runner: take(&mut next)?,
        cgroups: array::from_fn(|_| next().ok()),
    };
    if received.bytes != bytes.len() {
        return Err(Errno::BADMSG);
    }
    Ok(Some((Request::decode(bytes), family)))
}

/// Takes as many descriptors as fit.
fn take<const COUNT: usize>(
    next: &mut impl FnMut() -> Result<OwnedFd>,
) -> Result<[OwnedFd; COUNT]> {
    let mut missing = None;
    let taken = array::from_fn::<_, COUNT, _>(|_| match next() {
        Ok(descriptor) => Some(descriptor),
        Err(error) => {
            missing = Some(error);
            None
        }
    });
    if let Some(error) = missing {
        return Err(error);
    }
    // None is missing, so that nothing is replaced here.
    Ok(taken.map(|descriptor| match descriptor {
        Some(descriptor) => descriptor,
        None => crate::syscall::exit(1),
    }))
}

/// Answers a request: with a descriptor of `init`, or with an error's number.
pub(crate) fn answer(
    control: BorrowedFd<'_>,
    answer: core::result::Result<BorrowedFd<'_>, Errno>,
) -> Result<()> {
    let (number, init) = match answer {
        Ok(init) => (0, Some([init])),
        Err(error) => (error.raw_os_error(), None),
    };
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if let Some(init) = &init {
        ancillary.push(SendAncillaryMessage::ScmRights(init));
    }
    let bytes = number.to_le_bytes();
    rustix::io::retry_on_intr(|| {
        rustix::net::sendmsg(
            control,
            &[IoSlice::new(&bytes)],
            &mut ancillary,
            SendFlags::NOSIGNAL,
        )
    })
    .map(drop)
}
