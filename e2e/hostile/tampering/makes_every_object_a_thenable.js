// Gives every object a `then` that forges what it comes to. What the handler returns is awaited, as the language has it, so
// that is its own value; the runner's own promises come to what they came to.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "its own doing"
Object.defineProperty(Object.prototype, 'then', {
  value(resolve) { resolve('its own doing'); },
  configurable: true,
  writable: true,
});

export default () => ({ a: 1 });
