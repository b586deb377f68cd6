// Throws an error whose message never comes: reading it takes for ever. The clock goes on.
//
// images: ["quickjs","node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
export default () => {
  throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } });
};
