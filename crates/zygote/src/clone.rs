//! The two processes of a sandbox, from one that has neither time nor memory to spare.
//!
//! A copy of a large process takes milliseconds, so only the runner is one. `init` borrows the
//! zygote's memory, as after vfork(2), and has a stack of its own on it. It forks the runner, which
//! then goes back to the zygote's stack as it was when all this began.
#![expect(
    unsafe_code,
    reason = "two processes on one memory exist nowhere as a safe function"
)]

use core::arch::naked_asm;
use core::cell::UnsafeCell;

use rustix::fd::{FromRawFd as _, OwnedFd};
use rustix::io::{Errno, Result};

use crate::message::Family;
use crate::syscall::{self, ALL, NONE};
use crate::{RUNNER_PID, birth};

/// New namespaces of every kind but cgroup, which `init` leaves later, once it is in its cgroups;
/// memory shared until it executes; a child of the zygote's own parent; and a descriptor of it.
const FLAGS: u64 = 0x1000_0000 // CLONE_NEWUSER
    | 0x0002_0000 // CLONE_NEWNS
    | 0x2000_0000 // CLONE_NEWPID
    | 0x4000_0000 // CLONE_NEWNET
    | 0x0800_0000 // CLONE_NEWIPC
    | 0x0400_0000 // CLONE_NEWUTS
    | 0x0000_0100 // CLONE_VM
    | 0x0000_4000 // CLONE_VFORK
    | 0x0000_8000 // CLONE_PARENT
    | 0x0000_1000 // CLONE_PIDFD
    | 17; // SIGCHLD

/// Bytes of the stack of `init`, on which a C library's `fork` runs too.
const STACK_BYTES: usize = 128 * 1024;

/// The stack of `init`.
#[repr(align(16))]
struct Stack(UnsafeCell<[u8; STACK_BYTES]>);

// SAFETY: it is used by one process at a time: the zygote stands still while `init` is on it.
unsafe impl Sync for Stack {}

static STACK: Stack = Stack(UnsafeCell::new([0; STACK_BYTES]));

unsafe extern "C" {
    /// fork(2), with what the C library and others have to do around it.
    safe fn fork() -> i32;
}

/// Which process goes on.
pub(crate) enum Side {
    /// The zygote, with a descriptor of `init`.
    Zygote(OwnedFd),
    /// The runner.
    Runner,
}

/// What `init` has to know.
#[repr(C)]
struct Scene<'a> {
    /// Where the zygote's stack was when it was left.
    stack_pointer: usize,
    family: &'a Family,
}

/// Brings a sandbox's two processes into the world.
pub(crate) fn bring_forth(family: &Family) -> Result<Side> {
    let mut scene = Scene {
        stack_pointer: 0,
        family,
    };
    let mut pidfd: i32 = -1;
    // A handler of the zygote's must not run in `init`, on memory that is not its own.
    let held_back = syscall::hold_back(ALL)?;
    let top = STACK.0.get().wrapping_add(1).cast::<u8>();
    // SAFETY: the stack is aligned, large and in nobody's use; `scene` and `pidfd` outlive the call,
    // for the kernel does not let this process go on before `init` has executed or ended.
    let returned = unsafe { leave(FLAGS, top, &raw mut pidfd, &raw mut scene) };
    syscall::hold_back(held_back)?;
    match i32::try_from(returned) {
        Ok(0) => Ok(Side::Runner),
        // SAFETY: the kernel has just opened it, and nobody else knows of it.
        Ok(1..) => Ok(Side::Zygote(unsafe { OwnedFd::from_raw_fd(pidfd) })),
        Ok(error) => Err(Errno::from_raw_os_error(-error)),
        Err(_) => Err(Errno::INVAL),
    }
}

/// What `init` does: it joins its cgroups, forks the runner and executes.
extern "C" fn init(scene: &Scene<'_>) -> ! {
    if birth::join_cgroups(scene.family).is_err() {
        syscall::exit(1);
    }
    match fork() {
        // SAFETY: this is the runner, whose memory has the zygote's stack as `leave` left it.
        0 => unsafe { resume(scene.stack_pointer) },
        RUNNER_PID => {}
        _ => syscall::exit(1),
    }
    syscall::hold_back(NONE).ok();
    birth::execute(scene.family);
    syscall::exit(1)
}

/// Clones `init`. Returns its number in the zygote, or an error's, negative; and 0 in the runner.
///
/// # Safety
///
/// `stack_top` must be the aligned end of a stack that nothing else uses. The pointers must be valid
/// until this returns in the zygote.
#[unsafe(naked)]
unsafe extern "C" fn leave(
    flags: u64,
    stack_top: *mut u8,
    pidfd: *mut i32,
    scene: *mut Scene<'_>,
) -> i64 {
    naked_asm!(
        // Everything that a function has to leave as it was, on the zygote's stack.
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rcx], rsp",
        "mov r12, rcx",
        // clone(flags, stack, pidfd, no tid, no TLS)
        "xor r10d, r10d",
        "xor r8d, r8d",
        "mov eax, 56",
        "syscall",
        "test rax, rax",
        "jz 2f",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        // `init`, on its own stack.
        "2:",
        "xor ebp, ebp",
        "mov rdi, r12",
        "call {init}",
        "ud2",
        init = sym init,
    )
}

/// Returns 0 from the [`leave`] that stored this stack pointer.
///
/// # Safety
///
/// The frame must still be there.
#[unsafe(naked)]
unsafe extern "C" fn resume(stack_pointer: usize) -> ! {
    naked_asm!(
        "mov rsp, rdi",
        "xor eax, eax",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}
