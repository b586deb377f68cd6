// Made of src/ by `cargo xtask generate`: not to be edited.
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// src/node.mjs
var node_exports = {};
__export(node_exports, {
  evaluate: () => evaluate,
  exit: () => exit,
  format: () => format,
  inspect: () => inspect,
  isZygote: () => isZygote,
  now: () => now,
  onDrained: () => onDrained,
  onUnhandled: () => onUnhandled,
  readEntropy: () => readEntropy,
  readInput: () => readInput,
  rejectionsReported: () => rejectionsReported,
  rename: () => rename,
  serveAsZygote: () => serveAsZygote,
  setVariable: () => setVariable,
  stripTypes: () => stripTypes,
  writeChannel: () => writeChannel
});
var import_node_fs = __toESM(require("node:fs"), 1);
var import_node_module = __toESM(require("node:module"), 1);
var import_node_process = __toESM(require("node:process"), 1);
var import_node_util = __toESM(require("node:util"), 1);
var import_node_vm = __toESM(require("node:vm"), 1);

// src/primordials.mjs
var { bind, call } = Function.prototype;
var uncurryThis = bind.bind(call);
var getter = (prototype, name) => uncurryThis(Object.getOwnPropertyDescriptor(prototype, name).get);
var { apply } = Reflect;
var bindFunction = uncurryThis(bind);
var { create, defineProperty, freeze, getPrototypeOf, keys } = Object;
var hasOwn = uncurryThis(Object.prototype.hasOwnProperty);
var isPrototypeOf = uncurryThis(Object.prototype.isPrototypeOf);
var { isArray } = Array;
var parseJson = JSON.parse;
var quote = JSON.stringify;
var isWellFormed = uncurryThis(String.prototype.isWellFormed);
var toWellFormed = uncurryThis(String.prototype.toWellFormed);
var startsWith = uncurryThis(String.prototype.startsWith);
var indexOf = uncurryThis(String.prototype.indexOf);
var slice = uncurryThis(String.prototype.slice);
var trim = uncurryThis(String.prototype.trim);
var repeat = uncurryThis(String.prototype.repeat);
var exec = uncurryThis(RegExp.prototype.exec);
var toFixed = uncurryThis(Number.prototype.toFixed);
var { max, min, floor } = Math;
var numberOf = uncurryThis(Number.prototype.valueOf);
var stringOf = uncurryThis(String.prototype.valueOf);
var booleanOf = uncurryThis(Boolean.prototype.valueOf);
var bigintOf = uncurryThis(BigInt.prototype.valueOf);
var isView = ArrayBuffer.isView;
var mapSize = getter(Map.prototype, "size");
var setSize = getter(Set.prototype, "size");
var bufferSize = getter(ArrayBuffer.prototype, "byteLength");
var sharedBufferSize = getter(SharedArrayBuffer.prototype, "byteLength");
var prototypes = {
  object: Object.prototype,
  array: Array.prototype,
  number: Number.prototype,
  string: String.prototype,
  boolean: Boolean.prototype,
  bigint: BigInt.prototype,
  map: Map.prototype,
  set: Set.prototype,
  buffer: ArrayBuffer.prototype,
  sharedBuffer: SharedArrayBuffer.prototype,
  error: Error.prototype
};
var SafePromise = Promise;
var makeError = Error;
var toText = String;
var isNativeError = Error.isError ?? (() => false);
var Bytes = Uint8Array;
var Words = Int32Array;
var subarray = uncurryThis(Uint8Array.prototype.subarray);
var encoder = new TextEncoder();
var encode = bindFunction(encoder.encode, encoder);
var encodeInto = bindFunction(encoder.encodeInto, encoder);
var clock = new Int32Array(new SharedArrayBuffer(4));
var { wait } = Atomics;
var pause = () => wait(clock, 0, 0, 1);
var byteLength = (text2) => encode(text2).length;
var clip = (text2, bytes) => {
  if (text2.length * 3 <= bytes) return text2;
  const { read: read2 } = encodeInto(text2, new Bytes(min(bytes, text2.length * 3)));
  return slice(text2, 0, read2);
};
var append = (array2, value) => defineProperty(array2, array2.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });

