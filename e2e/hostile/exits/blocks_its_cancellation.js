// Blocks its event loop, so that no message could reach it. A cancellation does not need to.
//
// images: ["quickjs","node","deno"]
// outcome: "cancelled"
// cancel: true
// request: {"timeout_ms": 30000}
export default () => {
  for (;;);
};
