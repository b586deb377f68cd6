//! The zygote, as a library that language runtimes load: an addon of Node.js, and a function for the
//! foreign function interface of Deno.
//!
//! It needs no library, so that it can be loaded whatever C library the runtime was linked with.
//! What it calls it finds in the runtime when it is first called: in Node.js alone there is the
//! interface for addons.
#![no_std]
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod node;

/// Serves as [`zygote::serve`] does. Returns 0 in each child, and an error's number in a zygote that
/// cannot go on.
#[expect(unsafe_code, reason = "runtimes find it by its name")]
#[unsafe(no_mangle)]
extern "C" fn veritech_zygote_serve() -> i32 {
    match zygote::serve() {
        Ok(()) => 0,
        Err(error) => error.raw_os_error(),
    }
}

// Where this is but checked, with the rest of the workspace, there is a standard library.
#[cfg(veritech_freestanding)]
#[panic_handler]
fn end(_: &core::panic::PanicInfo<'_>) -> ! {
    zygote::exit(1)
}
