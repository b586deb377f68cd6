// Prints objects that go on for ever: cycles, proxies, accessors that make another object. Formatting has a depth.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "printed"
// request: {"timeout_ms": 30000}
const endless = () => ({ get next() { return endless(); } });

export default () => {
  const cycle = [];
  cycle.push(cycle, { cycle });
  console.log(cycle, endless(), new Proxy({}, { get: endless, ownKeys: () => ['a'] }), new Array(1e9), Object.create(endless()));
  return 'printed';
};
