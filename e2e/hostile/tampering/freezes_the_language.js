// Freezes every built-in object, so that a runner which changes one of them fails.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: [1]
// output: "still heard"
const seen = new Set();
const freeze = (value) => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
  seen.add(value);
  try { Object.freeze(value); } catch { /* typed arrays with elements cannot be frozen */ }
  freeze(Object.getPrototypeOf(value));
};
for (const name of ['Object', 'Array', 'Function', 'String', 'Number', 'Promise', 'JSON', 'Error', 'Map', 'Set', 'Uint8Array']) {
  freeze(globalThis[name]);
  freeze(globalThis[name].prototype);
}
freeze(console);

export default () => {
  console.log('still heard');
  return [1];
};
