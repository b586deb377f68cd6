//! The executables and scripts that every veritech carries, so that it runs
//! functions with nothing else installed.
//!
//! The executables are static. On systems other than Linux there are none.
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
use sandbox::{Executable, Programs};

/// The server that a sandbox runs.
#[cfg(target_os = "linux")]
pub const CYCLONE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cyclone"));

/// The process that makes native sandboxes.
#[cfg(target_os = "linux")]
pub const LAUNCHER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/veritech-launcher"));

/// The QuickJS runner.
#[cfg(target_os = "linux")]
pub const QUICKJS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/quickjs"));

/// The files of the runners that need an interpreter, each with its path below
/// the directory that sandboxes find them in.
pub const SCRIPTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/scripts.rs"));

/// Returns what engines put into sandboxes.
#[cfg(target_os = "linux")]
pub fn programs() -> Programs {
    Programs {
        cyclone: Executable::Embedded(CYCLONE),
        quickjs: Executable::Embedded(QUICKJS),
        scripts: SCRIPTS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn executables_need_no_interpreter_of_the_host() {
        for executable in [CYCLONE, LAUNCHER, QUICKJS] {
            assert!(executable.starts_with(b"\x7fELF"));
            let interpreter = b"/ld-linux";
            let dynamic = executable
                .windows(interpreter.len())
                .take(4096)
                .any(|window| window == interpreter);
            assert!(!dynamic, "an executable asks for a dynamic loader");
        }
    }

    #[test]
    fn the_runners_that_need_an_interpreter_are_complete() {
        let names: Vec<_> = SCRIPTS.iter().map(|(name, _)| *name).collect();
        assert!(names.contains(&"javascript/bundle/node.cjs"), "{names:?}");
        assert!(names.contains(&"javascript/bundle/deno.mjs"), "{names:?}");
        assert!(names.contains(&"javascript/vendor/acorn.mjs"), "{names:?}");
        assert!(names.contains(&"python/runner.py"), "{names:?}");
        assert!(names.contains(&"python/life.py"), "{names:?}");
    }
}
