// Turns the handler's value into JSON text.
//
// It follows `JSON.stringify`, key order and `toJSON` included, but refuses what that would drop or change silently, and says
// where in the value it is. The walk is bounded in depth and in length.

import {
  apply, bigintOf, booleanOf, bufferSize, getPrototypeOf, isArray, isView, isWellFormed, keys, mapSize, numberOf,
  prototypes, quote, setSize, sharedBufferSize, stringOf, toText, toWellFormed,
} from './primordials.mjs';

const MAX_DEPTH = 128;

/** A value that JSON cannot hold: a JSON Pointer to it and its type. */
const refuse = (at, type) => ({ __proto__: null, refusal: { __proto__: null, path: pointer(at), type } });

/** What each refused type is called in a message. */
const WORDS = {
  __proto__: null,
  bigint: 'is a BigInt',
  function: 'is a function',
  symbol: 'is a symbol',
  nan: 'is NaN',
  infinity: 'is infinite',
  cycle: 'contains itself',
  map: 'is a Map',
  set: 'is a Set',
  typed_array: 'is a typed array',
  array_buffer: 'is an ArrayBuffer',
  undefined: 'is undefined inside an array',
  hole: 'is a hole in an array',
  lone_surrogate: 'contains a lone surrogate',
  getter_threw: 'could not be read, its getter threw',
  to_json_threw: 'could not be read, its toJSON threw',
  too_deep: `is nested more than ${MAX_DEPTH} levels deep`,
};

/** Says in words what a refusal means. */
export const describeRefusal = ({ path, type }) =>
  `the handler's value${path === '' ? '' : ` at ${path}`} ${WORDS[type]}: JSON cannot hold it`;

/** Builds the JSON Pointer of a place, given as a chain of keys that ends at the root (null). */
const pointer = (at) => {
  let path = '';
  for (let place = at; place !== null; place = place.parent) path = `/${escapeToken(toWellFormed(place.key))}${path}`;
  return path;
};

const escapeToken = (token) => {
  let escaped = '';
  for (let i = 0; i < token.length; i += 1) {
    const unit = token[i];
    escaped += unit === '~' ? '~0' : unit === '/' ? '~1' : unit;
  }
  return escaped;
};

/**
 * Serialises `value`. Returns `{text}` with its JSON, `{text: undefined}` for `undefined`, `{refusal: {path, type}}` for what
 * JSON cannot hold, or `{excess}` with the length reached when the text grew beyond `maxLength`.
 */
export const serialise = (value, maxLength) => {
  const walk = { __proto__: null, length: 0, maxLength, phase: 'getter_threw', place: null, stop: { __proto__: null } };
  try {
    return { __proto__: null, text: member(walk, value, '', null, null) };
  } catch (thrown) {
    // Ours are recognised by identity; whatever else was thrown came out of a getter, a proxy or a `toJSON`.
    if (thrown === walk.stop) return thrown;
    return refuse(walk.place, walk.phase);
  }
};

const stop = (walk, outcome) => {
  walk.stop = outcome;
  throw outcome;
};

/** Counts text against the bound, so that a value that shares its parts cannot grow without end. */
const count = (walk, text) => {
  walk.length += text.length;
  if (walk.length > walk.maxLength) stop(walk, { __proto__: null, excess: walk.length });
  return text;
};

/** Serialises what was read from its holder under `key`; undefined stays undefined. */
const member = (walk, read, key, at, ancestors) => {
  walk.place = at;
  let value = read;
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'bigint') {
    const toJson = value.toJSON;
    if (typeof toJson === 'function') {
      walk.phase = 'to_json_threw';
      value = apply(toJson, value, [key]);
      walk.phase = 'getter_threw';
    }
  }
  if (typeof value === 'object' && value !== null) value = unbox(value);
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'boolean':
      return count(walk, value ? 'true' : 'false');
    case 'number':
      // The only number equal to NaN is none; minus zero prints as 0.
      if (value !== value) return stop(walk, refuse(at, 'nan'));
      if (value === Infinity || value === -Infinity) return stop(walk, refuse(at, 'infinity'));
      return count(walk, `${value}`);
    case 'string':
      return text(walk, value, at);
    case 'object':
      return value === null ? count(walk, 'null') : composite(walk, value, at, ancestors);
    default:
      return stop(walk, refuse(at, typeof value));
  }
};

