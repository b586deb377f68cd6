// Leaves promises to nobody that were rejected with things that are no errors, and that throw when they are looked at.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"unhandled": "rejection"}
// request: {"timeout_ms": 30000}
const trapped = () => { throw new Error('trapped'); };

export default () => {
  Promise.reject(new Proxy({}, { get: trapped, getPrototypeOf: trapped, has: trapped, ownKeys: trapped }));
  Promise.reject(undefined);
  return new Promise((resolve) => setTimeout(resolve, 8000));
};
