// Prints objects that throw when they are looked at, in every way that the console has. What cannot be formatted is no failure.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "printed"
// output: "at last"
const trapped = () => { throw new Error('trapped'); };
const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, trapped]));

export default () => {
  const hostile = [
    new Proxy({}, traps),
    new Proxy(function () {}, traps),
    Proxy.revocable([], {}).proxy,
    { toString: trapped, valueOf: trapped, toJSON: trapped, [Symbol.toPrimitive]: trapped, get [Symbol.toStringTag]() { return trapped(); } },
    { [Symbol.for('nodejs.util.inspect.custom')]: trapped, [Symbol.for('Deno.customInspect')]: trapped },
    Object.create(null, { constructor: { get: trapped }, name: { get: trapped } }),
    Object.defineProperty(new Error('x'), 'stack', { get: trapped }),
    Symbol('x'), 10n ** 100n, -0, '\ud800', '\0\x1b[2J\r',
  ];
  for (const value of hostile) {
    for (const method of ['log', 'error', 'dir', 'table', 'debug', 'trace', 'group', 'count', 'assert']) {
      try { console[method]?.(value); } catch { /* not all have all */ }
      try { console[method]?.('%s %d %o %O %j %c', value, value, value, value, value, value); } catch { /* nor all formats */ }
    }
  }
  console.groupEnd?.();
  console.log('at last');
  return 'printed';
};
