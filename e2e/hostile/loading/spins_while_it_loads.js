// Spins at its top level. The time for loading is the function's own.
//
// images: ["quickjs","node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
for (;;);
