// Waits at its top level for what nothing will settle. There is no handler to call yet, and the end is noticed. Deno ends
// itself then, before anybody is told that its event loop is empty.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"unhandled": "never_settled"}
// per: {"deno": {"outcome": "runner_exited", "details": {"exit_code": 1}}}
// request: {"timeout_ms": 30000}
await new Promise(() => {});

export default () => 1;
