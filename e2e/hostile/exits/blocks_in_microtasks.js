// Never lets the event loop turn: each promise makes the next one, and none waits for it, which would fill the memory. No
// timer in the same process could end that.
//
// images: ["quickjs","node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
export default () => {
  const again = () => {
    Promise.resolve().then(again);
  };
  again();
  return new Promise((resolve) => setTimeout(resolve, 1, 'turned'));
};
