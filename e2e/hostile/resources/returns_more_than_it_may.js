// Returns a text that is larger than any result. Where there is memory to measure it its size is told; where there is not,
// that is the reason.
//
// images: ["quickjs","node","deno"]
// outcome: ["result_too_large","out_of_memory"]
// request: {"timeout_ms": 30000, "limits": {"memory_bytes": 134217728}}
export default () => 'x'.repeat(2 ** 22);
