// Waits for a promise while only timers are left that do not keep a process alive. That is noticed at once, not when the
// time is up.
//
// images: ["node"]
// outcome: "exception"
// details: {"unhandled": "never_settled"}
// request: {"timeout_ms": 30000}
export default () => {
  process.exitCode = 0;
  setTimeout(() => {}, 60000).unref();
  return new Promise(() => {});
};
