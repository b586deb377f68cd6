// What the runner needs of Deno.
//
// Each `node:` module takes about as long to load as Deno takes to start, so none is loaded before a function needs it. Their
// names stand apart from the `import()`s, because Deno loads at its start what the text of an `import()` names.

import { evaluateInVm } from './evaluate-vm.mjs';
import { importsArePlain } from './imports.mjs';
import { apply, bindFunction, indexOf, makeError, pause, slice, startsWith, subarray } from './primordials.mjs';
import { locateSyntaxError, SourceError } from './syntax.mjs';

const NODE_VM = 'node:vm';
const NODE_MODULE = 'node:module';

// Deno has no numbers for descriptors it did not open, but a pipe can be opened again by its name.
const openChannel = () => {
  const channel = Deno.openSync('/proc/self/fd/3', { write: true });
  writeSync = bindFunction(channel.writeSync, channel);
  statChannel = bindFunction(channel.stat, channel);
};
let writeSync;
let statChannel = async () => {};
/** Whether this process is to have children instead of an execution. */
export const isZygote = Deno.args[0] === '--zygote';
if (!isZygote) openChannel();
const readSync = bindFunction(Deno.stdin.readSync, Deno.stdin);
const setEnv = bindFunction(Deno.env.set, Deno.env);
const exitNow = bindFunction(Deno.exit, Deno);
// Deno itself needs the variable to start; the function's environment is only what its request says.
Deno.env.delete('DENO_DIR');
const { Interrupted, WouldBlock } = Deno.errors;
const listen = bindFunction(globalThis.addEventListener, globalThis);
const makeUrl = bindFunction(URL.createObjectURL, URL);
const SourceBlob = Blob;
const denoInspect = bindFunction(Deno.inspect, Deno);
// Reading the global `process` loads most of Deno's Node.js layer, so its getter is kept and not its value.
const { get: getProcess, value: eagerProcess } = Object.getOwnPropertyDescriptor(globalThis, 'process');
const readProcess = () => (getProcess === undefined ? eagerProcess : apply(getProcess, globalThis, []));

/** What Deno calls the caller's source in stack traces, and what it is to be called there. */
let loaded = { __proto__: null, url: null, name: null };

/** Calls `operate` until it is not interrupted and does not find its descriptor busy. */
const insist = (operate) => {
  for (;;) {
    try {
      return operate();
    } catch (error) {
      if (!(error instanceof Interrupted || error instanceof WouldBlock)) throw error;
      pause();
    }
  }
};

/** Where the library is that forks. */
const ZYGOTE = '/veritech/javascript/zygote.node';

/** How long a zygote waits until the threads have ended that helped it to start, in milliseconds. */
const ALONE_DEADLINE = 30_000;

/** Waits until this process has one thread only: no other one exists in a child, which would wait for it. */
const becomeAlone = () => {
  const deadline = now() + ALONE_DEADLINE;
  for (;;) {
    const status = Deno.readTextFileSync('/proc/self/status');
    if (/^Threads:\t1$/m.test(status)) return true;
    if (now() > deadline) return false;
    pause();
  }
};

/** Returns 0 in each child, and an error's number in a zygote that cannot go on. */
export const serveAsZygote = () => {
  const library = Deno.dlopen(ZYGOTE, { veritech_zygote_serve: { parameters: [], result: 'i32' } });
  if (!becomeAlone()) return -1;
  const error = library.symbols.veritech_zygote_serve();
  if (error === 0) openChannel();
  return error;
};

/** Fills an array with what the kernel draws. */
export const readEntropy = (array) => {
  const source = Deno.openSync('/dev/urandom');
  source.readSync(new Uint8Array(array.buffer));
  source.close();
};

/** Returns a time in milliseconds. */
export const now = bindFunction(performance.now, performance);

/** Reads what there is on stdin into `bytes`; 0 at its end. */
export const readInput = (bytes) => insist(() => readSync(bytes)) ?? 0;

/** Writes all of `bytes` to descriptor 3. */
export const writeChannel = (bytes) => {
  for (let sent = 0; sent < bytes.length; ) sent += insist(() => writeSync(subarray(bytes, sent)));
};

export const exit = (code) => exitNow(code);
export const setVariable = (name, value) => setEnv(name, value);

/** Puts the source's own name where a text has Deno's. */
export const rename = (text) => {
  const { url, name } = loaded;
  if (url === null) return text;
  let renamed = '';
  let rest = text;
  for (let at = indexOf(rest, url); at >= 0; at = indexOf(rest, url)) {
    renamed += slice(rest, 0, at) + name;
    rest = slice(rest, at + url.length);
  }
  return renamed + rest;
};

/** Tells of a source that uses the console and may replace what `node:util` needs to load. */
const mayBreakFormatter = (source) => /\bconsole\b/.test(source) && /\b(?:prototype|globalThis)\b/.test(source);

