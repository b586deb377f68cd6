//! Files that a runtime has opened for itself. A child inherits the very same ones, and through them its siblings: a wake-up
//! for one reaches another, and a function could talk to other functions. So each child gets its own instead.
//!
//! What there is, a zygote finds out once. It does not serve if a file is of a kind that cannot be had anew.
#![expect(unsafe_code, reason = "descriptors of others are numbers")]

use core::ffi::CStr;
use core::fmt::{self, Write as _};
use core::mem::MaybeUninit;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, RawDir};
use rustix::io::{Errno, FdFlags, Result};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::pipe::PipeFlags;

use crate::{FILTER, message, syscall};

/// The most files that a runtime may have opened.
const FILES: usize = 32;

/// The most files that all of its event queues may watch together.
const WATCHES: usize = 64;

/// The most bytes that may lie in all pipes together: a runtime has one there as a token, not data.
const PIPED_BYTES: usize = 16;

/// Bytes of what the kernel tells of one file.
const ABOUT_BYTES: usize = 4096;

/// Where a zygote's complaints go.
const STDERR: i32 = 2;

/// What each child gets for itself.
pub(crate) struct Descriptors {
    files: List<File, FILES>,
    watches: List<Watch, WATCHES>,
    piped: List<Piped, PIPED_BYTES>,
}

/// A list without memory of its own.
struct List<T, const MOST: usize> {
    items: [Option<T>; MOST],
    length: usize,
}

/// An open descriptor.
#[derive(Clone, Copy)]
struct File {
    number: i32,
    /// Whether it closes when a program is executed.
    close: bool,
    status: OFlags,
    kind: Kind,
}

/// What it refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What the standard stream of this number does.
    Stream(i32),
    /// Something that has a name and can be opened again.
    Named,
    /// An eventfd(2) that counts to this number, and the kernel's number of it.
    Counter { count: u32, id: u64 },
    /// An epoll(7), and a digest of what it watches.
    Queue(u64),
    /// An end of a pipe(7), by its inode.
    Pipe(u64),
    /// One of two sockets that are connected to each other, by its inode.
    Socket(u64),
}

/// A file that an event queue watches.
#[derive(Clone, Copy)]
struct Watch {
    queue: i32,
    number: i32,
    events: u32,
    data: u64,
}

/// A byte that lies in a pipe, by the pipe's inode.
#[derive(Clone, Copy)]
struct Piped {
    pipe: u64,
    byte: u8,
}

impl<T: Copy, const MOST: usize> List<T, MOST> {
    const fn new() -> Self {
        Self {
            items: [None; MOST],
            length: 0,
        }
    }

    fn push(&mut self, item: T) -> Result<()> {
        let slot = self.items.get_mut(self.length).ok_or(Errno::MFILE)?;
        *slot = Some(item);
        self.length += 1;
        Ok(())
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }
}

impl Descriptors {
    /// Finds out what is open.
    ///
    /// # Errors
    ///
    /// Returns the kernel's refusal, and `EOPNOTSUPP` for what cannot be had anew.
    pub(crate) fn take() -> Result<Self> {
        let mut found = Self {
            files: List::new(),
            watches: List::new(),
            piped: List::new(),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(CWD, c"/proc/self/fd", flags, Mode::empty())?;
        let itself = directory.as_raw_fd();
        let mut space = [const { MaybeUninit::uninit() }; ABOUT_BYTES];
        let mut entries = RawDir::new(&directory, &mut space);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name().to_str().unwrap_or_default();
            match name.parse() {
                Ok(number) if number > FILTER && number != itself => found.add(number)?,
                _ => {}
            }
        }
        found.check()?;
        found.look_into_pipes()?;
        Ok(found)
    }

    fn add(&mut self, number: i32) -> Result<()> {
        let file = open_number(number);
        let mut space = [0; 64];
        let target = read_link(number, &mut space)?;
        let inode = || numbered(target).ok_or(Errno::OPNOTSUPP);
        let kind = match target.split_once(':') {
            Some(("pipe", _))
                if inode()? == rustix::fs::fstat(message::inherited(STDERR))?.st_ino =>
            {
                Kind::Stream(STDERR)
            }
            Some(("pipe", _)) => Kind::Pipe(inode()?),
            Some(("socket", _)) => Kind::Socket(inode()?),
            Some(("anon_inode", "[eventfd]")) => About::of(number)?.counter()?,
            Some(("anon_inode", "[eventpoll]")) => {
                let about = About::of(number)?;
                about.watches(number, |watch| self.watches.push(watch))?;
                Kind::Queue(about.digest()?)
            }
            _ if target.starts_with('/') => Kind::Named,
            _ => return Err(Errno::OPNOTSUPP),
        };
        self.files.push(File {
            number,
            close: rustix::io::fcntl_getfd(file)?.contains(FdFlags::CLOEXEC),
            status: rustix::fs::fcntl_getfl(file)?,
            kind,
        })
    }

