// Puts a proxy behind the global object, which sees every name that is looked up and not found. Deno itself looks there between
// two turns of its event loop, and may end over what that throws before the value is told.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":1}
// per: {"deno": {"outcome": ["success","runner_exited"], "value": {"a":1}}}
try {
  Object.setPrototypeOf(globalThis, new Proxy({}, {
    get() { throw new Error('trapped'); },
    has() { return true; },
  }));
} catch { /* refused */ }

export default () => ({ a: 1 });
