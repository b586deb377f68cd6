// Blocks its thread in a wait that nobody wakes.
//
// images: ["node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
export default () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
