// Stops its own process. It can be cancelled all the same.
//
// images: ["node","deno"]
// outcome: "cancelled"
// cancel: true
// request: {"timeout_ms": 30000}
export default () => {
  process.kill(process.pid, 'SIGSTOP');
  return new Promise((resolve) => setTimeout(resolve, 30000, 'continued'));
};