// src/syntax.mjs
var PARSER = "../vendor/acorn.mjs";
var SourceError = class {
  constructor(cause, position) {
    this.cause = cause;
    this.position = position;
  }
};
var locateSyntaxError = async (source) => {
  const { parse } = await import(PARSER);
  try {
    parse(source, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
    return null;
  } catch ({ message, loc }) {
    return loc === void 0 ? null : { message: message.replace(/ \(\d+:\d+\)$/, ""), line: loc.line, column: loc.column + 1 };
  }
};

// src/evaluate-vm.mjs
var refusedImport = (specifier) => new makeError(`cannot import "${specifier}": a function can import only "node:" modules`);
var resolveWith = ({ SyntheticModule: SyntheticModule2 }) => async (specifier) => {
  if (!startsWith(specifier, "node:")) throw refusedImport(specifier);
  const namespace = await import(specifier);
  const names = keys(namespace);
  const wrapped = new SyntheticModule2(
    names,
    () => {
      for (let i = 0; i < names.length; i += 1) wrapped.setExport(names[i], namespace[names[i]]);
    },
    { identifier: specifier }
  );
  return wrapped;
};
var importWith = (resolve) => async (specifier) => {
  const wrapped = await resolve(specifier);
  await wrapped.link(resolve);
  await wrapped.evaluate();
  return wrapped;
};
var evaluateInVm = async (vm2, source, identifier) => {
  const { SourceTextModule: SourceTextModule2 } = vm2;
  if (SourceTextModule2 === void 0) {
    throw new makeError("checking what a source imports takes Node.js with --experimental-vm-modules or Deno 2.8");
  }
  const resolve = resolveWith(vm2);
  let module3;
  try {
    module3 = new SourceTextModule2(source, {
      identifier,
      importModuleDynamically: importWith(resolve),
      initializeImportMeta: (meta) => {
        meta.url = `file:///${identifier}`;
      }
    });
  } catch (error) {
    throw new SourceError(error, await locateSyntaxError(source));
  }
  await module3.link(resolve);
  await module3.evaluate();
  return { __proto__: null, namespace: module3.namespace };
};

// src/node.mjs
var { closeSync, openSync, readSync, writeSync } = import_node_fs.default;
var { stripTypeScriptTypes } = import_node_module.default;
var { SourceTextModule, SyntheticModule } = import_node_vm.default;
var nodeVm = { __proto__: null, SourceTextModule, SyntheticModule };
var on = bindFunction(import_node_process.default.on, import_node_process.default);
var exitNow = bindFunction(import_node_process.default.reallyExit, import_node_process.default);
var later = setImmediate;
var insist = (operate) => {
  for (; ; ) {
    try {
      return operate();
    } catch (error) {
      if (error.code !== "EAGAIN" && error.code !== "EINTR") throw error;
      pause();
    }
  }
};
var CHILD = 2;
var ZYGOTE = "/veritech/javascript/zygote.node";
var isZygote = import_node_process.default.argv[2] === "--zygote";
var serveAsZygote = () => {
  const addon = { exports: {} };
  import_node_process.default.dlopen(addon, ZYGOTE);
  const error = addon.exports.serve();
  if (error !== 0) return error;
  defineProperty(import_node_process.default, "pid", { __proto__: null, value: CHILD, writable: false, enumerable: true, configurable: true });
  import_node_process.default.reallyExit = addon.exports.exit;
  exitNow = addon.exports.exit;
  return error;
};
var readEntropy = (array2) => {
  const source = openSync("/dev/urandom", "r");
  readSync(source, array2, 0, array2.byteLength, null);
  closeSync(source);
};
var hrtime = bindFunction(import_node_process.default.hrtime, import_node_process.default);
var now = () => {
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
};
var readInput = (bytes) => insist(() => readSync(0, bytes, 0, bytes.length, null));
var writeChannel = (bytes) => {
  for (let sent = 0; sent < bytes.length; ) sent += insist(() => writeSync(3, bytes, sent, bytes.length - sent));
};
var exit = (code) => exitNow(code);
var setVariable = (name, value) => {
  import_node_process.default.env[name] = value;
};
var inspect = bindFunction(import_node_util.default.inspect, void 0);
var formatArguments = bindFunction(import_node_util.default.formatWithOptions, void 0, { colors: false });
var format = (args) => apply(formatArguments, void 0, args);
var onUnhandled = (report) => {
  on("unhandledRejection", (reason) => report(reason, "rejection"));
  on("uncaughtException", (error) => report(error, "error"));
};
var onDrained = (report) => {
  on("beforeExit", report);
};
var rejectionsReported = () => new SafePromise((resolve) => later(resolve));
var evaluate = (source, identifier) => evaluateInVm(nodeVm, source, identifier);
var rename = (text2) => text2;
var stripTypes = (source) => {
  if (stripTypeScriptTypes === void 0) {
    throw new makeError(`TypeScript needs Node.js 22.13 or later; this is ${import_node_process.default.version}`);
  }
  try {
    return stripTypeScriptTypes(source);
  } catch (error) {
    throw new SourceError(error, typeScriptPosition(error.stack));
  }
};
var typeScriptPosition = (stack) => {
  const head = /^[^\n]*:(\d+)\n(?:.*\n)*?( *)\^+\n/.exec(stack);
  return head === null ? null : { line: +head[1], column: head[2].length + 1 };
};

// src/channel.mjs
var openChannel = (write) => {
  let limit = Infinity;
  let written = 0;
  let muted = false;
  let closed = false;
  const send = (line) => write(encode(`${line}
`));
  return {
    /** Says that the runner is warm and waits for its execution. */
    ready: () => send('{"event":"ready"}'),
    /** Sets how many bytes of output are passed on. */
    limitOutput: (bytes) => {
      limit = bytes;
    },
    /** Reports one console call, unless the handler has ended or the limit is passed; one message too many shows the excess. */
    output: (stream, level, message) => {
      if (muted || written > limit) return;
      const text2 = clip(toWellFormed(message), limit + 1);
      written += byteLength(text2);
      send(`{"event":"output","stream":"${stream}","level":"${level}","message":${quote(text2)}}`);
    },
    /** Passes on no more output: the handler has ended. */
    mute: () => {
      muted = true;
    },
    /** Reports the result, given as the members that follow `status`; only the first call has an effect. */
    result: (members) => {
      if (closed) return;
      muted = true;
      closed = true;
      send(`{"event":"result",${members}}`);
    }
  };
};

// src/console.mjs
var INDENT = "  ";
var MAX_TABLE_ROWS = 1e3;
var installConsole = (target, { output, format: format3, inspect: inspect3, frames, now: now2 }) => {
  let indentation = "";
  const counts = create(null);
  const timers = create(null);
  const emit = (stream, level, message) => output(stream, level, indentation === "" ? message : indent(message, indentation));
  const say = (stream, level) => (...args) => emit(stream, level, format3(args));
  const info = say("stdout", "info");
  const warn = say("stderr", "warn");
  const followedBy = (beginning, args) => args.length === 0 ? beginning : `${beginning} ${format3(args)}`;
  const labelOf = (label) => label === void 0 ? "default" : toText(label);
  const elapsed = (method, label, args) => {
    const start2 = timers[label];
    if (start2 === void 0) warn(`No such label '${label}' for console.${method}()`);
    else emit("stdout", "info", followedBy(`${label}: ${duration(now2() - start2)}`, args));
  };
  const rest = (args) => {
    const tail = [];
    for (let i = 1; i < args.length; i += 1) append(tail, args[i]);
    return tail;
  };
  const group = (...args) => {
    if (args.length > 0) emit("stdout", "info", format3(args));
    indentation += INDENT;
  };
  const methods = {
    __proto__: null,
    log: info,
    info,
    dirxml: info,
    debug: say("stdout", "debug"),
    warn,
    error: say("stderr", "error"),
    trace: (...args) => {
      const stack = frames();
      const said = args.length === 0 ? "Trace" : `Trace: ${format3(args)}`;
      emit("stderr", "debug", stack === "" ? said : `${said}
${indent(stack, "    ")}`);
    },
    assert: (...args) => {
      if (args[0]) return;
      const said = rest(args);
      if (typeof said[0] === "string") {
        said[0] = `Assertion failed: ${said[0]}`;
        emit("stderr", "error", format3(said));
      } else {
        emit("stderr", "error", followedBy("Assertion failed", said));
      }
    },
    dir: (value, options) => emit("stdout", "info", inspect3(value, options)),
    table: (data, columns) => {
      const rows = tabulate(data, columns, inspect3);
      emit("stdout", "info", rows === null ? format3([data]) : rows);
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indentation = slice(indentation, 0, max(0, indentation.length - INDENT.length));
    },
    count: (label) => {
      const name = labelOf(label);
      counts[name] = (counts[name] ?? 0) + 1;
      emit("stdout", "info", `${name}: ${counts[name]}`);
    },
    countReset: (label) => {
      const name = labelOf(label);
      if (counts[name] === void 0) warn(`Count for '${name}' does not exist`);
      else counts[name] = 0;
    },
    time: (label) => {
      const name = labelOf(label);
      if (timers[name] === void 0) timers[name] = now2();
      else warn(`Label '${name}' already exists for console.time()`);
    },
    timeLog: (...args) => elapsed("timeLog", labelOf(args[0]), rest(args)),
    timeEnd: (label) => {
      const name = labelOf(label);
      elapsed("timeEnd", name, []);
      timers[name] = void 0;
    },
    clear: () => {
    }
  };
  const names = keys(methods);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    defineProperty(methods[name], "name", { __proto__: null, value: name });
    defineProperty(target, name, { __proto__: null, value: methods[name], writable: true, enumerable: true, configurable: true });
  }
};
var indent = (message, indentation) => {
  let indented = indentation;
  let start2 = 0;
  for (let i = 0; i < message.length; i += 1) {
    if (message[i] === "\n") {
      indented += slice(message, start2, i + 1) + indentation;
      start2 = i + 1;
    }
  }
  return indented + slice(message, start2);
};
var duration = (ms) => {
  if (ms < 1e3) return `${+toFixed(ms, 3)}ms`;
  const seconds = ms / 1e3;
  if (seconds < 60) return `${toFixed(seconds, 3)}s`;
  const two = (n) => n < 10 ? `0${n}` : `${n}`;
  const whole = floor(seconds);
  const clock2 = `${two(floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? `${clock2} (m:ss)` : `${floor(whole / 3600)}:${clock2} (h:mm:ss)`;
};
var tabulate = (data, columns, inspect3) => {
  if (typeof data !== "object" || data === null) return null;
  const cell = (value) => inspect3(value, { depth: 0, breakLength: Infinity });
  const indices = keys(data);
  const names = [];
  const known = create(null);
  const rows = [];
  let hasValues = false;
  if (isArray(columns)) {
    for (let i = 0; i < columns.length; i += 1) {
      append(names, toText(columns[i]));
    }
  }
  for (let i = 0; i < indices.length && i < MAX_TABLE_ROWS; i += 1) {
    const value = data[indices[i]];
    const row = { __proto__: null, index: indices[i], cells: create(null), value: "" };
    if (typeof value === "object" && value !== null) {
      const fields = isArray(columns) ? names : keys(value);
      for (let j = 0; j < fields.length; j += 1) {
        const name = fields[j];
        if (!isArray(columns) && known[name] === void 0) {
          known[name] = true;
          append(names, name);
        }
        if (name in value) row.cells[name] = cell(value[name]);
      }
    } else {
      hasValues = true;
      row.value = cell(value);
    }
    append(rows, row);
  }
  return draw(rows, names, hasValues);
};
var draw = (rows, names, hasValues) => {
  const columns = [column("(index)", rows, (row2) => row2.index)];
  for (let i = 0; i < names.length; i += 1) append(columns, column(names[i], rows, (row2) => row2.cells[names[i]] ?? ""));
  if (hasValues) append(columns, column("Values", rows, (row2) => row2.value));
  const line = (left, middle, right, cellOf) => {
    let drawn = left;
    for (let i = 0; i < columns.length; i += 1) drawn += (i === 0 ? "" : middle) + cellOf(columns[i]);
    return drawn + right;
  };
  const rule = ({ width }) => repeat("─", width + 2);
  const padded = (content, width) => ` ${content}${repeat(" ", width - content.length + 1)}`;
  const row = (contentOf) => `${line("│", "│", "│", (shown) => padded(contentOf(shown), shown.width))}
`;
  let table = `${line("┌", "┬", "┐", rule)}
${row(({ name }) => name)}${line("├", "┼", "┤", rule)}
`;
  for (let i = 0; i < rows.length; i += 1) table += row(({ cells }) => cells[i]);
  return table + line("└", "┴", "┘", rule);
};
var column = (name, rows, cellOf) => {
  const cells = [];
  let width = name.length;
  for (let i = 0; i < rows.length; i += 1) {
    append(cells, cellOf(rows[i]));
    width = max(width, cells[i].length);
  }
  return { __proto__: null, name, cells, width };
};

// src/failure.mjs
var MAX_TEXT_BYTES = 8 * 1024;
var MAX_CAUSES = 8;
var MAX_EXPORTS = 32;
var bounded = (text2) => quote(clip(toWellFormed(text2), MAX_TEXT_BYTES));
var failure = (code, message, details) => `{"code":"${code}","message":${bounded(message)},"details":{${details}}}`;
var read = (object2, name) => {
  try {
    return object2[name];
  } catch {
    return void 0;
  }
};
var readText = (object2, name) => {
  const value = read(object2, name);
  return typeof value === "string" ? value : void 0;
};
var isError = (value) => {
  try {
    return typeof value === "object" && value !== null && (isNativeError(value) || isPrototypeOf(prototypes.error, value));
  } catch {
    return false;
  }
};
var className = (error) => {
  try {
    if (hasOwn(error, "name") && typeof error.name === "string" && error.name !== "") return error.name;
  } catch {
  }
  return readText(read(error, "constructor") ?? {}, "name") || readText(error, "name") || "Error";
};
var ownFrames = (stack) => {
  let frames = "";
  let rest = stack;
  while (rest !== "") {
    const end = indexOf(rest, "\n");
    const line = end < 0 ? rest : slice(rest, 0, end);
    rest = end < 0 ? "" : slice(rest, end + 1);
    if (exec(/^\s*at (?:.*[\s(])?function\.[jt]s:\d+:\d+/, line) !== null) frames += `${frames === "" ? "" : "\n"}${trim(line)}`;
  }
  return frames;
};
var currentFrames = (show2) => ownFrames(show2.rename(readText(new makeError(), "stack") ?? ""));
var messageOf = (error, show2) => show2.rename(readText(error, "message") ?? "");
var thrownMembers = (thrown, show2, causesLeft) => {
  if (!isError(thrown)) {
    const text2 = show2.value(thrown);
    return `"class":null,"message":${bounded(text2)},"stack":"","thrown":${bounded(text2)}`;
  }
  let members = `"class":${bounded(className(thrown))},"message":${bounded(messageOf(thrown, show2))}`;
  members += `,"stack":${bounded(ownFrames(show2.rename(readText(thrown, "stack") ?? "")))}`;
  try {
    if (causesLeft > 0 && hasOwn(thrown, "cause")) {
      members += `,"cause":{${thrownMembers(thrown.cause, show2, causesLeft - 1)}}`;
    }
    if (causesLeft > 0 && hasOwn(thrown, "errors") && isArray(thrown.errors)) {
      members += `,"errors":[${joinedErrors(thrown.errors, show2)}]`;
    }
  } catch {
  }
  return members;
};
var joinedErrors = (errors, show2) => {
  let described = "";
  for (let i = 0; i < min(errors.length, MAX_CAUSES); i += 1) {
    described += `${i === 0 ? "" : ","}{${thrownMembers(errors[i], show2, 0)}}`;
  }
  return described;
};
var headline = (thrown, show2) => {
  if (!isError(thrown)) return `thrown: ${show2.value(thrown)}`;
  const message = messageOf(thrown, show2);
  return message === "" ? className(thrown) : `${className(thrown)}: ${message}`;
};
var exception = (thrown, unhandled, show2) => {
  const members = thrownMembers(thrown, show2, MAX_CAUSES);
  const manner = unhandled === void 0 ? "" : `,"unhandled":"${unhandled}"`;
  return failure("exception", headline(thrown, show2), `${members}${manner}`);
};
var neverSettled = () => {
  const message = "the handler never finished: it waits for a promise that nothing is left to settle";
  const details = `"class":"Error","message":${quote(message)},"stack":"","unhandled":"never_settled"`;
  return failure("exception", `Error: ${message}`, details);
};
var syntaxError = ({ cause, position }) => failure(
  "syntax_error",
  `SyntaxError: ${readText(cause, "message") ?? ""}`,
  position === null ? "" : `"line":${position.line},"column":${position.column}`
);
var invalidHandler = (name, found, namespace) => {
  const names = keys(namespace);
  let exports2 = "";
  for (let i = 0; i < min(names.length, MAX_EXPORTS); i += 1) exports2 += `${i === 0 ? "" : ","}${bounded(names[i])}`;
  const what = name === "default" ? "the default export" : `the export "${name}"`;
  const message = found === "undefined" ? `the source does not have ${what}` : `${what} is not a function but of type ${found}`;
  return failure("invalid_handler", message, `"handler":${bounded(name)},"found":"${found}","exports":[${exports2}]`);
};
var invalidResult = (message, { path, type }) => failure("invalid_result", message, `"path":${bounded(path)},"type":"${type}"`);
var resultTooLarge = (limit, bytes, exact) => failure(
  "result_too_large",
  `the handler's value takes ${exact ? "" : "more than "}${bytes} bytes as JSON; the limit is ${limit}`,
  `"limit":${limit},"bytes":${bytes}`
);