    /// Sees to it that all can be had anew.
    fn check(&self) -> Result<()> {
        for file in self.files.iter() {
            match file.kind {
                Kind::Pipe(_) => self.far_end(file).map(drop)?,
                Kind::Socket(_) => {
                    let peer = self.peer(file)?;
                    are_connected(file.number, peer.number)?;
                }
                Kind::Stream(_) | Kind::Named | Kind::Counter { .. } | Kind::Queue(_) => {}
            }
        }
        let known = |number| self.files.iter().any(|file| file.number == number);
        if self.watches.iter().all(|watch| known(watch.number)) {
            Ok(())
        } else {
            Err(Errno::OPNOTSUPP)
        }
    }

    /// Finds out what lies in the pipes, and leaves it there.
    fn look_into_pipes(&mut self) -> Result<()> {
        let mut piped = List::new();
        for file in self.files.iter() {
            let Kind::Pipe(pipe) = file.kind else {
                continue;
            };
            let is_first = self
                .first_of(file)
                .is_some_and(|it| it.number == file.number);
            if file.can_write() || !is_first {
                continue;
            }
            let (near, far) = (open_number(file.number), self.far_end(file)?.number);
            for _ in 0..rustix::io::ioctl_fionread(near)? {
                let mut byte = [0];
                // It comes to lie behind the others: when each was taken once, all are as before.
                if rustix::io::read(near, &mut byte)? != 1
                    || rustix::io::write(open_number(far), &byte)? != 1
                {
                    return Err(Errno::OPNOTSUPP);
                }
                let [byte] = byte;
                piped.push(Piped { pipe, byte })?;
            }
        }
        self.piped = piped;
        Ok(())
    }

    /// Gives this process, a child, files of its own.
    pub(crate) fn renew(&self) -> Result<()> {
        for file in self.files.iter() {
            match self.first_of(file) {
                Some(first) if first.number < file.number => {
                    file.becomes(open_number(first.number))?;
                }
                _ => self.make(file)?,
            }
        }
        for watch in self.watches.iter() {
            let is_first = |file: &&File| file.number == watch.queue;
            let queue = self.files.iter().find(is_first).ok_or(Errno::BADF)?;
            // One queue with two numbers watches once.
            if self
                .first_of(queue)
                .is_some_and(|it| it.number == queue.number)
            {
                epoll::add(
                    open_number(watch.queue),
                    open_number(watch.number),
                    EventData::new_u64(watch.data),
                    EventFlags::from_bits_retain(watch.events),
                )?;
            }
        }
        Ok(())
    }

    /// Makes what `file` refers to, and what is made together with it.
    fn make(&self, file: &File) -> Result<()> {
        match file.kind {
            Kind::Stream(number) => file.becomes(message::inherited(number)),
            Kind::Named => file.becomes(reopen(file)?.as_fd()),
            Kind::Counter { count, .. } => {
                let flags =
                    EventfdFlags::from_bits_truncate(file.status.bits() & OFlags::NONBLOCK.bits());
                file.becomes(eventfd(count, flags)?.as_fd())
            }
            Kind::Queue(_) => file.becomes(epoll::create(CreateFlags::CLOEXEC)?.as_fd()),
            Kind::Pipe(pipe) => {
                let far = self.far_end(file)?;
                // Both are made when the first is met.
                if far.number < file.number {
                    return Ok(());
                }
                let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
                for piped in self.piped.iter().filter(|piped| piped.pipe == pipe) {
                    rustix::io::write(&write, &[piped.byte])?;
                }
                let (near_end, far_end) = if file.can_write() {
                    (write, read)
                } else {
                    (read, write)
                };
                self.place_both((file, near_end), (far, far_end))
            }
            Kind::Socket(_) => {
                let peer = self.peer(file)?;
                if peer.number < file.number {
                    return Ok(());
                }
                let (near, far) = rustix::net::socketpair(
                    AddressFamily::UNIX,
                    SocketType::STREAM,
                    SocketFlags::CLOEXEC,
                    None,
                )?;
                self.place_both((file, near), (peer, far))
            }
        }
    }

