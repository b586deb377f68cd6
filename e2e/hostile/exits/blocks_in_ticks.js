// Never lets the event loop turn: each tick queues the next one.
//
// images: ["node"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
export default () => {
  const again = () => process.nextTick(again);
  again();
  return new Promise((resolve) => setTimeout(resolve, 1, 'turned'));
};
