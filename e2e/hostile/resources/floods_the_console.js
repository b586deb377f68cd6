// Prints without end, past the limit of output. It is cut, and the time runs out.
//
// images: ["quickjs","node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 600, "limits": {"output_bytes": 1000}}
export default () => {
  for (;;) console.log('x'.repeat(100), { a: [1, 2, 3] });
};
