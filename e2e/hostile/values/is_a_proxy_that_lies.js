// Returns a proxy that names members which it then does not have, and has others under two answers. What it shows is the value.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":"shown"}
export default () => {
  const target = { a: 1, b: 2 };
  return new Proxy(target, {
    ownKeys: () => ['a', 'b'],
    get: (_, name) => (name === 'a' ? 'shown' : undefined),
  });
};