let formatter = null;
/** Returns `node:util`'s functions, or stand-ins if code that replaced what they need keeps them from loading. */
const loadFormatter = () => {
  if (formatter !== null) return formatter;
  try {
    const { formatWithOptions, inspect: inspectValue } = readProcess().getBuiltinModule('node:util');
    formatter = { __proto__: null, format: bindFunction(formatWithOptions, undefined, { colors: false }), inspect: inspectValue };
  } catch {
    const format = (...args) => {
      let text = '';
      for (let i = 0; i < args.length; i += 1) {
        text += `${i === 0 ? '' : ' '}${typeof args[i] === 'string' ? args[i] : denoInspect(args[i])}`;
      }
      return text;
    };
    formatter = { __proto__: null, format, inspect: (value) => denoInspect(value) };
  }
  return formatter;
};

/** Says whether a template shows a value as the console would. Minus zero is the one number for which it does not. */
const isPlain = (value, isTemplate) => {
  switch (typeof value) {
    case 'string':
      return !isTemplate || indexOf(value, '%') < 0;
    case 'number':
      return value !== 0;
    case 'boolean':
    case 'undefined':
      return true;
    default:
      return value === null;
  }
};

/** Formats strings without placeholders and simple primitives; returns undefined if there is anything else. */
const formatPlainly = (args) => {
  let text = '';
  for (let i = 0; i < args.length; i += 1) {
    if (!isPlain(args[i], i === 0 && args.length > 1)) return undefined;
    text += `${i === 0 ? '' : ' '}${args[i]}`;
  }
  return text;
};

export const format = (args) => rename(formatPlainly(args) ?? apply(loadFormatter().format, undefined, args));
export const inspect = (value, options) => rename(loadFormatter().inspect(value, options));

/** Calls `report(thrown, how)` for rejections nobody handles and for errors nobody catches. */
export const onUnhandled = (report) => {
  listen('unhandledrejection', (event) => {
    event.preventDefault();
    report(event.reason, 'rejection');
  });
  listen('error', (event) => {
    event.preventDefault();
    report(event.error, 'error');
  });
};

/** Calls `report` when nothing is left to do. */
export const onDrained = (report) => listen('beforeunload', report);

/** Resolves after the rejections that are unhandled by now have been reported: Deno does so between two turns of its loop. */
export const rejectionsReported = async () => {
  try {
    await statChannel();
    await statChannel();
  } catch {
    // Code that replaced what Deno works with may keep it from working; the result does not depend on it.
  }
};

/**
 * Evaluates a source as the module `identifier`; returns `{namespace}`. Throws `SourceError` for a source that does not compile.
 *
 * A `blob:` URL is what Deno loads fastest, but Deno then resolves the imports; so that is for sources without any but `node:`
 * imports, and `node:vm` for the others.
 */
export const evaluate = async (source, identifier) => {
  if (mayBreakFormatter(source)) loadFormatter();
  if (!importsArePlain(source)) return evaluateInVm(await import(NODE_VM), source, identifier);
  const url = makeUrl(new SourceBlob([source], { type: 'text/javascript' }));
  loaded = { __proto__: null, url, name: identifier };
  try {
    return { __proto__: null, namespace: await import(url) };
  } catch (error) {
    const message = refusedBy(error, url);
    if (message === null) throw error;
    const located = await locateSyntaxError(source);
    throw new SourceError(located ?? { message: withoutPosition(message) }, located ?? positionIn(message));
  }
};

/**
 * Returns what Deno says of a source that does not compile, or null if the error is of another kind. Deno adds to the message
 * where in the module that is, which tells such an error from one that the source threw when it was evaluated.
 */
const refusedBy = (error, url) => {
  try {
    const { message } = error;
    if (indexOf(message, url) < 0 || startsWith(message, 'The requested module')) return null;
    if (startsWith(message, 'SyntaxError: ')) return message;
    return error instanceof SyntaxError ? message : null;
  } catch {
    return null;
  }
};

const POSITION = /\s+at \S*?:(\d+):(\d+)$/;

const positionIn = (message) => {
  const found = POSITION.exec(message);
  return found === null ? null : { line: +found[1], column: +found[2] };
};

/** Leaves the first line of a message, without what Deno puts around it. */
const withoutPosition = (message) => message.replace(POSITION, '').replace(/^SyntaxError: /, '').replace(/\n[^]*/, '');

/** Replaces the types in a TypeScript source by spaces. */
export const stripTypes = async (source) => {
  const { stripTypeScriptTypes } = await import(NODE_MODULE);
  if (stripTypeScriptTypes === undefined) throw new makeError(`TypeScript needs Deno 2.9 or later; this is ${Deno.version.deno}`);
  try {
    return stripTypeScriptTypes(source);
  } catch ({ message }) {
    throw await typeScriptError(source, message);
  }
};

/** Makes the error for a TypeScript source that could not be stripped, which may come without a position. */
const typeScriptError = async (source, message) => {
  let text = message;
  if (positionIn(text) === null) {
    try {
      // Deno's own loader says where; it evaluates nothing, because what cannot be parsed cannot be loaded.
      await import(makeUrl(new SourceBlob([source], { type: 'application/typescript' })));
    } catch (error) {
      text = error.message;
    }
  }
  return new SourceError({ message: withoutPosition(text) }, positionIn(text));
};
