//! Globals of other runtimes that this one does not have.
//!
//! They are left undefined, so that a library that looks before it leaps (`typeof fetch`) takes its
//! other path. One that leaps gets a `ReferenceError`, whose report says where to go instead.

/// What Node.js or Deno would have had.
const GLOBALS: &[&str] = &[
    "AbortController",
    "AbortSignal",
    "Blob",
    "BroadcastChannel",
    "Buffer",
    "CompressionStream",
    "DecompressionStream",
    "Deno",
    "Event",
    "EventSource",
    "EventTarget",
    "File",
    "FormData",
    "Headers",
    "Intl",
    "MessageChannel",
    "ReadableStream",
    "Request",
    "Response",
    "TransformStream",
    "WebAssembly",
    "WebSocket",
    "Worker",
    "WritableStream",
    "XMLHttpRequest",
    "__dirname",
    "__filename",
    "exports",
    "fetch",
    "module",
    "navigator",
    "require",
];

/// Returns a better message than `<name> is not defined` for a name that another image defines.
pub(crate) fn explain(message: &str) -> Option<String> {
    let name = message.strip_suffix(" is not defined")?.trim_matches('\'');
    GLOBALS
        .binary_search(&name)
        .is_ok()
        .then(|| format!("{name} is not available in builtin/quickjs; use a Node.js or Deno image"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_globals_can_be_searched() {
        assert!(GLOBALS.is_sorted());
    }

    #[test]
    fn a_missing_global_is_explained_and_a_typing_error_is_not() {
        let explained = explain("fetch is not defined").expect("a global of Node.js");
        assert!(explained.contains("fetch") && explained.contains("Node.js"));
        assert_eq!(explain("fetsch is not defined"), None);
    }
}
