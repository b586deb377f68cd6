// What the runner needs of Node.js.

import fs from 'node:fs';
import module from 'node:module';
import process from 'node:process';
import util from 'node:util';
import vm from 'node:vm';

import { evaluateInVm } from './evaluate-vm.mjs';
import { apply, bindFunction, defineProperty, makeError, pause, SafePromise } from './primordials.mjs';
import { SourceError } from './syntax.mjs';

const { closeSync, openSync, readSync, writeSync } = fs;
const { stripTypeScriptTypes } = module;
const { SourceTextModule, SyntheticModule } = vm;
const nodeVm = { __proto__: null, SourceTextModule, SyntheticModule };
const on = bindFunction(process.on, process);
// `process.exit` would first run the caller's `exit` listeners.
let exitNow = bindFunction(process.reallyExit, process);
const later = setImmediate;

/** Calls `operate` until it is not interrupted and does not find its descriptor busy. */
const insist = (operate) => {
  for (;;) {
    try {
      return operate();
    } catch (error) {
      if (error.code !== 'EAGAIN' && error.code !== 'EINTR') throw error;
      pause();
    }
  }
};

/** The number of a runner's process in its sandbox, if it was forked. */
const CHILD = 2;

/** Where the library is that forks. */
const ZYGOTE = '/veritech/javascript/zygote.node';

/** Whether this process is to have children instead of an execution. */
export const isZygote = process.argv[2] === '--zygote';

/** Returns 0 in each child, and an error's number in a zygote that cannot go on. */
export const serveAsZygote = () => {
  const addon = { exports: {} };
  process.dlopen(addon, ZYGOTE);
  const error = addon.exports.serve();
  if (error !== 0) return error;
  // A child is another process, and does not have the threads that its parent's end would wait for.
  defineProperty(process, 'pid', { __proto__: null, value: CHILD, writable: false, enumerable: true, configurable: true });
  process.reallyExit = addon.exports.exit;
  exitNow = addon.exports.exit;
  return error;
};

/** Fills an array with what the kernel draws. */
export const readEntropy = (array) => {
  const source = openSync('/dev/urandom', 'r');
  readSync(source, array, 0, array.byteLength, null);
  closeSync(source);
};

const hrtime = bindFunction(process.hrtime, process);
/** Returns a time in milliseconds. Loading `performance` would take longer than everything else here. */
export const now = () => {
  const time = hrtime();
  return time[0] * 1e3 + time[1] / 1e6;
};

/** Reads what there is on stdin into `bytes`; 0 at its end. */
export const readInput = (bytes) => insist(() => readSync(0, bytes, 0, bytes.length, null));

/** Writes all of `bytes` to descriptor 3. */
export const writeChannel = (bytes) => {
  for (let sent = 0; sent < bytes.length; ) sent += insist(() => writeSync(3, bytes, sent, bytes.length - sent));
};

export const exit = (code) => exitNow(code);

export const setVariable = (name, value) => {
  process.env[name] = value;
};

export const inspect = bindFunction(util.inspect, undefined);
const formatArguments = bindFunction(util.formatWithOptions, undefined, { colors: false });
export const format = (args) => apply(formatArguments, undefined, args);

/** Calls `report(thrown, how)` for rejections nobody handles and for errors nobody catches. */
export const onUnhandled = (report) => {
  on('unhandledRejection', (reason) => report(reason, 'rejection'));
  on('uncaughtException', (error) => report(error, 'error'));
};

/** Calls `report` when nothing is left to do. */
export const onDrained = (report) => {
  on('beforeExit', report);
};

/** Resolves after the rejections that are unhandled by now have been reported. */
export const rejectionsReported = () => new SafePromise((resolve) => later(resolve));

/** Evaluates a source as the module `identifier`; returns `{namespace}`. */
export const evaluate = (source, identifier) => evaluateInVm(nodeVm, source, identifier);

/** Nothing to do: `node:vm` shows a source's own name in stack traces. */
export const rename = (text) => text;

/** Replaces the types in a TypeScript source by spaces. */
export const stripTypes = (source) => {
  if (stripTypeScriptTypes === undefined) {
    throw new makeError(`TypeScript needs Node.js 22.13 or later; this is ${process.version}`);
  }
  try {
    return stripTypeScriptTypes(source);
  } catch (error) {
    throw new SourceError(error, typeScriptPosition(error.stack));
  }
};

/** Finds the position in the head of a stack trace: the line's number, the lines around, and one with carets under the error. */
const typeScriptPosition = (stack) => {
  const head = /^[^\n]*:(\d+)\n(?:.*\n)*?( *)\^+\n/.exec(stack);
  return head === null ? null : { line: +head[1], column: head[2].length + 1 };
};
