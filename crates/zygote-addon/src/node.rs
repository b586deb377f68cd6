//! The addon's side of Node-API, see <https://nodejs.org/api/n-api.html>: two functions, `serve` and `exit`.
#![expect(unsafe_code, reason = "an addon is called by C, and calls it")]

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

type Environment = *mut c_void;
type Value = *mut c_void;
type Info = *mut c_void;
type Callback = extern "C" fn(Environment, Info) -> Value;

/// All went well.
const OK: c_int = 0;

unsafe extern "C" {
    fn napi_create_function(
        environment: Environment,
        name: *const c_char,
        length: usize,
        callback: Callback,
        data: *mut c_void,
        result: *mut Value,
    ) -> c_int;
    fn napi_get_cb_info(
        environment: Environment,
        info: Info,
        count: *mut usize,
        arguments: *mut Value,
        this: *mut Value,
        data: *mut *mut c_void,
    ) -> c_int;
    fn napi_get_value_int32(environment: Environment, value: Value, result: *mut i32) -> c_int;
    fn napi_create_int32(environment: Environment, number: i32, result: *mut Value) -> c_int;
    fn napi_get_uv_event_loop(environment: Environment, result: *mut *mut c_void) -> c_int;
    fn napi_set_named_property(
        environment: Environment,
        object: Value,
        name: *const c_char,
        value: Value,
    ) -> c_int;
    /// Makes an event loop work in a child of the process that made it.
    fn uv_loop_fork(event_loop: *mut c_void) -> c_int;
}

/// Gives the addon its functions.
#[unsafe(no_mangle)]
extern "C" fn napi_register_module_v1(environment: Environment, exports: Value) -> Value {
    add(environment, exports, c"serve", serve);
    add(environment, exports, c"exit", exit);
    exports
}

/// Adds a function to the addon. Without it, calling it says so.
fn add(environment: Environment, exports: Value, name: &'static CStr, callback: Callback) {
    let mut function = ptr::null_mut();
    let (name, length) = (name.as_ptr(), name.count_bytes());
    let data = ptr::null_mut();
    // SAFETY: Node.js gave us the environment; the name has this length and lives for ever; the result
    // is stored before the call returns.
    let created = unsafe {
        napi_create_function(environment, name, length, callback, data, &raw mut function)
    };
    if created == OK {
        // SAFETY: likewise, and the function was made above.
        unsafe { napi_set_named_property(environment, exports, name, function) };
    }
}

/// Ends the process at once, with the code that is the first argument: Node.js itself would first wait
/// for threads that exist in the zygote alone.
extern "C" fn exit(environment: Environment, info: Info) -> Value {
    let mut count = 1;
    let mut code = ptr::null_mut();
    let mut number = 0;
    let (this, data) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: Node.js gave us both; there is room for the one argument that is asked for, and null says
    // that the others are not.
    unsafe { napi_get_cb_info(environment, info, &raw mut count, &raw mut code, this, data) };
    // SAFETY: the argument is a value, `undefined` if none was passed, or none was had.
    if unsafe { napi_get_value_int32(environment, code, &raw mut number) } != OK {
        number = 0;
    }
    // The kernel keeps the lowest byte, whatever the number.
    zygote::exit(number.to_le_bytes()[0])
}

/// Serves, and returns a number: 0 in each child, whose event loop works.
extern "C" fn serve(environment: Environment, _: Info) -> Value {
    let error = match crate::veritech_zygote_serve() {
        0 => renew_event_loop(environment),
        error => error,
    };
    let mut value = ptr::null_mut();
    // SAFETY: Node.js gave us the environment; the result is stored before the call returns.
    unsafe { napi_create_int32(environment, error, &raw mut value) };
    value
}

/// Makes the event loop of a child work; returns 0, or an error's number.
fn renew_event_loop(environment: Environment) -> c_int {
    let mut event_loop = ptr::null_mut();
    // SAFETY: Node.js gave us the environment; the result is stored before the call returns.
    let status = unsafe { napi_get_uv_event_loop(environment, &raw mut event_loop) };
    if status != OK {
        return status;
    }
    // SAFETY: this is the thread of the event loop, which is not in use during a call from it.
    -unsafe { uv_loop_fork(event_loop) }
}
