// Gives every object the members of a property descriptor, so that each `defineProperty` with a plain object means something
// else.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"a":[1,"x"]}
// output: "seen 1"
for (const name of ['get', 'set', 'writable', 'enumerable', 'configurable']) {
  const value = name === 'get' || name === 'set' ? () => 'forged' : false;
  const polluted = { __proto__: null, value, enumerable: false, writable: true, configurable: true };
  Object.defineProperty(Object.prototype, name, polluted);
}

export default () => {
  console.log('seen', 1);
  return { a: [1, 'x'] };
};