// src/request.mjs
var CHUNK_BYTES = 64 * 1024;
var NEWLINE = 10;
var readLine = (read2) => {
  let bytes = new Bytes(CHUNK_BYTES);
  let filled = 0;
  for (; ; ) {
    if (filled === bytes.length) {
      const larger = new Bytes(bytes.length * 4);
      larger.set(bytes);
      bytes = larger;
    }
    const count2 = read2(bytes.subarray(filled));
    const end = bytes.subarray(filled, filled + count2).indexOf(NEWLINE);
    if (end >= 0) return decode(bytes.subarray(0, filled + end));
    filled += count2;
    if (count2 === 0) return decode(bytes.subarray(0, filled));
  }
};
var decode = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

// src/serialise.mjs
var MAX_DEPTH = 128;
var refuse = (at, type) => ({ __proto__: null, refusal: { __proto__: null, path: pointer(at), type } });
var WORDS = {
  __proto__: null,
  bigint: "is a BigInt",
  function: "is a function",
  symbol: "is a symbol",
  nan: "is NaN",
  infinity: "is infinite",
  cycle: "contains itself",
  map: "is a Map",
  set: "is a Set",
  typed_array: "is a typed array",
  array_buffer: "is an ArrayBuffer",
  undefined: "is undefined inside an array",
  hole: "is a hole in an array",
  lone_surrogate: "contains a lone surrogate",
  getter_threw: "could not be read, its getter threw",
  to_json_threw: "could not be read, its toJSON threw",
  too_deep: `is nested more than ${MAX_DEPTH} levels deep`
};
var describeRefusal = ({ path, type }) => `the handler's value${path === "" ? "" : ` at ${path}`} ${WORDS[type]}: JSON cannot hold it`;
var pointer = (at) => {
  let path = "";
  for (let place = at; place !== null; place = place.parent) path = `/${escapeToken(toWellFormed(place.key))}${path}`;
  return path;
};
var escapeToken = (token) => {
  let escaped = "";
  for (let i = 0; i < token.length; i += 1) {
    const unit = token[i];
    escaped += unit === "~" ? "~0" : unit === "/" ? "~1" : unit;
  }
  return escaped;
};
var serialise = (value, maxLength) => {
  const walk = { __proto__: null, length: 0, maxLength, phase: "getter_threw", place: null, stop: { __proto__: null } };
  try {
    return { __proto__: null, text: member(walk, value, "", null, null) };
  } catch (thrown) {
    if (thrown === walk.stop) return thrown;
    return refuse(walk.place, walk.phase);
  }
};
var stop = (walk, outcome) => {
  walk.stop = outcome;
  throw outcome;
};
var count = (walk, text2) => {
  walk.length += text2.length;
  if (walk.length > walk.maxLength) stop(walk, { __proto__: null, excess: walk.length });
  return text2;
};
var member = (walk, read2, key, at, ancestors) => {
  walk.place = at;
  let value = read2;
  if (typeof value === "object" && value !== null || typeof value === "function" || typeof value === "bigint") {
    const toJson = value.toJSON;
    if (typeof toJson === "function") {
      walk.phase = "to_json_threw";
      value = apply(toJson, value, [key]);
      walk.phase = "getter_threw";
    }
  }
  if (typeof value === "object" && value !== null) value = unbox(value);
  switch (typeof value) {
    case "undefined":
      return void 0;
    case "boolean":
      return count(walk, value ? "true" : "false");
    case "number":
      if (value !== value) return stop(walk, refuse(at, "nan"));
      if (value === Infinity || value === -Infinity) return stop(walk, refuse(at, "infinity"));
      return count(walk, `${value}`);
    case "string":
      return text(walk, value, at);
    case "object":
      return value === null ? count(walk, "null") : composite(walk, value, at, ancestors);
    default:
      return stop(walk, refuse(at, typeof value));
  }
};
var text = (walk, value, at) => {
  if (!isWellFormed(value)) return stop(walk, refuse(at, "lone_surrogate"));
  return count(walk, quote(value));
};
var composite = (walk, value, at, ancestors) => {
  const depth = ancestors === null ? 1 : ancestors.depth + 1;
  for (let above = ancestors; above !== null; above = above.parent) {
    if (above.value === value) return stop(walk, refuse(at, "cycle"));
  }
  if (depth > MAX_DEPTH) return stop(walk, refuse(at, "too_deep"));
  const chain = { __proto__: null, value, parent: ancestors, depth };
  if (isArray(value)) return array(walk, value, at, chain);
  const type = refusedClass(value);
  if (type !== null) return stop(walk, refuse(at, type));
  return object(walk, value, at, chain);
};
var array = (walk, value, at, chain) => {
  let json = "[";
  const { length } = value;
  for (let i = 0; i < length; i += 1) {
    const key = `${i}`;
    const place = { __proto__: null, key, parent: at };
    walk.place = place;
    const element = member(walk, value[i], key, place, chain);
    if (element === void 0) {
      walk.place = place;
      return stop(walk, refuse(place, i in value ? "undefined" : "hole"));
    }
    json += i === 0 ? element : count(walk, ",") + element;
  }
  return `${json}${count(walk, "]")}`;
};
var object = (walk, value, at, chain) => {
  let json = "{";
  walk.place = at;
  const names = keys(value);
  for (let i = 0; i < names.length; i += 1) {
    const key = names[i];
    const place = { __proto__: null, key, parent: at };
    walk.place = place;
    const element = member(walk, value[key], key, place, chain);
    if (element !== void 0) {
      json += json === "{" ? "" : count(walk, ",");
      json += `${text(walk, key, place)}:${element}`;
    }
  }
  return `${json}${count(walk, "}")}`;
};
var passes = (check, value) => {
  try {
    check(value);
    return true;
  } catch {
    return false;
  }
};
var unbox = (value) => {
  for (let proto = getPrototypeOf(value); proto !== null; proto = getPrototypeOf(proto)) {
    if (proto === prototypes.object || proto === prototypes.array) return value;
    if (proto === prototypes.number && passes(numberOf, value)) return +value;
    if (proto === prototypes.string && passes(stringOf, value)) return toText(value);
    if (proto === prototypes.boolean && passes(booleanOf, value)) return booleanOf(value);
    if (proto === prototypes.bigint && passes(bigintOf, value)) return bigintOf(value);
  }
  return value;
};
var refusedClass = (value) => {
  if (isView(value)) return "typed_array";
  for (let proto = getPrototypeOf(value); proto !== null; proto = getPrototypeOf(proto)) {
    if (proto === prototypes.object) return null;
    if (proto === prototypes.map && passes(mapSize, value)) return "map";
    if (proto === prototypes.set && passes(setSize, value)) return "set";
    if (proto === prototypes.buffer && passes(bufferSize, value)) return "array_buffer";
    if (proto === prototypes.sharedBuffer && passes(sharedBufferSize, value)) return "array_buffer";
  }
  return null;
};

