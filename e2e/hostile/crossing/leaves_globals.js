// Leaves marks on the global object, on prototypes and behind symbols that are shared by everything in a process.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: []
// runs: 3
const places = {
  global: globalThis,
  prototype: Object.prototype,
  function: Function.prototype,
  promise: Promise,
  console,
  symbol: Symbol.for,
};

export default () => {
  const found = Object.keys(places).filter((name) => Reflect.getOwnPropertyDescriptor(places[name], 'crossing') !== undefined);
  for (const name in places) Object.defineProperty(places[name], 'crossing', { value: true });
  return found;
};
