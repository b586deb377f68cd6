// Describes what went wrong: each function returns the failure as JSON text, `{"code":…,"message":…,"details":{…}}`.
//
// What is described came from the caller's code: every property read may throw or lie, and every text is cut.

import {
  clip, exec, hasOwn, indexOf, isArray, isNativeError, isPrototypeOf, keys, makeError, min, prototypes, quote, slice,
  toWellFormed, trim,
} from './primordials.mjs';

const MAX_TEXT_BYTES = 8 * 1024;
const MAX_CAUSES = 8;
const MAX_EXPORTS = 32;

const bounded = (text) => quote(clip(toWellFormed(text), MAX_TEXT_BYTES));

const failure = (code, message, details) =>
  `{"code":"${code}","message":${bounded(message)},"details":{${details}}}`;

/** Reads a property that may be an accessor that throws; undefined then. */
const read = (object, name) => {
  try {
    return object[name];
  } catch {
    return undefined;
  }
};

const readText = (object, name) => {
  const value = read(object, name);
  return typeof value === 'string' ? value : undefined;
};

const isError = (value) => {
  try {
    return typeof value === 'object' && value !== null && (isNativeError(value) || isPrototypeOf(prototypes.error, value));
  } catch {
    return false;
  }
};

/** Returns an error's class: its own `name`, else its constructor's, else its inherited `name`. */
const className = (error) => {
  try {
    if (hasOwn(error, 'name') && typeof error.name === 'string' && error.name !== '') return error.name;
  } catch {
    // A proxy or an accessor that throws: the other sources may still answer.
  }
  return readText(read(error, 'constructor') ?? {}, 'name') || readText(error, 'name') || 'Error';
};

/** Picks from a stack the frames of the caller's own source, one a line. */
const ownFrames = (stack) => {
  let frames = '';
  let rest = stack;
  while (rest !== '') {
    const end = indexOf(rest, '\n');
    const line = end < 0 ? rest : slice(rest, 0, end);
    rest = end < 0 ? '' : slice(rest, end + 1);
    if (exec(/^\s*at (?:.*[\s(])?function\.[jt]s:\d+:\d+/, line) !== null) frames += `${frames === '' ? '' : '\n'}${trim(line)}`;
  }
  return frames;
};

/** Returns the caller's own frames that are on the stack now. */
export const currentFrames = (show) => ownFrames(show.rename(readText(new makeError(), 'stack') ?? ''));

const messageOf = (error, show) => show.rename(readText(error, 'message') ?? '');

/** Describes something thrown, as the members of a JSON object. */
const thrownMembers = (thrown, show, causesLeft) => {
  if (!isError(thrown)) {
    const text = show.value(thrown);
    return `"class":null,"message":${bounded(text)},"stack":"","thrown":${bounded(text)}`;
  }
  let members = `"class":${bounded(className(thrown))},"message":${bounded(messageOf(thrown, show))}`;
  members += `,"stack":${bounded(ownFrames(show.rename(readText(thrown, 'stack') ?? '')))}`;
  try {
    if (causesLeft > 0 && hasOwn(thrown, 'cause')) {
      members += `,"cause":{${thrownMembers(thrown.cause, show, causesLeft - 1)}}`;
    }
    if (causesLeft > 0 && hasOwn(thrown, 'errors') && isArray(thrown.errors)) {
      members += `,"errors":[${joinedErrors(thrown.errors, show)}]`;
    }
  } catch {
    // What cannot be read is not there.
  }
  return members;
};

/** Describes the first errors of an `AggregateError`, without their causes. */
const joinedErrors = (errors, show) => {
  let described = '';
  for (let i = 0; i < min(errors.length, MAX_CAUSES); i += 1) {
    described += `${i === 0 ? '' : ','}{${thrownMembers(errors[i], show, 0)}}`;
  }
  return described;
};

/** Says in one line what was thrown. */
const headline = (thrown, show) => {
  if (!isError(thrown)) return `thrown: ${show.value(thrown)}`;
  const message = messageOf(thrown, show);
  return message === '' ? className(thrown) : `${className(thrown)}: ${message}`;
};

/**
 * Something was thrown. `unhandled` says how if it was not by the handler itself: `rejection` or `error`. `show.value` formats
 * what is no Error, `show.rename` gives the source its own name in a text.
 */
export const exception = (thrown, unhandled, show) => {
  const members = thrownMembers(thrown, show, MAX_CAUSES);
  const manner = unhandled === undefined ? '' : `,"unhandled":"${unhandled}"`;
  return failure('exception', headline(thrown, show), `${members}${manner}`);
};

/** The event loop has nothing left to do and the handler's promise, or the module's, is still pending. */
export const neverSettled = () => {
  const message = 'the handler never finished: it waits for a promise that nothing is left to settle';
  const details = `"class":"Error","message":${quote(message)},"stack":"","unhandled":"never_settled"`;
  return failure('exception', `Error: ${message}`, details);
};

/** The source is not valid: a `SourceError`. */
export const syntaxError = ({ cause, position }) =>
  failure(
    'syntax_error',
    `SyntaxError: ${readText(cause, 'message') ?? ''}`,
    position === null ? '' : `"line":${position.line},"column":${position.column}`,
  );

/** The module has no such export, or it cannot be called. */
export const invalidHandler = (name, found, namespace) => {
  const names = keys(namespace);
  let exports = '';
  for (let i = 0; i < min(names.length, MAX_EXPORTS); i += 1) exports += `${i === 0 ? '' : ','}${bounded(names[i])}`;
  const what = name === 'default' ? 'the default export' : `the export "${name}"`;
  const message = found === 'undefined' ? `the source does not have ${what}` : `${what} is not a function but of type ${found}`;
  return failure('invalid_handler', message, `"handler":${bounded(name)},"found":"${found}","exports":[${exports}]`);
};

/** The handler's value is nothing JSON can hold. */
export const invalidResult = (message, { path, type }) =>
  failure('invalid_result', message, `"path":${bounded(path)},"type":"${type}"`);

/** The handler's value is larger than allowed; `bytes` is where measuring stopped when `exact` is false. */
export const resultTooLarge = (limit, bytes, exact) =>
  failure(
    'result_too_large',
    `the handler's value takes ${exact ? '' : 'more than '}${bytes} bytes as JSON; the limit is ${limit}`,
    `"limit":${limit},"bytes":${bytes}`,
  );
