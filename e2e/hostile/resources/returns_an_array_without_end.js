// Returns an array that says it has four thousand million elements, all of them there.
//
// images: ["quickjs","node","deno"]
// outcome: "result_too_large"
// request: {"timeout_ms": 8000, "limits": {"result_bytes": 4096}}
export default () => new Proxy([], {
  has: () => true,
  get: (target, name) => (name === 'length' ? 4294967295 : name === 'toJSON' ? undefined : 7),
  getOwnPropertyDescriptor: (target, name) => (name === 'length'
    ? Reflect.getOwnPropertyDescriptor(target, name)
    : { value: 7, writable: true, enumerable: true, configurable: true }),
});
