//! System calls that `rustix` does not offer without the standard library.
#![expect(
    unsafe_code,
    reason = "these calls exist nowhere as safe functions; each block argues its own"
)]

use core::arch::asm;
use core::ffi::CStr;

use rustix::fd::{AsRawFd as _, BorrowedFd};
use rustix::io::{Errno, Result};

const CLOSE: usize = 3;
const DUP2: usize = 33;
const DUP3: usize = 292;
const RT_SIGPROCMASK: usize = 14;
const UNSHARE: usize = 272;
const SECCOMP: usize = 317;
const EXECVEAT: usize = 322;
const EXIT_GROUP: usize = 231;

const SIG_SETMASK: usize = 2;
const SECCOMP_SET_MODE_FILTER: usize = 1;
const O_CLOEXEC: usize = 0o2_000_000;
const AT_EMPTY_PATH: usize = 0x1000;
const CLONE_NEWCGROUP: usize = 0x0200_0000;

/// A set of signals, as the kernel writes it.
pub(crate) type Signals = u64;

/// Every signal.
pub(crate) const ALL: Signals = u64::MAX;

/// No signal.
pub(crate) const NONE: Signals = 0;

/// One instruction of a seccomp filter, as the kernel reads it.
pub(crate) type Instruction = [u8; 8];

/// Makes a system call.
///
/// # Safety
///
/// The call must be given what it expects, and do nothing that Rust does not expect.
unsafe fn call(number: usize, arguments: [usize; 5]) -> Result<usize> {
    let [first, second, third, fourth, fifth] = arguments;
    let returned: isize;
    // SAFETY: this is how the kernel is called; what the call does, the caller answers for.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number.cast_signed() => returned,
            in("rdi") first,
            in("rsi") second,
            in("rdx") third,
            in("r10") fourth,
            in("r8") fifth,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    if (-4095..0).contains(&returned) {
        let number = i32::try_from(-returned).unwrap_or(i32::MAX);
        return Err(Errno::from_raw_os_error(number));
    }
    Ok(returned.cast_unsigned())
}

/// Sets which signals are held back, and returns which were.
pub(crate) fn hold_back(signals: Signals) -> Result<Signals> {
    let mut old = NONE;
    let arguments = [
        SIG_SETMASK,
        (&raw const signals).addr(),
        (&raw mut old).addr(),
        size_of::<Signals>(),
        0,
    ];
    // SAFETY: both pointers are to values of the size that is passed, and outlive the call.
    unsafe { call(RT_SIGPROCMASK, arguments) }?;
    Ok(old)
}

/// Makes `number` refer to what `descriptor` does, and survive execution. Whoever had that number
/// finds another file there.
pub(crate) fn place(descriptor: BorrowedFd<'_>, number: i32) -> Result<()> {
    let arguments = [at(descriptor.as_raw_fd())?, at(number)?, 0, 0, 0];
    // SAFETY: this touches no memory; what the number was, its owner has given up.
    unsafe { call(DUP2, arguments) }.map(drop)
}

/// Makes `number` refer to what `descriptor` does, another number, and `close` when a program is
/// executed or not.
pub(crate) fn replace(descriptor: BorrowedFd<'_>, number: i32, close: bool) -> Result<()> {
    let flags = if close { O_CLOEXEC } else { 0 };
    let arguments = [at(descriptor.as_raw_fd())?, at(number)?, flags, 0, 0];
    // SAFETY: this touches no memory; whoever uses the number expects another file of this kind.
    unsafe { call(DUP3, arguments) }.map(drop)
}

/// Closes a descriptor that has no owner any more.
pub(crate) fn close(number: i32) -> Result<()> {
    // SAFETY: this touches no memory.
    unsafe { call(CLOSE, [at(number)?, 0, 0, 0, 0]) }.map(drop)
}

fn at(descriptor: i32) -> Result<usize> {
    usize::try_from(descriptor).map_err(|_| Errno::BADF)
}

/// Leaves the cgroup namespace for one whose root are this process's own cgroups.
pub(crate) fn leave_cgroup_namespace() -> Result<()> {
    // SAFETY: this touches no memory.
    unsafe { call(UNSHARE, [CLONE_NEWCGROUP, 0, 0, 0, 0]) }.map(drop)
}

/// Puts this process under a filter for good.
pub(crate) fn install_filter(program: &[Instruction]) -> Result<()> {
    #[repr(C)]
    struct Program {
        length: u16,
        instructions: *const Instruction,
    }
    let program = Program {
        length: u16::try_from(program.len()).map_err(|_| Errno::INVAL)?,
        instructions: program.as_ptr(),
    };
    let arguments = [
        SECCOMP_SET_MODE_FILTER,
        0,
        (&raw const program).addr(),
        0,
        0,
    ];
    // SAFETY: the structure is the kernel's `sock_fprog`; it and the instructions outlive the call.
    unsafe { call(SECCOMP, arguments) }.map(drop)
}

/// Executes an open program with one argument and no environment.
pub(crate) fn execute(program: BorrowedFd<'_>, name: &CStr, argument: &CStr) -> Errno {
    let arguments = [name.as_ptr(), argument.as_ptr(), core::ptr::null()];
    let environment: [*const core::ffi::c_char; 1] = [core::ptr::null()];
    let Ok(program) = at(program.as_raw_fd()) else {
        return Errno::BADF;
    };
    let passed = [
        program,
        c"".as_ptr().addr(),
        arguments.as_ptr().addr(),
        environment.as_ptr().addr(),
        AT_EMPTY_PATH,
    ];
    // SAFETY: both lists end with a null pointer, all strings with NUL, and the kernel copies them.
    match unsafe { call(EXECVEAT, passed) } {
        Ok(_) => Errno::NOEXEC,
        Err(error) => error,
    }
}

/// Ends this process at once.
pub(crate) fn exit(code: u8) -> ! {
    loop {
        // SAFETY: this does not return, and touches no memory.
        unsafe { call(EXIT_GROUP, [usize::from(code), 0, 0, 0, 0]) }.ok();
    }
}
