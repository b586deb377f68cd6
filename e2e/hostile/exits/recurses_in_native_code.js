// Has the engine's own native functions recurse: through structures that are nested ten thousand times and more, chains of bound
// functions, comparisons and conversions. They raise errors or cope, and the process stays alive.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "survived"
// request: {"timeout_ms": 30000}
const nested = (levels, wrap) => {
  let value = wrap(1);
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
};
const attempts = [
  () => JSON.stringify(nested(1e4, (inner) => [inner])),
  () => JSON.stringify(nested(1e4, (inner) => ({ inner }))),
  () => JSON.parse('['.repeat(1e4) + ']'.repeat(1e4)),
  () => String(nested(1e4, (inner) => [inner])),
  () => nested(1e4, (inner) => [inner]).flat(Infinity),
  () => structuredClone(nested(1e4, (inner) => [inner])),
  () => nested(1e3, (inner) => (typeof inner === 'function' ? inner.bind(null) : () => 1))(),
  () => nested(1e4, (inner) => new Proxy(Object(inner), {})).x,
  () => nested(1e4, (inner) => Object.create(Object(inner))).x,
  () => new RegExp('('.repeat(1e4) + ')'.repeat(1e4)),
  () => new RegExp(`${'(?:'.repeat(1e4)}a${')?'.repeat(1e4)}`).test('a'.repeat(1e4)),
  () => [3, 2, 1].sort(function compare(a, b) { return [a, b].sort(compare) && 1; }),
  () => 'x'.replace(/x/, function replace(text) { return text.replace(/x/, replace); }),
  () => nested(1e4, (inner) => ({ toString: () => `${inner}` })) + '',
  () => nested(1e4, (inner) => ({ valueOf: () => +inner })) * 1,
  () => console.log(nested(1e4, (inner) => [inner])),
];

export default () => {
  for (const attempt of attempts) {
    try { attempt(); } catch { /* an error is no crash */ }
  }
  return 'survived';
};
