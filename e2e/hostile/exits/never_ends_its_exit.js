// Never comes back from a listener of its own exit.
//
// images: ["node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 600}
export default () => {
  process.on('exit', () => { for (;;); });
  process.exit(0);
};
