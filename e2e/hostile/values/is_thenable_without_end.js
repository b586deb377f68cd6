// Returns an object with a `then` that comes to another one with a `then`, without end.
//
// images: ["quickjs","node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
const endless = () => ({ then: (resolve) => resolve(endless()) });

export default endless;
