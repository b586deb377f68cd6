// `structuredClone`.
export default function (internals) {
  const { expose, brand, keys, hasOwn, DOMException, mapGet, mapSet, mapHas, mapForEach, setForEach, setAdd } = internals;
  const { Map, Set, Date, RegExp, Object, Array, DataView, viewConstructors, errorConstructors } = internals;
  const { defineProperty, getOwnPropertyDescriptor, String, TypeError } = internals;

  const uncloneable = (value) => {
    throw new DOMException(`${internals.shown(value)} could not be cloned.`, "DataCloneError");
  };
  const define = (target, key, value) =>
    defineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  const hide = (target, key, value) =>
    defineProperty(target, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });

  const clone = (value, seen) => {
    if (typeof value === "symbol" || typeof value === "function") uncloneable(value);
    if (value === null || typeof value !== "object") return value;
    if (mapHas(seen, value)) return mapGet(seen, value);

    const remember = (copy) => {
      mapSet(seen, value, copy);
      return copy;
    };
    switch (brand(value)) {
      case "Array": {
        const copy = remember(new Array(value.length));
        return members(value, copy, seen);
      }
      case "Object":
        return members(value, remember({}), seen);
      case "Map": {
        const copy = remember(new Map());
        mapForEach(value, (member, key) => mapSet(copy, clone(key, seen), clone(member, seen)));
        return copy;
      }
      case "Set": {
        const copy = remember(new Set());
        setForEach(value, (member) => setAdd(copy, clone(member, seen)));
        return copy;
      }
      case "Date":
        return remember(new Date(internals.dateTime(value)));
      case "RegExp":
        return remember(new RegExp(internals.regexpSource(value), internals.regexpFlags(value)));
      case "Error":
        return error(value, remember, seen);
      case "ArrayBuffer":
        return remember(internals.bufferSlice(value, 0));
      case "TypedArray": {
        const constructor = viewConstructors[internals.typedArrayName(value)];
        const buffer = clone(internals.typedArrayBuffer(value), seen);
        return remember(new constructor(buffer, internals.typedArrayOffset(value), internals.typedArrayLength(value)));
      }
      case "DataView": {
        const buffer = clone(internals.dataViewBuffer(value), seen);
        return remember(new DataView(buffer, internals.dataViewOffset(value), internals.dataViewByteLength(value)));
      }
      case "Number":
        return remember(Object(internals.numberValue(value)));
      case "String":
        return remember(Object(internals.stringValue(value)));
      case "Boolean":
        return remember(Object(internals.booleanValue(value)));
      case "BigInt":
        return remember(Object(internals.bigintValue(value)));
      default:
        return uncloneable(value);
    }
  };

  const members = (source, copy, seen) => {
    const names = keys(source);
    for (let i = 0; i < names.length; i++) {
      define(copy, names[i], clone(source[names[i]], seen));
    }
    return copy;
  };

  const error = (source, remember, seen) => {
    const name = String(source.name);
    const copy = new (errorConstructors[name] === undefined || name === "AggregateError" ? internals.Error : errorConstructors[name])();
    remember(copy);
    const message = getOwnPropertyDescriptor(source, "message");
    if (message !== undefined && hasOwn(message, "value")) hide(copy, "message", String(message.value));
    const stack = getOwnPropertyDescriptor(source, "stack");
    if (stack !== undefined && hasOwn(stack, "value")) hide(copy, "stack", stack.value);
    if (hasOwn(source, "cause")) hide(copy, "cause", clone(source.cause, seen));
    return copy;
  };

  expose("structuredClone", function structuredClone(value, options) {
    if (arguments.length === 0) {
      throw new TypeError("The \"value\" argument must be specified");
    }
    if (options !== undefined && options !== null && options.transfer !== undefined && options.transfer.length > 0) {
      throw new DOMException("Transferring objects is not available in builtin/quickjs", "DataCloneError");
    }
    return clone(value, new Map());
  });
}
