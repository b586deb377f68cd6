//! The native engine's launcher: see `sandbox_native::launcher`.

use std::process::ExitCode;

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    return sandbox_native::launcher::main();
    #[cfg(not(target_os = "linux"))]
    return ExitCode::FAILURE;
}
