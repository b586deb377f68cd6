// Waits at its top level for what nothing will settle. There is no handler to call yet, and the end is noticed.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"unhandled": "never_settled"}
// request: {"timeout_ms": 30000}
await new Promise(() => {});

export default () => 1;
