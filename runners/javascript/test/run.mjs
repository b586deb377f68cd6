// What a function's author may rely on, asked of each interpreter.
//
//   NODE_BIN=/usr/bin/node DENO_BIN=/usr/bin/deno node --test runners/javascript/test/run.mjs

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { interpreters, run } from './harness.mjs';

const value = (expected, code, options) => async (runtime) => {
  const { result, exit, stderr } = await run(runtime, code, options);
  assert.deepEqual(result, { event: 'result', status: 'success', value: expected }, stderr);
  assert.equal(exit, 0);
};

const unset = (code) => async (runtime) => {
  const { result } = await run(runtime, code);
  assert.deepEqual(result, { event: 'result', status: 'success', unset: true });
};

const fails = (code, expected, source, options) => async (runtime) => {
  const { failure, result, results, stderr, exit } = await run(runtime, source, options);
  assert.equal(failure?.code, code, `${JSON.stringify(result)} ${stderr}`);
  const { message, ...details } = expected;
  if (message !== undefined) assert.match(failure.message, message);
  for (const [name, wanted] of Object.entries(details)) {
    if (wanted instanceof RegExp) assert.match(failure.details[name], wanted);
    else assert.deepEqual(failure.details[name], wanted);
  }
  assert.equal(results.length, 1);
  assert.equal(exit, 0);
};

const says = (expected, code, options) => async (runtime) => {
  const { outputs, result, stderr } = await run(runtime, code, options);
  assert.deepEqual(outputs.map(({ stream, level, message }) => [stream, level, message]), expected, stderr);
  assert.equal(result.status, 'success', JSON.stringify(result));
};

const refuses = (path, type, expression) =>
  fails('invalid_result', { path, type }, `export default () => (${expression});`);

const planes = [...Array(17).keys()].map((plane) => String.fromCodePoint(plane * 0x10000 + 0xff0, plane * 0x10000 + 0x21)).join('');
const nested = (depth) => `let v = 1; for (let i = 0; i < ${depth}; i += 1) v = [v]; export default () => v;`;