const text = (walk, value, at) => {
  if (!isWellFormed(value)) return stop(walk, refuse(at, 'lone_surrogate'));
  return count(walk, quote(value));
};

const composite = (walk, value, at, ancestors) => {
  const depth = ancestors === null ? 1 : ancestors.depth + 1;
  for (let above = ancestors; above !== null; above = above.parent) {
    if (above.value === value) return stop(walk, refuse(at, 'cycle'));
  }
  if (depth > MAX_DEPTH) return stop(walk, refuse(at, 'too_deep'));
  const chain = { __proto__: null, value, parent: ancestors, depth };
  if (isArray(value)) return array(walk, value, at, chain);
  const type = refusedClass(value);
  if (type !== null) return stop(walk, refuse(at, type));
  return object(walk, value, at, chain);
};

const array = (walk, value, at, chain) => {
  let json = '[';
  const { length } = value;
  for (let i = 0; i < length; i += 1) {
    const key = `${i}`;
    const place = { __proto__: null, key, parent: at };
    walk.place = place;
    const element = member(walk, value[i], key, place, chain);
    if (element === undefined) {
      walk.place = place;
      return stop(walk, refuse(place, i in value ? 'undefined' : 'hole'));
    }
    json += i === 0 ? element : count(walk, ',') + element;
  }
  return `${json}${count(walk, ']')}`;
};

const object = (walk, value, at, chain) => {
  let json = '{';
  walk.place = at;
  const names = keys(value);
  for (let i = 0; i < names.length; i += 1) {
    const key = names[i];
    const place = { __proto__: null, key, parent: at };
    walk.place = place;
    const element = member(walk, value[key], key, place, chain);
    if (element !== undefined) {
      json += json === '{' ? '' : count(walk, ',');
      json += `${text(walk, key, place)}:${element}`;
    }
  }
  return `${json}${count(walk, '}')}`;
};

/** Says whether a brand check, which throws for a wrong receiver, passes. */
const passes = (check, value) => {
  try {
    check(value);
    return true;
  } catch {
    return false;
  }
};

/** Returns the primitive of a `Number`, `String`, `Boolean` or `BigInt` object, by the rules of `JSON.stringify`. */
const unbox = (value) => {
  // Plain objects and arrays, nearly all there is, never reach the brand checks, which are slow.
  for (let proto = getPrototypeOf(value); proto !== null; proto = getPrototypeOf(proto)) {
    if (proto === prototypes.object || proto === prototypes.array) return value;
    if (proto === prototypes.number && passes(numberOf, value)) return +value;
    if (proto === prototypes.string && passes(stringOf, value)) return toText(value);
    if (proto === prototypes.boolean && passes(booleanOf, value)) return booleanOf(value);
    if (proto === prototypes.bigint && passes(bigintOf, value)) return bigintOf(value);
  }
  return value;
};

/** Returns the type of an object whose content `JSON.stringify` would drop, or null. */
const refusedClass = (value) => {
  if (isView(value)) return 'typed_array';
  for (let proto = getPrototypeOf(value); proto !== null; proto = getPrototypeOf(proto)) {
    if (proto === prototypes.object) return null;
    if (proto === prototypes.map && passes(mapSize, value)) return 'map';
    if (proto === prototypes.set && passes(setSize, value)) return 'set';
    if (proto === prototypes.buffer && passes(bufferSize, value)) return 'array_buffer';
    if (proto === prototypes.sharedBuffer && passes(sharedBufferSize, value)) return 'array_buffer';
  }
  return null;
};
