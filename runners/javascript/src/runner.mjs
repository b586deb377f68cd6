// The JavaScript runner, for Node.js and Deno: one process executes one function.
//
//   load platform ─▶ warm up ─▶ "ready" ─▶ read a line ─▶ evaluate ─▶ call ─▶ serialise ─▶ result ─▶ exit
//
// The execution comes as one JSON line on stdin; readiness, console output and the result go out as JSON lines on descriptor 3.
// Whatever comes first decides the result: the handler's end, an error or rejection nobody handles, or an event loop that has
// nothing left to do.

import * as platform from '#platform';

import { openChannel } from './channel.mjs';
import { installConsole } from './console.mjs';
import {
  currentFrames, exception, invalidHandler, invalidResult, neverSettled, resultTooLarge, syntaxError,
} from './failure.mjs';
import { apply, byteLength, freeze, parseJson } from './primordials.mjs';
import { readLine } from './request.mjs';
import { describeRefusal, serialise } from './serialise.mjs';
import { SourceError } from './syntax.mjs';
import { beget } from './zygote.mjs';

/** How much longer than its limit a value may get before it is no longer measured. */
const MEASURED = 8;

/** Calls a formatter; code that makes it throw gets a placeholder. */
const guarded = (formatter) => (...args) => {
  try {
    return apply(formatter, undefined, args);
  } catch {
    return '[what was given cannot be formatted]';
  }
};
const format = guarded(platform.format);
const inspect = guarded(platform.inspect);

/** How failures show what the caller's code threw. */
const show = { __proto__: null, value: (value) => format([value]), rename: platform.rename };

const channel = openChannel(platform.writeChannel);

/** Reports the result and leaves at once: timers, listeners and output that are left do not count. */
const finish = (members) => {
  channel.result(members);
  platform.exit(0);
};

const failed = (failure) => `"status":"failure","failure":${failure}`;
const fail = (failure) => finish(failed(failure));

/** Returns the result that the handler's value makes. */
const valueResult = (value, limit) => {
  const { text, refusal, excess } = serialise(value, limit * MEASURED);
  if (refusal !== undefined) return failed(invalidResult(describeRefusal(refusal), refusal));
  if (excess !== undefined) return failed(resultTooLarge(limit, excess, false));
  if (text === undefined) return '"status":"success","unset":true';
  const bytes = byteLength(text);
  return bytes > limit ? failed(resultTooLarge(limit, bytes, true)) : `"status":"success","value":${text}`;
};

/** Evaluates the code of an execution and calls its handler; returns a box with the value. */
const execute = async ({ id, kind, code, language, handler, inputs, deadline }) => {
  const typed = language === 'typescript';
  const source = typed ? await platform.stripTypes(code) : code;
  const { namespace } = await platform.evaluate(source, typed ? 'function.ts' : 'function.js');
  const name = handler ?? 'default';
  const called = namespace[name];
  if (typeof called !== 'function') return fail(invalidHandler(name, called === null ? 'null' : typeof called, namespace));
  // Awaited here: returning a promise would settle it through its `then`, which may have been replaced.
  const value = await apply(called, undefined, [inputs, freeze({ id, kind, deadline })]);
  return { __proto__: null, value };
};

/** Runs an execution to its result. */
const run = async (execution) => {
  const { env, output_bytes: outputBytes, result_bytes: resultBytes } = execution;
  channel.limitOutput(outputBytes ?? Infinity);
  let outcome;
  try {
    for (const name in env) platform.setVariable(name, env[name]);
    outcome = await execute(execution);
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) return fail(exception(thrown, undefined, show));
    return fail(syntaxError(thrown));
  }
  const result = valueResult(outcome.value, resultBytes ?? Infinity);
  channel.mute();
  await platform.rejectionsReported();
  return finish(result);
};

/** Gives the realm what the caller's code will find in it, and listens for what may end an execution. */
const prepare = () => {
  const frames = () => currentFrames(show);
  installConsole(globalThis.console, { output: channel.output, format, inspect, frames, now: platform.now });
  platform.onUnhandled((thrown, how) => fail(exception(thrown, how, show)));
  platform.onDrained(() => fail(neverSettled()));
};

/** Runs the whole path once, so that the caller's function finds it compiled. */
const warmUp = async () => {
  const { namespace } = await platform.evaluate('export default async (inputs) => ({ inputs });', 'warm-up.js');
  valueResult(await namespace.default({ list: [1, 'a', null] }), Infinity);
  await platform.rejectionsReported();
};

/** Waits for the execution and runs it, once the runtime is done with loading this file. */
const start = async () => {
  await warmUp();
  prepare();
  if (platform.isZygote) beget(platform);
  channel.ready();
  await run(parseJson(readLine(platform.readInput)));
};

start();