const cases = {
  'handlers': {
    'a default export is called with inputs and context': value(
      [{ name: 'Ada' }, { id: 'id-1', kind: 'resolver', deadline: 1234 }, true],
      'export default (inputs, context) => [inputs, context, Object.isFrozen(context)];',
      { inputs: { name: 'Ada' } },
    ),
    'an async handler is awaited': value(1, 'export default async () => { await null; return 1; };'),
    'a thenable is awaited': value(2, 'export default () => ({ then: (resolve) => resolve(2) });'),
    'the named export is called': value('b', 'export default () => "a"; export const other = () => "b";', { handler: 'other' }),
    'an export called then is no promise': value(3, 'export const then = () => {}; export default () => 3;'),
    'the source may await at top level': value(4, 'const n = await Promise.resolve(4); export default () => n;'),
    'the source may begin with a hashbang': value(5, '#!/usr/bin/env node\nexport default () => 5;'),
    'the source may end in a comment': value(6, 'export default () => 6 // six'),
    'a missing export is named': fails('invalid_handler', { handler: 'default', found: 'undefined', exports: ['a', 'b'] }, 'export const a = 1, b = 2;'),
    'an export that is no function is refused': fails('invalid_handler', { handler: 'n', found: 'number' }, 'export const n = 1;', { handler: 'n' }),
    'env is set before the code loads': value(['v', 'v'], 'const at = process.env.KEY; export default () => [at, process.env.KEY];', { env: { KEY: 'v' } }),
    'nothing else is in the environment': value([], 'export default () => Object.keys(process.env);'),
    'node: modules can be imported': value(['function', 'function', 'function'],
      'import { basename } from "node:path";\nimport * as os from "node:os";\nexport default async () => [typeof basename, typeof os.cpus, typeof (await import("node:fs")).readFileSync];'),
    'exit ends the process as it says': async (runtime) => {
      const { exit, results } = await run(runtime, 'export default () => process.exit(7);');
      assert.deepEqual([exit, results], [7, []]);
    },
  },

  'values': {
    'every kind of JSON value comes through in order': value(
      { z: [1, 1.5, -2, 1e21, true, null, 'x'], a: {}, 10: [] },
      'export default () => ({ z: [1, 1.5, -2, 1e21, true, null, "x"], a: {}, 10: [] });',
    ),
    'keys keep their order': async (runtime) => {
      const { lines } = await run(runtime, 'export default () => ({ b: 1, a: [], "\\u2028": "\\u0000\\"", 2: -0, 1: 1e-7 });');
      assert.ok(lines.includes('"value":{"1":1e-7,"2":0,"b":1,"a":[],"\u2028":"\\u0000\\""}}'), lines);
    },
    'inputs of every plane come back unchanged': value({ text: planes, ['k\u0000"\\']: [planes] }, 'export default (inputs) => inputs;', {
      inputs: { text: planes, ['k\u0000"\\']: [planes] },
    }),
    'an input key __proto__ is a key': async (runtime) => {
      const { lines } = await run(runtime, 'export default () => JSON.parse(`{"__proto__":{"a":1}}`);');
      assert.ok(lines.includes('"value":{"__proto__":{"a":1}}'), lines);
    },
    'a large source with all kinds of characters runs': value([200_000, planes], `export default () => [${JSON.stringify('é'.repeat(200_000))}.length, ${JSON.stringify(planes)}];`),
    'undefined is unset': unset('export default () => undefined;'),
    'null is null': value(null, 'export default () => null;'),
    'undefined members are omitted': value({ b: 1 }, 'export default () => ({ a: undefined, b: 1 });'),
    'a Date gives its JSON': value({ at: '1970-01-01T00:00:00.000Z' }, 'export default () => ({ at: new Date(0) });'),
    'toJSON gets its key': value({ a: ['toJSON', 'a'], list: [['toJSON', '0']] }, 'const t = { toJSON: (k) => ["toJSON", k] }; export default () => ({ a: t, list: [t] });'),
    'boxed primitives are unboxed': value([1, 's', true], 'export default () => [new Number(1), new String("s"), new Boolean(true)];'),
    'proxies are read through': value([{ a: 1 }, [1, 2]], 'export default () => [new Proxy({ a: 1 }, {}), new Proxy([1, 2], {})];'),
    'a shared part is no cycle': value([[1], [1]], 'const part = [1]; export default () => [part, part];'),
    'class instances give their own members': value({ x: 1 }, 'class P { x = 1; get y() { return 2; } } export default () => new P();'),
    'nesting to 128 levels is allowed': async (runtime) => {
      const { result } = await run(runtime, nested(128));
      assert.equal(result.status, 'success');
    },
    'nesting beyond is refused': fails('invalid_result', { path: '/0'.repeat(128), type: 'too_deep' }, nested(129)),
    'a BigInt': refuses('', 'bigint', '1n'),
    'a function': refuses('/a/b', 'function', '{ a: { b() {} } }'),
    'a symbol': refuses('/a~1b~0c', 'symbol', '{ "a/b~c": Symbol() }'),
    'NaN': refuses('/0', 'nan', '[NaN]'),
    'an infinity': refuses('/0', 'infinity', '[-Infinity]'),
    'a cycle': refuses('/a/0', 'cycle', '(() => { const o = { a: [] }; o.a.push(o); return o; })()'),
    'a Map': refuses('/m', 'map', '{ m: new Map() }'),
    'a Set of a subclass': refuses('/s', 'set', '{ s: new (class extends Set {})() }'),
    'a typed array': refuses('', 'typed_array', 'new Uint8Array(2)'),
    'an ArrayBuffer': refuses('', 'array_buffer', 'new ArrayBuffer(2)'),
    'undefined in an array': refuses('/1', 'undefined', '[1, undefined]'),
    'a hole in an array': refuses('/1', 'hole', '[1, , 2]'),
    'a lone surrogate': refuses('/a', 'lone_surrogate', '{ a: "\\ud800x" }'),
    'a lone surrogate in a key': refuses('/\ufffd', 'lone_surrogate', '{ "\\ud800": 1 }'),
    'a getter that throws': refuses('/a', 'getter_threw', '{ get a() { throw 1; } }'),
    'a getter that throws undefined': refuses('/a', 'getter_threw', '{ get a() { throw undefined; } }'),
    'a toJSON that throws': refuses('/a', 'to_json_threw', '{ a: { toJSON() { throw new Error("no"); } } }'),
    'a revoked proxy': refuses('/a', 'getter_threw', '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { a: proxy }; })()'),
    'a value over the limit': fails('result_too_large', { limit: 10, bytes: 11 }, 'export default () => "123456789";', { result_bytes: 10 }),
    'a value at the limit': value('12345678', 'export default () => "12345678";', { result_bytes: 10 }),
    'a limit counts bytes': fails('result_too_large', { limit: 10, bytes: 14 }, 'export default () => "éééééé";', { result_bytes: 10 }),
    'a value that multiplies itself': fails('result_too_large', { limit: 100 }, 'let v = [1]; for (let i = 0; i < 60; i += 1) v = [v, v]; export default () => v;', { result_bytes: 100 }),
  },

  'what is thrown': {
    'an error with class, message, cause and stack': fails(
      'exception',
      { message: /^RangeError: too far$/, class: 'RangeError', stack: /^at far \(function\.js:2:9\)\nat .*\(function\.js:4:22\)$/, cause: { class: 'Error', message: 'why', stack: 'at function.js:5:13', cause: { class: null, message: "{ deep: 'x' }", stack: '', thrown: "{ deep: 'x' }" } } },
      'const far = (cause) => {\n  throw new RangeError("too far", { cause });\n};\nexport default () => far(why);\nconst why = new Error("why", { cause: { deep: "x" } });',
    ),
    'in an async function': fails('exception', { class: 'TypeError', stack: /^at (Object|async )?.*function\.js:1:48/ }, 'export default async () => { await 1; if (null.x) {} };'),
    'while the module is evaluated': fails('exception', { class: 'SyntaxError', message: /JSON/ }, 'JSON.parse("{");'),
    'a class of its own': fails('exception', { class: 'Mine', message: /^Mine: m$/ }, 'class Mine extends Error {} export default () => { throw new Mine("m"); };'),
    'a string': fails('exception', { message: /^thrown: oops$/, class: null, thrown: 'oops' }, 'export default () => { throw "oops"; };'),
    'an object': fails('exception', { thrown: '{ a: [ 1 ] }' }, 'export default async () => { throw { a: [1] }; };'),
    'undefined': fails('exception', { thrown: 'undefined' }, 'export default async () => { throw undefined; };'),
    'an error that hides everything': fails('exception', {},
      'export default () => { const e = new Error("x"); for (const k of ["message", "stack", "cause", "name", "constructor"]) Object.defineProperty(e, k, { get() { throw 1; } }); throw e; };'),
    'a proxy that throws on everything': fails('exception', {},
      'export default () => { throw new Proxy(new Error("x"), new Proxy({}, { get() { throw 1; } })); };'),
    'an AggregateError with its errors': fails('exception', { class: 'AggregateError', message: /^AggregateError: both$/, errors: [{ class: 'RangeError', message: 'a', stack: 'at default (function.js:1:50)' }, { class: null, message: '2', stack: '', thrown: '2' }] },
      'export default () => { throw new AggregateError([new RangeError("a"), 2], "both"); };'),
    'causes in a circle': fails('exception', { class: 'Error' }, 'export default () => { const e = new Error("x"); e.cause = e; throw e; };'),
    'a very long message is cut': async (runtime) => {
      const { failure } = await run(runtime, 'export default () => { throw new Error("é".repeat(100000)); };');
      assert.ok(Buffer.byteLength(failure.message) <= 8192 && failure.message.length > 4000);
    },
    'a rejection nobody handles': fails('exception', { class: 'Error', message: /lost/, unhandled: 'rejection' },
      'export default () => { Promise.reject(new Error("lost")); return 1; };'),
    'an error in a timer': fails('exception', { class: 'Error', unhandled: 'error', stack: /function\.js:1:/ },
      'export default () => new Promise(() => setTimeout(() => { throw new Error("late"); }, 1));'),
    'a promise that never settles': fails('exception', { unhandled: 'never_settled' }, 'export default () => new Promise(() => {});'),
    'a module that never finishes': async (runtime) => {
      const { failure, exit, stderr } = await run(runtime, 'await new Promise(() => {}); export default () => 1;');
      // Deno ends by itself before anything could report it.
      if (runtime.isDeno) assert.deepEqual([exit, /never resolved/.test(stderr)], [1, true]);
      else assert.equal(failure.details.unhandled, 'never_settled');
    },
    'a stack overflow': fails('exception', { class: 'RangeError' }, 'const f = () => f() + 1; export default f;'),
  },

  'sources that are wrong': {
    'have a line and a column': fails('syntax_error', { message: /^SyntaxError: ./, line: 2, column: 4 }, 'export default () => {\n a b };'),
    'found after parsing': fails('syntax_error', { message: /already been declared/, line: 3, column: 5 }, '\nlet x;\nlet x;'),
    'with a return at top level': fails('syntax_error', { line: 1, column: 1 }, 'return 1;'),
  },

  'imports': Object.fromEntries(
    ['lodash', 'fs', './other.js', '/etc/passwd', 'http://127.0.0.1/x.js', 'npm:lodash', 'jsr:@std/assert', 'data:text/javascript,export default 1', 'file:///tmp/x.js', 'blob:null/x', 'node:nonsense']
      .flatMap((specifier) => [
        [`a static import of ${specifier}`, fails('exception', { message: new RegExp(specifier.replace(/[.?/]/g, '\\$&')) }, `import x from ${JSON.stringify(specifier)};\nexport default () => 1;`)],
        [`a dynamic import of ${specifier}`, fails('exception', { message: new RegExp(specifier.replace(/[.?/]/g, '\\$&')) }, `export default async (inputs) => { await import(inputs); };`, { inputs: specifier })],
      ])
      .concat([
        ['an export from elsewhere', fails('exception', { message: /other/ }, 'export * from "./other.js"; export default () => 1;')],
        ['a refused dynamic import can be caught', value('caught', 'export default async () => { try { await import("x" + "y"); } catch (e) { return "caught"; } };')],
        ['a name a module does not have', fails('exception', { message: /nosuch/ }, 'import { nosuch } from "node:fs"; export default () => 1;')],
        ['the word import in strings and comments', value(['import', 1], '/* import x from "y" */ export default () => ["import", [...Array.from("1")].length]; // import("z")')],
      ]),
  ),

  'console': {
    'every method has its stream and level': says(
      [
        ['stdout', 'info', 'log 1 true null undefined'], ['stdout', 'info', 'info { a: 1 }'], ['stdout', 'debug', 'debug'], ['stderr', 'warn', 'warn'],
        ['stderr', 'error', 'error'], ['stdout', 'info', '[ 1 ]'], ['stdout', 'info', "{ a: { b: [Object] } }"], ['stderr', 'debug', 'Trace: here\n    at default (function.js:9:9)'],
        ['stderr', 'error', 'Assertion failed: what 5'], ['stderr', 'error', 'Assertion failed'],
      ],
      `export default () => {
console.log('log', 1, true, null, undefined);
console.info('info', { a: 1 });
console.debug('debug');
console.warn('warn');
console.error('error');
console.dirxml([1]);
console.dir({ a: { b: { c: 1 } } }, { depth: 1 });
console.trace('here');
console.assert(true, 'not said');
console.assert(false, 'what %d', 5);
console.assert(0);
console.clear();
};`,
    ),
    'placeholders are filled': says([['stdout', 'info', "5 x {\"a\":1} { b: 2 } % 7"]], 'export default () => console.log("%d %s %j %o %%", 5, "x", { a: 1 }, { b: 2 }, 7);'),
    'numbers print as they are': says([['stdout', 'info', '-0 0 1.5 NaN 1n Symbol(s)']], 'export default () => console.log(-0, 0, 1.5, NaN, 1n, Symbol("s"));'),
    'groups indent': says(
      [['stdout', 'info', 'g'], ['stdout', 'info', '  a\n  b'], ['stdout', 'info', '  h'], ['stderr', 'warn', '    c'], ['stdout', 'info', 'd']],
      'export default () => { console.group("g"); console.log("a\\nb"); console.groupCollapsed("h"); console.warn("c"); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log("d"); };',
    ),
    'counts count': says(
      [['stdout', 'info', 'default: 1'], ['stdout', 'info', 'x: 1'], ['stdout', 'info', 'x: 2'], ['stdout', 'info', 'x: 1'], ['stderr', 'warn', "Count for 'y' does not exist"]],
      'export default () => { console.count(); console.count("x"); console.count("x"); console.countReset("x"); console.count("x"); console.countReset("y"); };',
    ),
    'timers tell the time': async (runtime) => {
      const { outputs } = await run(runtime, 'export default () => { console.time("t"); console.timeLog("t", 1); console.timeEnd("t"); console.timeEnd("t"); };');
      assert.match(outputs[0].message, /^t: [\d.]+ms 1$/);
      assert.match(outputs[1].message, /^t: [\d.]+ms$/);
      assert.deepEqual([outputs[2].level, outputs[2].message], ['warn', "No such label 't' for console.timeEnd()"]);
    },
    'tables are drawn': says(
      [['stdout', 'info', "┌─────────┬───┬─────┬────────┐\n│ (index) │ a │ b   │ Values │\n├─────────┼───┼─────┼────────┤\n│ 0       │ 1 │ 'x' │        │\n│ 1       │ 2 │     │        │\n│ 2       │   │     │ 3      │\n└─────────┴───┴─────┴────────┘"], ['stdout', 'info', 'text']],
      'export default () => { console.table([{ a: 1, b: "x" }, { a: 2 }, 3]); console.table("text"); };',
    ),
    'errors show the name of the source': async (runtime) => {
      const { outputs } = await run(runtime, 'export default () => {\n console.log(new Error("seen")); };');
      assert.match(outputs[0].message, /^Error: seen\n {4}at default \(function\.js:2:14\)/);
      assert.doesNotMatch(outputs[0].message, /blob:/);
    },
    'formatting that throws does not': async (runtime) => {
      const { outputs, result } = await run(runtime, 'export default () => { console.log({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("no"); } }); return 1; };');
      assert.equal(outputs.length, 1);
      assert.equal(result.value, 1);
    },
    'a protocol line in a message is a message': says([['stdout', 'info', '{"event":"result","status":"success","value":2}\n']], 'export default () => console.log(`{"event":"result","status":"success","value":2}\n`);'),
    'what is written raw is raw': async (runtime) => {
      const { stdout, stderr, result } = await run(runtime, 'export default () => { process.stdout.write("{\\"event\\":\\"result\\"}\\n"); process.stderr.write("é"); return 1; };');
      assert.deepEqual([stdout, stderr, result.value], ['{"event":"result"}\n', 'é', 1]);
    },
    'lone surrogates are replaced': says([['stdout', 'info', 'a\ufffdb']], 'export default () => console.log("a\\ud800b");'),
    'output stops one message over the limit': async (runtime) => {
      const { outputs, result } = await run(runtime, 'export default () => { for (let i = 0; i < 9; i += 1) console.log("éééé"); };', { output_bytes: 20 });
      assert.deepEqual(outputs.map(({ message }) => message), ['éééé', 'éééé', 'éééé']);
      assert.equal(result.unset, true);
    },
    'one message is cut at the limit': async (runtime) => {
      const { outputs } = await run(runtime, 'export default () => { console.log("é".repeat(1000)); console.log("gone"); };', { output_bytes: 9 });
      assert.deepEqual(outputs.map(({ message }) => message), ['ééééé']);
    },
    'output after the result is dropped': async (runtime) => {
      const { last, outputs, exit } = await run(runtime, 'export default () => { setTimeout(() => console.log("late"), 0); setInterval(() => {}, 1000); process.on("exit", () => console.log("later")); return 1; };');
      assert.deepEqual([last.event, outputs, exit], ['result', [], 0]);
    },
    'much output all arrives': async (runtime) => {
      const { outputs, result } = await run(runtime, 'export default () => { for (let i = 0; i < 900; i += 1) console.log("x".repeat(1000)); return "y".repeat(1000000); };');
      assert.equal(outputs.length, 900);
      assert.equal(result.value.length, 1_000_000);
    },
  },

  'tampering changes nothing but the value': {
    'with JSON': value({ a: ['b'] }, 'JSON.stringify = () => "bad"; JSON.parse = null; export default () => ({ a: ["b"] });'),
    'with Object.prototype': value({ a: [{ b: 1 }] },
      'for (const key of ["value", "refusal", "excess", "text", "parent", "position", "stream", "level", "get", "set"]) Object.defineProperty(Object.prototype, key, { __proto__: null, configurable: true, get() { return 1; } });\nexport default () => { console.log("x", { a: 1 }); return { a: [{ b: 1 }] }; };'),
    'with Array.prototype': value([1, ['x']],
      'Array.prototype[Symbol.iterator] = () => { throw 1; }; Array.prototype.push = Array.prototype.join = Array.prototype.map = () => { throw 2; };\nexport default () => { console.log("x"); return [1, ["x"]]; };'),
    // Node.js itself does not survive this everywhere: there the function fails, in an orderly way.
    'with the indices of every array': async (runtime) => {
      const { results, last, exit } = await run(runtime, 'for (let i = 0; i < 9; i += 1) Object.defineProperty(Array.prototype, i, { get() { return "bad"; }, set() { throw 3; } });\nexport default () => { console.log("x"); return [1, ["x"]]; };');
      assert.deepEqual([results.length, last.event, exit], [1, 'result', 0]);
      if (last.status === 'success') assert.deepEqual(last.value, [1, ['x']]);
    },
    'with String.prototype': value('x', 'for (const name of Object.getOwnPropertyNames(String.prototype)) if (name !== "constructor" && name !== "length") String.prototype[name] = () => { throw 1; };\nexport default () => { console.log("x\\ny"); return "x"; };'),
    'with RegExp.prototype': fails('exception', { stack: 'at default (function.js:2:30)' }, 'RegExp.prototype.exec = () => { throw 1; }; RegExp.prototype.test = null; RegExp.prototype[Symbol.replace] = null;\nexport default () => { throw new Error("x"); };'),
    'with Function.prototype': value([1], 'Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw 1; }; Reflect.apply = null;\nexport default () => { console.log("x"); return [1]; };'),
    'with promises': value(1, 'Promise.prototype.then = function () { return this; }; Promise.resolve = null; globalThis.Promise = class {};\nexport default async () => 1;'),
    'with the writers': value(1, 'import fs from "node:fs"; fs.writeSync = () => 0; process.stdout.write = () => true; process.exit = process.reallyExit = () => {}; process.on = null;\nexport default () => 1;'),
    'with encoders': value('é', 'TextEncoder.prototype.encode = TextEncoder.prototype.encodeInto = () => new Uint8Array(); globalThis.Uint8Array = null;\nexport default () => { console.log("é"); return "é"; };'),
    'with Error': fails('exception', { class: 'Error', message: /^Error: x$/ }, 'Error.prepareStackTrace = () => ({}); Object.defineProperty(Error.prototype, "name", { get() { throw 1; } }); Error.isError = null;\nexport default () => { throw new Error("x"); };'),
    'with globals': value({}, 'for (const name of ["setImmediate", "setTimeout", "queueMicrotask", "Object", "Array", "Map", "Set", "Reflect", "String", "Number"]) globalThis[name] = undefined;\nexport default () => ({});'),
    'with a toJSON for everything it is the value that changes': value('mine', 'Object.prototype.toJSON = () => "mine"; export default () => ({ a: 1 });'),
    'with process.exit listeners': value(1, 'process.on("exit", () => { while (true) process.exitCode = 3; }); export default () => 1;'),
  },
};

