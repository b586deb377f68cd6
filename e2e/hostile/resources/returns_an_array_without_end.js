// Returns an array that says it has four thousand million elements, all of them there.
//
// images: ["quickjs","node","deno"]
// outcome: "result_too_large"
// request: {"timeout_ms": 30000, "limits": {"result_bytes": 4096}}
const long = 'x'.repeat(10000);

export default () => new Proxy([], {
  has: () => true,
  get: (target, name) => (name === 'length' ? 4294967295 : name === 'toJSON' ? undefined : long),
  getOwnPropertyDescriptor: (target, name) => (name === 'length'
    ? Reflect.getOwnPropertyDescriptor(target, name)
    : { value: long, writable: true, enumerable: true, configurable: true }),
});
