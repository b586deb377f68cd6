// What the runner's own scripts use of the language, captured before the function's code can replace it.
//
// Rules for every script in this directory: no method call on a value of the function's (use a captured
// one through `uncurried`), no iteration protocol, no regular expressions at run time, no lookup of a
// property that may be missing on an object that inherits from `Object.prototype`.
export default function (native) {
  const { apply, ownKeys, getPrototypeOf, defineProperty } = Reflect;
  const { getOwnPropertyDescriptor, setPrototypeOf, freeze, keys } = Object;
  const uncurried = Function.prototype.bind.bind(Function.prototype.call);
  const getter = (prototype, name) => uncurried(getOwnPropertyDescriptor(prototype, name).get);
  const TypedArray = getPrototypeOf(Uint8Array);

  const internals = {
    __proto__: null,
    native,
    apply,
    ownKeys,
    getPrototypeOf,
    defineProperty,
    getOwnPropertyDescriptor,
    freeze,
    keys,
    isArray: Array.isArray,
    isView: ArrayBuffer.isView,
    hasOwn: Object.hasOwn,
    is: Object.is,
    isFinite: Number.isFinite,
    quote: JSON.stringify,
    String,
    Number,
    Symbol,
    Object,
    Array,
    Error,
    TypeError,
    RangeError,
    Map,
    Set,
    Date,
    RegExp,
    BigInt,
    Boolean,
    ArrayBuffer,
    Uint8Array,
    DOMException,
    min: Math.min,
    max: Math.max,
    floor: Math.floor,
    round: Math.round,
    sqrt: Math.sqrt,
    trunc: Math.trunc,
    parseFloat,
    parseInt,
    toStringTag: Symbol.toStringTag,
    iterator: Symbol.iterator,
    toPrimitive: Symbol.toPrimitive,
    isPrototypeOf: uncurried(Object.prototype.isPrototypeOf),
    propertyIsEnumerable: uncurried(Object.prototype.propertyIsEnumerable),
    join: uncurried(Array.prototype.join),
    sort: uncurried(Array.prototype.sort),
    functionToString: uncurried(Function.prototype.toString),
    charCodeAt: uncurried(String.prototype.charCodeAt),
    slice: uncurried(String.prototype.slice),
    indexOf: uncurried(String.prototype.indexOf),
    includes: uncurried(String.prototype.includes),
    startsWith: uncurried(String.prototype.startsWith),
    split: uncurried(String.prototype.split),
    repeat: uncurried(String.prototype.repeat),
    padStart: uncurried(String.prototype.padStart),
    padEnd: uncurried(String.prototype.padEnd),
    toLowerCase: uncurried(String.prototype.toLowerCase),
    toUpperCase: uncurried(String.prototype.toUpperCase),
    trim: uncurried(String.prototype.trim),
    toHex: uncurried(Number.prototype.toString),
    toFixed: uncurried(Number.prototype.toFixed),
    isWellFormed: uncurried(String.prototype.isWellFormed),
    toWellFormed: uncurried(String.prototype.toWellFormed),
    symbolToString: uncurried(Symbol.prototype.toString),
    numberValue: uncurried(Number.prototype.valueOf),
    stringValue: uncurried(String.prototype.valueOf),
    booleanValue: uncurried(Boolean.prototype.valueOf),
    bigintValue: uncurried(BigInt.prototype.valueOf),
    symbolValue: uncurried(Symbol.prototype.valueOf),
    regexpSource: getter(RegExp.prototype, "source"),
    regexpFlags: getter(RegExp.prototype, "flags"),
    dateTime: uncurried(Date.prototype.getTime),
    dateToISOString: uncurried(Date.prototype.toISOString),
    mapSize: getter(Map.prototype, "size"),
    mapForEach: uncurried(Map.prototype.forEach),
    mapGet: uncurried(Map.prototype.get),
    mapSet: uncurried(Map.prototype.set),
    mapHas: uncurried(Map.prototype.has),
    setSize: getter(Set.prototype, "size"),
    setForEach: uncurried(Set.prototype.forEach),
    setAdd: uncurried(Set.prototype.add),
    weakMapHas: uncurried(WeakMap.prototype.has),
    weakSetHas: uncurried(WeakSet.prototype.has),
    weakRefDeref: uncurried(WeakRef.prototype.deref),
    bufferLength: getter(ArrayBuffer.prototype, "byteLength"),
    bufferSlice: uncurried(ArrayBuffer.prototype.slice),
    sharedLength:
      typeof SharedArrayBuffer === "function" ? getter(SharedArrayBuffer.prototype, "byteLength") : null,
    typedArrayName: getter(TypedArray.prototype, Symbol.toStringTag),
    typedArrayLength: getter(TypedArray.prototype, "length"),
    typedArrayBuffer: getter(TypedArray.prototype, "buffer"),
    typedArrayOffset: getter(TypedArray.prototype, "byteOffset"),
    typedArrayByteLength: getter(TypedArray.prototype, "byteLength"),
    typedArraySet: uncurried(TypedArray.prototype.set),
    bytesToHex: uncurried(Uint8Array.prototype.toHex),
    dataViewBuffer: getter(DataView.prototype, "buffer"),
    dataViewOffset: getter(DataView.prototype, "byteOffset"),
    dataViewByteLength: getter(DataView.prototype, "byteLength"),
    DataView,
    viewConstructors: { __proto__: null },
    errorConstructors: { __proto__: null },
    global: globalThis,
    hooks: { __proto__: null },
  };

  for (const name of ["Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32", "Float16", "Float32", "Float64", "BigInt64", "BigUint64"]) {
    const constructor = globalThis[name + "Array"];
    if (constructor !== undefined) {
      internals.viewConstructors[name + "Array"] = constructor;
    }
  }
  for (const constructor of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError]) {
    internals.errorConstructors[constructor.name] = constructor;
  }

  // A list that no accessor on a prototype can interfere with.
  internals.listed = (array) => setPrototypeOf(array, null);
  internals.list = () => listed([]);
  const { listed } = internals;

  // Whether `method`, which insists on its receiver's internal slot, accepts `value`.
  const accepts = (method, value) => {
    try {
      method(value);
      return true;
    } catch {
      return false;
    }
  };
  const probe = {};
  const ObjectPrototype = Object.prototype;
  const RegExpPrototype = RegExp.prototype;

  // The built-in class of an object, told by its internal slots and not by what it says of itself.
  internals.brand = (value) => {
    if (internals.isArray(value)) return "Array";
    if (typeof value === "function") return "Function";
    const prototype = native.isProxy(value) ? null : getPrototypeOf(value);
    if (prototype === ObjectPrototype) return "Object";
    if (internals.isView(value)) {
      return internals.typedArrayName(value) === undefined ? "DataView" : "TypedArray";
    }
    if (native.isError(value)) return "Error";
    if (native.isPromise(value)) return "Promise";
    if (accepts(internals.mapSize, value)) return "Map";
    if (accepts(internals.setSize, value)) return "Set";
    if (accepts(internals.dateTime, value)) return "Date";
    if (accepts(internals.bufferLength, value)) return "ArrayBuffer";
    if (internals.sharedLength !== null && accepts(internals.sharedLength, value)) return "SharedArrayBuffer";
    if (value !== RegExpPrototype && accepts(internals.regexpSource, value)) return "RegExp";
    if (accepts(internals.numberValue, value)) return "Number";
    if (accepts(internals.stringValue, value)) return "String";
    if (accepts(internals.booleanValue, value)) return "Boolean";
    if (accepts(internals.bigintValue, value)) return "BigInt";
    if (accepts(internals.symbolValue, value)) return "Symbol";
    if (accepts((map) => internals.weakMapHas(map, probe), value)) return "WeakMap";
    if (accepts((set) => internals.weakSetHas(set, probe), value)) return "WeakSet";
    if (accepts(internals.weakRefDeref, value)) return "WeakRef";
    return "Object";
  };

  // Adds a global as the platform's own are: writable, configurable, not enumerable.
  internals.expose = (name, value) => {
    defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };

  return internals;
}