const typescript = {
  'types are stripped': value(3, 'interface A { n: number }\nconst a: A = { n: 3 };\nexport default (): number => a.n;', { language: 'typescript' }),
  'lines and columns stay': fails('exception', { stack: /^at default \(function\.ts:2:52\)/ }, 'type T = string;\nexport default (inputs: unknown): never => { throw new Error("x" as T); };', { language: 'typescript' }),
  'errors have a position': fails('syntax_error', { line: 2, column: 19 }, 'const a: number = 1;\n export default ( => a', { language: 'typescript' }),
  'what cannot be stripped is named': fails('syntax_error', { message: /enum/, line: 2, column: 1 }, '\nenum A { b }', { language: 'typescript' }),
  'plain JavaScript is left alone': value([false, true], 'const a = 1, b = 0, c = 1; export default () => [a<b, a>(c) || true];', { language: 'javascript' }),
};
const noTypescript = {
  'types are refused': fails('exception', { message: /TypeScript needs Node\.js 22\.13/ }, 'export default (): number => 1;', { language: 'typescript' }),
};

for (const runtime of interpreters()) {
  describe(runtime.name, { concurrency: 4 }, () => {
    for (const [topic, tests] of Object.entries({ ...cases, typescript: runtime.stripsTypes ? typescript : noTypescript })) {
      describe(topic, { concurrency: 4 }, () => {
        for (const [name, check] of Object.entries(tests)) test(name, () => check(runtime));
      });
    }
  });
}