// src/zygote.mjs
var makeRandom = (seed) => {
  let a = seed[0];
  let b = seed[1];
  let c = seed[2];
  let counter = seed[3];
  const next = () => {
    const sum = (a + b | 0) + counter | 0;
    counter = counter + 1 | 0;
    a = b ^ b >>> 9;
    b = c + (c << 3) | 0;
    c = c << 21 | c >>> 11;
    c = c + sum | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  return { random: () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992 }.random;
};
var settle = () => {
  new Intl.DateTimeFormat().resolvedOptions();
  (/* @__PURE__ */ new Date()).toString();
};
var beget = (platform) => {
  settle();
  const error = platform.serveAsZygote();
  if (error !== 0) throw new Error(`the zygote cannot serve: error ${error}`);
  const seed = new Words(4);
  platform.readEntropy(seed);
  defineProperty(Math, "random", { __proto__: null, value: makeRandom(seed), writable: true, enumerable: false, configurable: true });
};

// src/runner.mjs
var MEASURED = 8;
var guarded = (formatter) => (...args) => {
  try {
    return apply(formatter, void 0, args);
  } catch {
    return "[what was given cannot be formatted]";
  }
};
var format2 = guarded(format);
var inspect2 = guarded(inspect);
var show = { __proto__: null, value: (value) => format2([value]), rename };
var channel = openChannel(writeChannel);
var finish = (members) => {
  channel.result(members);
  exit(0);
};
var failed = (failure2) => `"status":"failure","failure":${failure2}`;
var fail = (failure2) => finish(failed(failure2));
var valueResult = (value, limit) => {
  const { text: text2, refusal, excess } = serialise(value, limit * MEASURED);
  if (refusal !== void 0) return failed(invalidResult(describeRefusal(refusal), refusal));
  if (excess !== void 0) return failed(resultTooLarge(limit, excess, false));
  if (text2 === void 0) return '"status":"success","unset":true';
  const bytes = byteLength(text2);
  return bytes > limit ? failed(resultTooLarge(limit, bytes, true)) : `"status":"success","value":${text2}`;
};
var execute = async ({ id, kind, code, language, handler, inputs, deadline }) => {
  const typed = language === "typescript";
  const source = typed ? await stripTypes(code) : code;
  const { namespace } = await evaluate(source, typed ? "function.ts" : "function.js");
  const name = handler ?? "default";
  const called = namespace[name];
  if (typeof called !== "function") return fail(invalidHandler(name, called === null ? "null" : typeof called, namespace));
  const value = await apply(called, void 0, [inputs, freeze({ id, kind, deadline })]);
  return { __proto__: null, value };
};
var run = async (execution) => {
  const { env, output_bytes: outputBytes, result_bytes: resultBytes } = execution;
  channel.limitOutput(outputBytes ?? Infinity);
  let outcome;
  try {
    for (const name in env) setVariable(name, env[name]);
    outcome = await execute(execution);
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) return fail(exception(thrown, void 0, show));
    return fail(syntaxError(thrown));
  }
  const result = valueResult(outcome.value, resultBytes ?? Infinity);
  channel.mute();
  await rejectionsReported();
  return finish(result);
};
var prepare = () => {
  const frames = () => currentFrames(show);
  installConsole(globalThis.console, { output: channel.output, format: format2, inspect: inspect2, frames, now });
  onUnhandled((thrown, how) => fail(exception(thrown, how, show)));
  onDrained(() => fail(neverSettled()));
};
var warmUp = async () => {
  const { namespace } = await evaluate("export default async (inputs) => ({ inputs });", "warm-up.js");
  valueResult(await namespace.default({ list: [1, "a", null] }), Infinity);
  await rejectionsReported();
};
var start = async () => {
  await warmUp();
  prepare();
  if (isZygote) beget(node_exports);
  channel.ready();
  await run(parseJson(readLine(readInput)));
};
start();
