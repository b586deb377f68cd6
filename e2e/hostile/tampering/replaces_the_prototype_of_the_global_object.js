// Puts a proxy behind the global object, which sees every name that is looked up and not found.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":1}
try {
  Object.setPrototypeOf(globalThis, new Proxy({}, {
    get() { throw new Error('trapped'); },
    has() { return true; },
  }));
} catch { /* refused */ }

export default () => ({ a: 1 });
