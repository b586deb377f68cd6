// Writes a value as JSON text, as `JSON.stringify` would, except that what `JSON.stringify` drops or
// changes without a word is refused with its place.
export default function (internals) {
  const { native, keys, isArray, hasOwn, apply, quote, isFinite, isWellFormed, toWellFormed, list } = internals;
  const { brand, booleanValue, bigintValue, getPrototypeOf, String } = internals;
  const plain = Object.prototype;
  const MAX_DEPTH = 128;
  const FLUSH_LENGTH = 16384;

  const UNFIT = {
    __proto__: null,
    Map: "map",
    Set: "set",
    TypedArray: "typed_array",
    DataView: "data_view",
    ArrayBuffer: "array_buffer",
    SharedArrayBuffer: "array_buffer",
  };

  // One segment of a JSON Pointer.
  const segment = (key) => {
    let escaped = "";
    for (let i = 0; i < key.length; i++) {
      const character = key[i];
      escaped += character === "~" ? "~0" : character === "/" ? "~1" : character;
    }
    return "/" + toWellFormed(escaped);
  };

  internals.hooks.serialise = (root) => {
    const ancestors = list();
    // Set once: where and why the value is refused.
    let refusal;
    let pending = "";
    let full = false;

    const refuse = (path, type, reason) => {
      let pointer = "";
      for (let step = path; step !== null; step = step.parent) {
        pointer = segment(step.key) + pointer;
      }
      refusal = { __proto__: null, path: pointer, type, reason };
      return false;
    };
    const write = (text) => {
      pending += text;
      if (pending.length >= FLUSH_LENGTH) {
        full = !native.append(pending);
        pending = "";
      }
    };
    const thrown = (path, type, error) => refuse(path, type, internals.summary(error));

    // Writes `value`, found under `key`. Returns `false` when the whole value is refused or too large,
    // and `undefined` when there is nothing to write.
    const visit = (value, key, path, depth, before) => {
      if (full) return false;
      if ((typeof value === "object" && value !== null) || typeof value === "bigint") {
        let convert;
        try {
          convert = value.toJSON;
        } catch (error) {
          return thrown(path, "getter_threw", error);
        }
        if (typeof convert === "function") {
          try {
            value = apply(convert, value, [key]);
          } catch (error) {
            return thrown(path, "to_json_threw", error);
          }
        }
      }

      let kind = null;
      if (typeof value === "object" && value !== null) {
        const prototype = native.isProxy(value) ? null : getPrototypeOf(value);
        kind = isArray(value) ? "Array" : prototype === plain ? "Object" : brand(value);
        try {
          if (kind === "Number") value = internals.Number(value);
          else if (kind === "String") value = String(value);
          else if (kind === "Boolean") value = booleanValue(value);
          else if (kind === "BigInt") value = bigintValue(value);
        } catch (error) {
          return thrown(path, "to_json_threw", error);
        }
      }

      switch (typeof value) {
        case "undefined":
          return undefined;
        case "boolean":
          write(before + (value ? "true" : "false"));
          return true;
        case "number":
          if (!isFinite(value)) return refuse(path, value !== value ? "nan" : "infinity", `${value}`);
          write(before + `${value}`);
          return true;
        case "string":
          if (!isWellFormed(value)) return refuse(path, "lone_surrogate", "half a surrogate pair");
          write(before + quote(value));
          return true;
        case "bigint":
        case "symbol":
        case "function":
          return refuse(path, typeof value, `a ${typeof value}`);
      }
      if (value === null) {
        write(before + "null");
        return true;
      }

      const unfit = UNFIT[kind];
      if (unfit !== undefined) return refuse(path, unfit, internals.className(value));
      for (let i = 0; i < ancestors.length; i++) {
        if (ancestors[i] === value) return refuse(path, "cycle", "an object that contains itself");
      }
      if (depth >= MAX_DEPTH) return refuse(path, "too_deep", `more than ${MAX_DEPTH} levels`);
      ancestors[ancestors.length] = value;
      const written = kind === "Array" ? visitArray(value, path, depth, before) : visitObject(value, path, depth, before);
      ancestors.length--;
      return written;
    };

    const visitArray = (array, path, depth, before) => {
      let length;
      try {
        length = array.length;
      } catch (error) {
        return thrown(path, "getter_threw", error);
      }
      write(before + "[");
      for (let i = 0; i < length; i++) {
        const here = { __proto__: null, parent: path, key: `${i}` };
        let element;
        try {
          if (!hasOwn(array, i)) return refuse(here, "hole", "an element that was never set");
          element = array[i];
        } catch (error) {
          return thrown(here, "getter_threw", error);
        }
        const written = visit(element, here.key, here, depth + 1, i === 0 ? "" : ",");
        if (written === undefined) return refuse(here, "undefined", "undefined");
        if (!written) return false;
      }
      write("]");
      return true;
    };

    const visitObject = (object, path, depth, before) => {
      let names;
      try {
        names = keys(object);
      } catch (error) {
        return thrown(path, "getter_threw", error);
      }
      write(before + "{");
      let separator = "";
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        const here = { __proto__: null, parent: path, key: name };
        if (!isWellFormed(name)) return refuse(here, "lone_surrogate", "a name with half a surrogate pair");
        let member;
        try {
          member = object[name];
        } catch (error) {
          return thrown(here, "getter_threw", error);
        }
        const written = visit(member, name, here, depth + 1, `${separator}${quote(name)}:`);
        if (written === undefined) continue;
        if (!written) return false;
        separator = ",";
      }
      write("}");
      return true;
    };

    const written = visit(root, "", null, 0, "");
    if (refusal !== undefined) return refusal;
    if (written === undefined) return undefined;
    if (!full && pending !== "") native.append(pending);
    return true;
  };
}
