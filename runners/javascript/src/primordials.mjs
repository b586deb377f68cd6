// The built-in functions the runner works with, taken before the caller's code is loaded.
//
// The caller's code shares our realm and may replace anything in it: `JSON.stringify`, `Array.prototype[Symbol.iterator]`,
// setters on `Object.prototype`. What serialises, formats and reports therefore uses only what this module captured, and only
// syntax that no tampering reaches: no spread of arrays, no destructuring of arrays, no `for … of`, no `push`, no methods
// called on values.

const { bind, call } = Function.prototype;

/** Turns a method into a function that takes its receiver as the first argument. */
const uncurryThis = bind.bind(call);

/** Turns a getter of a prototype into a function of the receiver. */
const getter = (prototype, name) => uncurryThis(Object.getOwnPropertyDescriptor(prototype, name).get);

export const { apply } = Reflect;
export const bindFunction = uncurryThis(bind);

export const { create, defineProperty, freeze, getPrototypeOf, keys } = Object;
export const hasOwn = uncurryThis(Object.prototype.hasOwnProperty);
export const isPrototypeOf = uncurryThis(Object.prototype.isPrototypeOf);
export const { isArray } = Array;

export const parseJson = JSON.parse;
/** Quotes one string; for a primitive, `JSON.stringify` looks up nothing that could be tampered with. */
export const quote = JSON.stringify;

export const isWellFormed = uncurryThis(String.prototype.isWellFormed);
export const toWellFormed = uncurryThis(String.prototype.toWellFormed);
export const startsWith = uncurryThis(String.prototype.startsWith);
export const indexOf = uncurryThis(String.prototype.indexOf);
export const slice = uncurryThis(String.prototype.slice);
export const trim = uncurryThis(String.prototype.trim);
export const repeat = uncurryThis(String.prototype.repeat);
export const exec = uncurryThis(RegExp.prototype.exec);
export const toFixed = uncurryThis(Number.prototype.toFixed);
export const { max, min, floor } = Math;

export const numberOf = uncurryThis(Number.prototype.valueOf);
export const stringOf = uncurryThis(String.prototype.valueOf);
export const booleanOf = uncurryThis(Boolean.prototype.valueOf);
export const bigintOf = uncurryThis(BigInt.prototype.valueOf);
export const isView = ArrayBuffer.isView;
export const mapSize = getter(Map.prototype, 'size');
export const setSize = getter(Set.prototype, 'size');
export const bufferSize = getter(ArrayBuffer.prototype, 'byteLength');
export const sharedBufferSize = getter(SharedArrayBuffer.prototype, 'byteLength');
export const prototypes = {
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
  error: Error.prototype,
};

export const SafePromise = Promise;
export const makeError = Error;
export const toText = String;
export const isNativeError = Error.isError ?? (() => false);
export const Bytes = Uint8Array;
export const Words = Int32Array;
export const subarray = uncurryThis(Uint8Array.prototype.subarray);
const encoder = new TextEncoder();
export const encode = bindFunction(encoder.encode, encoder);
export const encodeInto = bindFunction(encoder.encodeInto, encoder);

const clock = new Int32Array(new SharedArrayBuffer(4));
const { wait } = Atomics;
/** Blocks the thread for a millisecond: for a descriptor that would block although it should not. */
export const pause = () => wait(clock, 0, 0, 1);

/** Returns how many bytes `text` takes in UTF-8. */
export const byteLength = (text) => encode(text).length;

/** Cuts `text` to at most `bytes` bytes of UTF-8, never inside a character. */
export const clip = (text, bytes) => {
  if (text.length * 3 <= bytes) return text;
  const { read } = encodeInto(text, new Bytes(min(bytes, text.length * 3)));
  return slice(text, 0, read);
};

/** Appends to an array as an own property, so that no setter on a prototype sees it. */
export const append = (array, value) =>
  defineProperty(array, array.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