    fn place_both(&self, near: (&File, OwnedFd), far: (&File, OwnedFd)) -> Result<()> {
        for (file, made) in [near, far] {
            rustix::fs::fcntl_setfl(&made, file.status & OFlags::NONBLOCK)?;
            file.becomes(made.as_fd())?;
        }
        Ok(())
    }

    /// Returns the first descriptor of what `file` is one of.
    fn first_of(&self, file: &File) -> Option<&File> {
        let is_same = |other: &&File| match file.kind {
            // Each is opened again, or copied, by itself; a queue that watches nothing could be any.
            Kind::Stream(_) | Kind::Named | Kind::Queue(0) => other.number == file.number,
            Kind::Pipe(_) => other.kind == file.kind && other.can_write() == file.can_write(),
            Kind::Counter { .. } | Kind::Queue(_) | Kind::Socket(_) => other.kind == file.kind,
        };
        self.files.iter().find(is_same)
    }

    /// Returns the first descriptor of a pipe's other end.
    fn far_end(&self, file: &File) -> Result<&File> {
        let mut files = self.files.iter();
        files
            .find(|other| other.kind == file.kind && other.can_write() != file.can_write())
            .ok_or(Errno::OPNOTSUPP)
    }

    /// Returns the first descriptor of the one other socket.
    fn peer(&self, file: &File) -> Result<&File> {
        let is_other =
            |other: &&File| matches!(other.kind, Kind::Socket(_)) && other.kind != file.kind;
        let peer = self.files.iter().find(is_other).ok_or(Errno::OPNOTSUPP)?;
        let mut others = self.files.iter().filter(is_other);
        if others.all(|other| other.kind == peer.kind) {
            Ok(peer)
        } else {
            Err(Errno::OPNOTSUPP)
        }
    }
}

impl File {
    fn can_write(&self) -> bool {
        self.status.contains(OFlags::WRONLY)
    }

    /// Makes its number refer to what `descriptor` does.
    fn becomes(&self, descriptor: BorrowedFd<'_>) -> Result<()> {
        syscall::replace(descriptor, self.number, self.close)
    }
}

/// Sees to it that what goes into one socket comes out of the other.
fn are_connected(one: i32, other: i32) -> Result<()> {
    let (one, other) = (open_number(one), open_number(other));
    if rustix::io::ioctl_fionread(other)? != 0 {
        return Err(Errno::OPNOTSUPP);
    }
    rustix::net::send(one, &[0], SendFlags::NOSIGNAL | SendFlags::DONTWAIT)?;
    let mut byte = [1];
    match rustix::net::recv(other, &mut byte, RecvFlags::DONTWAIT)? {
        (1, _) => Ok(()),
        _ => Err(Errno::OPNOTSUPP),
    }
}

/// Returns the descriptor of a number that was open when it was looked for.
fn open_number(number: i32) -> BorrowedFd<'static> {
    // SAFETY: the runtime that has opened it stands still, and does not close it meanwhile.
    unsafe { BorrowedFd::borrow_raw(number) }
}

