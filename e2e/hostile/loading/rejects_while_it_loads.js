// Leaves a rejected promise to nobody while it is loaded, and waits.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "lost"
// request: {"timeout_ms": 30000}
Promise.reject(new Error('lost'));
await new Promise((resolve) => setTimeout(resolve, 10000));

export default () => 1;