/// Opens again what has a name.
fn reopen(file: &File) -> Result<OwnedFd> {
    let kept = OFlags::ACCMODE | OFlags::NONBLOCK | OFlags::APPEND;
    let path = Text::new(format_args!("/proc/self/fd/{}\0", file.number))?;
    rustix::fs::openat(
        CWD,
        path.as_path(),
        (file.status & kept) | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

/// Returns what a descriptor is a link to.
fn read_link(number: i32, space: &mut [u8; 64]) -> Result<&str> {
    let path = Text::new(format_args!("/proc/self/fd/{number}\0"))?;
    let length = rustix::fs::readlinkat_raw(CWD, path.as_path(), &mut space[..])?;
    // A longer name is cut, and begins with a slash all the same.
    let target = space.get(..length).unwrap_or_default();
    Ok(match core::str::from_utf8(target) {
        Ok(target) => target,
        Err(error) => {
            let valid = target.get(..error.valid_up_to()).unwrap_or_default();
            core::str::from_utf8(valid).unwrap_or_default()
        }
    })
}

/// Reads the number in `kind:[number]`.
fn numbered(target: &str) -> Option<u64> {
    let (_, rest) = target.split_once(":[")?;
    rest.strip_suffix(']')?.parse().ok()
}

/// What the kernel tells of a descriptor.
struct About {
    bytes: [u8; ABOUT_BYTES],
    length: usize,
}

impl About {
    fn of(number: i32) -> Result<Self> {
        let path = Text::new(format_args!("/proc/self/fdinfo/{number}\0"))?;
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(CWD, path.as_path(), flags, Mode::empty())?;
        let mut about = Self {
            bytes: [0; ABOUT_BYTES],
            length: 0,
        };
        loop {
            let rest = about.bytes.get_mut(about.length..).unwrap_or_default();
            if rest.is_empty() {
                return Err(Errno::OPNOTSUPP);
            }
            match rustix::io::retry_on_intr(|| rustix::io::read(&file, &mut *rest))? {
                0 => return Ok(about),
                read => about.length += read,
            }
        }
    }

    fn text(&self) -> Result<&str> {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        core::str::from_utf8(bytes).map_err(|_| Errno::OPNOTSUPP)
    }

    fn counter(&self) -> Result<Kind> {
        counter(self.text()?).ok_or(Errno::OPNOTSUPP)
    }

    fn watches(&self, queue: i32, mut keep: impl FnMut(Watch) -> Result<()>) -> Result<()> {
        let lines = self.text()?.lines().filter(|line| line.starts_with("tfd:"));
        for line in lines {
            keep(watch(queue, line).ok_or(Errno::OPNOTSUPP)?)?;
        }
        Ok(())
    }

    /// Returns a digest of what a queue watches, and 0 for nothing.
    fn digest(&self) -> Result<u64> {
        // FNV-1a, by Fowler, Noll and Vo.
        let lines = self.text()?.lines().filter(|line| line.starts_with("tfd:"));
        let bytes = lines.flat_map(str::bytes);
        Ok(bytes.fold(0, |hash: u64, byte| {
            let hash = if hash == 0 {
                0xcbf2_9ce4_8422_2325
            } else {
                hash
            };
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }
}

/// Reads what the kernel tells of an eventfd, see proc_pid_fdinfo(5).
fn counter(about: &str) -> Option<Kind> {
    let field = |name| about.lines().find_map(|line: &str| line.strip_prefix(name));
    let count = u64::from_str_radix(field("eventfd-count:")?.trim(), 16).ok()?;
    Some(Kind::Counter {
        count: u32::try_from(count).ok()?,
        id: field("eventfd-id:")?.trim().parse().ok()?,
    })
}

/// Reads a line of what the kernel tells of an epoll.
fn watch(queue: i32, line: &str) -> Option<Watch> {
    let field = |name| {
        let (_, rest) = line.split_once(name)?;
        rest.split_ascii_whitespace().next()
    };
    Some(Watch {
        queue,
        number: field("tfd:")?.parse().ok()?,
        events: u32::from_str_radix(field("events:")?, 16).ok()?,
        data: u64::from_str_radix(field("data:")?, 16).ok()?,
    })
}

/// A path, with room for no more.
struct Text {
    bytes: [u8; 40],
    length: usize,
}

impl Text {
    fn new(arguments: fmt::Arguments<'_>) -> Result<Self> {
        let mut text = Self {
            bytes: [0; 40],
            length: 0,
        };
        text.write_fmt(arguments).map_err(|_| Errno::NAMETOOLONG)?;
        Ok(text)
    }

    /// Returns the path, which was written with a NUL at its end.
    fn as_path(&self) -> &CStr {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        CStr::from_bytes_with_nul(bytes).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        let place = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        place.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_queue_watches_what_the_kernel_says() {
        let line = "tfd:       11 events: 80002019 data:     7f569800d180  pos:0 ino:1ed56e sdev:9";

        let watch = watch(6, line).expect("a watch");

        let found = (watch.queue, watch.number, watch.events, watch.data);
        assert_eq!(found, (6, 11, 0x8000_2019, 0x7f56_9800_d180));
    }

    #[test]
    fn an_event_counter_is_where_the_kernel_says() {
        let about =
            "pos:\t0\neventfd-count:              1e\neventfd-id: 2\neventfd-semaphore: 0\n";

        assert!(counter(about) == Some(Kind::Counter { count: 30, id: 2 }));
        assert!(counter("pos:\t0\n").is_none());
    }
}
