// Shows a value as Node.js's `util.inspect` does: to a depth of two, a hundred elements, eighty columns.
export default function (internals) {
  const { native, list, join, brand, ownKeys, hasOwn, getOwnPropertyDescriptor, getPrototypeOf } = internals;
  const { slice, includes, startsWith, split, repeat, padStart, padEnd, charCodeAt, toHex, trim } = internals;
  const { functionToString, symbolToString, propertyIsEnumerable, toStringTag, is, min, max, String } = internals;

  const BREAK_LENGTH = 80;
  const MAX_ELEMENTS = 100;
  const MAX_STRING = 10000;
  // How many inner levels an object may hold and still be shown on one line.
  const COMPACT_LEVELS = 3;

  const ESCAPES = { __proto__: null, 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 92: "\\\\" };

  const quoted = (text) => {
    let quote = "'";
    if (includes(text, "'")) {
      if (!includes(text, '"')) quote = '"';
      else if (!includes(text, "`") && !includes(text, "${")) quote = "`";
    }
    const mark = charCodeAt(quote, 0);
    let result = quote;
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const code = charCodeAt(text, i);
      let escape;
      if (code === mark) escape = "\\" + quote;
      else if (ESCAPES[code] !== undefined) escape = ESCAPES[code];
      else if (code < 32 || (code > 126 && code < 160)) escape = "\\x" + internals.toUpperCase(padStart(toHex(code, 16), 2, "0"));
      else if (code >= 0xd800 && code <= 0xdfff) {
        const next = code < 0xdc00 && i + 1 < text.length ? charCodeAt(text, i + 1) : 0;
        if (next >= 0xdc00 && next <= 0xdfff) {
          i++;
          continue;
        }
        escape = "\\u" + toHex(code, 16);
      } else continue;
      result += slice(text, from, i) + escape;
      from = i + 1;
    }
    return result + slice(text, from) + quote;
  };

  const isIdentifier = (name) => {
    for (let i = 0; i < name.length; i++) {
      const code = charCodeAt(name, i);
      const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
      if (!letter && (i === 0 || code < 48 || code > 57)) return false;
    }
    return name !== "";
  };

  const number = (value) => (is(value, -0) ? "-0" : `${value}`);

  internals.numberText = number;

  const primitive = (value, state) => {
    switch (typeof value) {
      case "string":
        return string(value, state);
      case "number":
        return number(value);
      case "bigint":
        return `${value}n`;
      case "symbol":
        return symbolToString(value);
      default:
        return `${value}`;
    }
  };

  const string = (text, state) => {
    let trailer = "";
    if (text.length > MAX_STRING) {
      const more = text.length - MAX_STRING;
      text = slice(text, 0, MAX_STRING);
      trailer = `... ${more} more character${more > 1 ? "s" : ""}`;
    }
    if (text.length > 16 && text.length > BREAK_LENGTH - state.indentation - 4 && includes(text, "\n")) {
      const lines = split(text, "\n");
      const shown = list();
      for (let i = 0; i < lines.length; i++) {
        const last = i === lines.length - 1;
        if (last && lines[i] === "") break;
        shown[i] = quoted(last ? lines[i] : lines[i] + "\n");
      }
      return join(shown, ` +\n${repeat(" ", state.indentation + 2)}`) + trailer;
    }
    return quoted(text) + trailer;
  };

  // The name of the class of an object by its nearest constructor, or `null` without a prototype.
  const constructorName = (object) => {
    try {
      for (let at = object; at !== null; at = getPrototypeOf(at)) {
        const descriptor = getOwnPropertyDescriptor(at, "constructor");
        if (descriptor !== undefined && hasOwn(descriptor, "value") && typeof descriptor.value === "function") {
          const name = getOwnPropertyDescriptor(descriptor.value, "name");
          if (name !== undefined && hasOwn(name, "value") && typeof name.value === "string" && name.value !== "") {
            return name.value;
          }
        }
      }
    } catch {
      return "Object";
    }
    return null;
  };
  internals.className = (object) => constructorName(object) ?? brand(object);

  const tagOf = (object, name) => {
    try {
      const tag = object[toStringTag];
      if (propertyIsEnumerable(object, toStringTag)) return "";
      return typeof tag === "string" && tag !== "" && tag !== name ? tag : "";
    } catch {
      return "";
    }
  };

  const prefix = (name, tag, fallback, size) => {
    const count = size === undefined ? "" : `(${size})`;
    if (name === null) {
      return tag !== "" && tag !== fallback
        ? `[${fallback}${count}: null prototype] [${tag}] `
        : `[${fallback}${count}: null prototype] `;
    }
    return tag !== "" && tag !== name ? `${name}${count} [${tag}] ` : `${name}${count} `;
  };

  const enumerable = (object, skipIndices) => {
    const all = ownKeys(object);
    const own = list();
    for (let i = 0; i < all.length; i++) {
      const key = all[i];
      if (!propertyIsEnumerable(object, key)) continue;
      if (skipIndices && typeof key === "string" && isIndex(key)) continue;
      own[own.length] = key;
    }
    return own;
  };
  const isIndex = (key) => {
    const value = internals.Number(key);
    return value >= 0 && value < 4294967295 && internals.trunc(value) === value && `${value}` === key;
  };

  const functionBase = (callable, name, tag) => {
    const source = functionToString(callable);
    const own = getOwnPropertyDescriptor(callable, "name");
    const label = own !== undefined && hasOwn(own, "value") && typeof own.value === "string" ? own.value : "";
    if (startsWith(source, "class") && source[source.length - 1] === "}") {
      let base = label === "" ? "[class (anonymous)" : `[class ${label}`;
      if (name !== "Function" && name !== null) base += ` [${name}]`;
      const parent = getPrototypeOf(callable);
      const parentName = typeof parent === "function" ? getOwnPropertyDescriptor(parent, "name") : undefined;
      if (parentName !== undefined && hasOwn(parentName, "value") && parentName.value !== "") {
        base += ` extends ${String(parentName.value)}`;
      } else if (parent === null || parentName === undefined) {
        base += " extends null";
      }
      return base + "]";
    }
    let type = "Function";
    if (startsWith(source, "async")) {
      const rest = trim(slice(source, 5));
      type = startsWith(rest, "function*") || startsWith(rest, "*") ? "AsyncGeneratorFunction" : "AsyncFunction";
    } else if (startsWith(source, "function*") || startsWith(source, "function *") || startsWith(source, "*")) {
      type = "GeneratorFunction";
    }
    let base = `[${type}`;
    if (name === null) base += " (null prototype)";
    base += label === "" ? " (anonymous)]" : `: ${label}]`;
    if (tag !== "" && tag !== name && tag !== type) base += ` [${tag}]`;
    return base;
  };

  // The lines of a stack that belong to the function's own source.
  internals.ownFrames = (stack) => {
    if (typeof stack !== "string") return "";
    const frames = native.ownFrames(internals.toWellFormed(stack));
    return frames === "" ? "" : "    " + join(split(frames, "\n"), "\n    ");
  };

  const errorBase = (error, state) => {
    let stack = "";
    try {
      stack = internals.ownFrames(error.stack);
    } catch {
      // An error without a readable stack is shown without one.
    }
    const title = internals.summary(error);
    if (stack === "") return `[${title}]`;
    const text = `${title}\n${stack}`;
    return state.indentation === 0 ? text : join(split(text, "\n"), `\n${repeat(" ", state.indentation)}`);
  };

  const property = (object, key, depth, state, kind) => {
    const descriptor = getOwnPropertyDescriptor(object, key);
    let shown;
    if (descriptor === undefined) {
      shown = "undefined";
    } else if (hasOwn(descriptor, "value")) {
      state.indentation += 2;
      shown = value(descriptor.value, depth, state);
      state.indentation -= 2;
    } else if (descriptor.get !== undefined) {
      shown = descriptor.set !== undefined ? "[Getter/Setter]" : "[Getter]";
    } else {
      shown = descriptor.set !== undefined ? "[Setter]" : "undefined";
    }
    if (kind === "element") return shown;
    let name;
    if (typeof key === "symbol") name = `[${symbolToString(key)}]`;
    else if (key === "__proto__") name = "['__proto__']";
    else name = isIdentifier(key) ? key : quoted(key);
    return `${name}: ${shown}`;
  };

  const more = (count) => `... ${count} more item${count > 1 ? "s" : ""}`;

  const elements = (array, length, depth, state, output) => {
    let index = 0;
    while (index < length && output.length < MAX_ELEMENTS) {
      if (hasOwn(array, index)) {
        output[output.length] = property(array, `${index}`, depth, state, "element");
        index++;
        continue;
      }
      const holes = holesFrom(array, index, length);
      output[output.length] = `<${holes} empty item${holes > 1 ? "s" : ""}>`;
      index += holes;
    }
    if (index < length) output[output.length] = more(length - index);
  };
  const holesFrom = (array, index, length) => {
    const all = ownKeys(array);
    for (let i = 0; i < all.length; i++) {
      if (typeof all[i] !== "string" || !isIndex(all[i])) break;
      const next = internals.Number(all[i]);
      if (next > index) return next - index;
    }
    return length - index;
  };

  // Shows `size` members that `forEach` hands out, without an iterator that could be replaced.
  const members = (collection, forEach, size, show, output, state) => {
    let shown = 0;
    state.indentation += 2;
    forEach(collection, (member, key) => {
      if (shown < MAX_ELEMENTS) output[output.length] = show(member, key);
      shown++;
    });
    state.indentation -= 2;
    if (size > MAX_ELEMENTS) output[output.length] = more(size - MAX_ELEMENTS);
  };

  const bytes = (buffer) => {
    const view = new internals.Uint8Array(buffer);
    const length = internals.typedArrayLength(view);
    const shown = list();
    for (let i = 0; i < min(50, length); i++) shown[i] = padStart(toHex(view[i], 16), 2, "0");
    const rest = length - 50;
    return `<${join(shown, " ")}${rest > 0 ? ` ... ${rest} more byte${rest > 1 ? "s" : ""}` : ""}>`;
  };

  const object = (target, depth, state) => {
    const kind = brand(target);
    const name = constructorName(target);
    const tag = tagOf(target, name);
    const output = list();
    let own = enumerable(target, kind === "Array" || kind === "TypedArray");
    let open = "{";
    let close = "}";
    let base = "";
    let grouped = false;
    let fill = null;

    switch (kind) {
      case "Array": {
        const length = target.length;
        const lead = name !== "Array" || tag !== "" ? prefix(name, tag, "Array", length) : "";
        if (length === 0 && own.length === 0) return `${lead}[]`;
        open = `${lead}[`;
        close = "]";
        grouped = true;
        fill = () => elements(target, length, depth, state, output);
        break;
      }
      case "TypedArray": {
        const length = internals.typedArrayLength(target);
        const lead = prefix(name, tag, internals.typedArrayName(target), length);
        if (length === 0 && own.length === 0) return `${lead}[]`;
        open = `${lead}[`;
        close = "]";
        grouped = true;
        fill = () => {
          for (let i = 0; i < min(length, MAX_ELEMENTS); i++) output[i] = primitive(target[i], state);
          if (length > MAX_ELEMENTS) output[MAX_ELEMENTS] = more(length - MAX_ELEMENTS);
        };
        break;
      }
      case "Map": {
        const size = internals.mapSize(target);
        const lead = prefix(name, tag, "Map", size);
        if (size === 0 && own.length === 0) return `${lead}{}`;
        open = `${lead}{`;
        close = "}";
        const show = (member, key) => `${value(key, depth, state)} => ${value(member, depth, state)}`;
        fill = () => members(target, internals.mapForEach, size, show, output, state);
        break;
      }
      case "Set": {
        const size = internals.setSize(target);
        const lead = prefix(name, tag, "Set", size);
        if (size === 0 && own.length === 0) return `${lead}{}`;
        open = `${lead}{`;
        close = "}";
        fill = () => members(target, internals.setForEach, size, (member) => value(member, depth, state), output, state);
        break;
      }
      case "Function":
        base = functionBase(target, name, tag);
        if (own.length === 0) return base;
        break;
      case "RegExp":
        base = `/${internals.regexpSource(target)}/${internals.regexpFlags(target)}`;
        if (own.length === 0) return base;
        break;
      case "Date": {
        const time = internals.dateTime(target);
        base = time !== time ? "Invalid Date" : internals.dateToISOString(target);
        if (own.length === 0) return base;
        break;
      }
      case "Error": {
        base = errorBase(target, state);
        const rest = list();
        for (let i = 0; i < own.length; i++) {
          const key = own[i];
          const implied = key === "stack" || key === "message" || (key === "name" && includes(base, String(target.name)));
          if (!implied) rest[rest.length] = key;
        }
        own = rest;
        const cause = getOwnPropertyDescriptor(target, "cause");
        const errors = getOwnPropertyDescriptor(target, "errors");
        const hidden = (found) => found !== undefined && !found.enumerable && hasOwn(found, "value");
        if (own.length === 0 && !hidden(cause) && !hidden(errors)) return base;
        fill = () => {
          const hide = (label, found) => {
            if (!hidden(found)) return;
            state.indentation += 2;
            output[output.length] = `[${label}]: ${value(found.value, depth, state)}`;
            state.indentation -= 2;
          };
          hide("cause", cause);
          hide("errors", errors);
        };
        break;
      }
      case "Number":
      case "String":
      case "Boolean":
      case "BigInt":
      case "Symbol": {
        const boxed = internals[`${internals.toLowerCase(kind)}Value`](target);
        base = `[${kind}${name === null ? " (null prototype)" : name === kind ? "" : ` (${name})`}: ${primitive(boxed, state)}]`;
        if (kind === "String") own = enumerable(target, true);
        if (own.length === 0) return base;
        break;
      }
      case "Promise": {
        open = `${prefix(name, tag, "Promise")}{`;
        close = "}";
        fill = () => {
          const { status, settled } = native.promise(target);
          if (status === "pending") {
            output[0] = "<pending>";
          } else {
            state.indentation += 2;
            const shown = value(settled, depth, state);
            state.indentation -= 2;
            output[0] = status === "rejected" ? `<rejected> ${shown}` : shown;
          }
        };
        break;
      }
      case "ArrayBuffer":
        open = `${prefix(name, tag, "ArrayBuffer")}{`;
        close = "}";
        fill = () => {
          output[0] = `[Uint8Contents]: ${bytes(target)}`;
          output[1] = `byteLength: ${internals.bufferLength(target)}`;
        };
        break;
      case "DataView":
        open = `${prefix(name, tag, "DataView")}{`;
        close = "}";
        fill = () => {
          output[0] = `byteLength: ${internals.dataViewByteLength(target)}`;
          output[1] = `byteOffset: ${internals.dataViewOffset(target)}`;
          state.indentation += 2;
          output[2] = `buffer: ${value(internals.dataViewBuffer(target), depth, state)}`;
          state.indentation -= 2;
        };
        break;
      case "WeakMap":
      case "WeakSet":
        open = `${prefix(name, tag, kind)}{`;
        close = "}";
        fill = () => {
          output[0] = "<items unknown>";
        };
        break;
      default: {
        const lead = name === "Object" && tag === "" ? "" : prefix(name, tag, "Object");
        if (own.length === 0) return `${lead}{}`;
        open = `${lead}{`;
        close = "}";
      }
    }

    if (depth > state.maxDepth) {
      if (kind === "Array") return `[${trim(prefix(name, tag, "Array"))}]`;
      return `[${trim(prefix(name, tag, "Object"))}]`;
    }
    depth++;
    state.ancestors[state.ancestors.length] = target;
    state.deepest = depth;
    if (fill !== null) fill();
    for (let i = 0; i < own.length; i++) {
      output[output.length] = property(target, own[i], depth, state, "property");
    }
    state.ancestors.length--;

    for (let i = 0; i < state.circular.length; i++) {
      if (state.circular[i] === target) {
        const mark = `<ref *${i + 1}>`;
        if (base === "") open = `${mark} ${open}`;
        else base = `${mark} ${base}`;
      }
    }
    return laidOut(output, base, open, close, grouped ? target : null, depth, state);
  };

  // Puts the parts of one object on one line if they fit, else each on its own.
  const laidOut = (parts, base, open, close, array, depth, state) => {
    const count = parts.length;
    if (array !== null && count > 6) parts = columns(parts, array, state);
    const lead = base === "" ? "" : `${base} `;
    if (state.deepest - depth < COMPACT_LEVELS && count === parts.length) {
      let width = 2 * parts.length + state.indentation + open.length + base.length + 10;
      let fits = width + parts.length <= BREAK_LENGTH && !includes(base, "\n");
      for (let i = 0; fits && i < parts.length; i++) {
        width += parts[i].length;
        fits = width <= BREAK_LENGTH && !includes(parts[i], "\n");
      }
      if (fits) return `${lead}${open} ${join(parts, ", ")} ${close}`;
    }
    const margin = `\n${repeat(" ", state.indentation)}`;
    return `${lead}${open}${margin}  ${join(parts, `,${margin}  `)}${margin}${close}`;
  };

  // Lays many short elements out in columns, about two and a half times as wide as high.
  const columns = (parts, array, state) => {
    const trailer = parts.length > MAX_ELEMENTS ? parts[parts.length - 1] : undefined;
    const count = trailer === undefined ? parts.length : parts.length - 1;
    let total = 0;
    let longest = 0;
    for (let i = 0; i < count; i++) {
      total += parts[i].length + 2;
      longest = max(longest, parts[i].length);
    }
    const cell = longest + 2;
    if (cell * 3 + state.indentation >= BREAK_LENGTH || (total / cell <= 5 && longest > 6)) return parts;
    const biased = max(cell - 3 - internals.sqrt(cell - total / parts.length), 1);
    const width = min(
      internals.round(internals.sqrt(2.5 * biased * count) / biased),
      internals.floor((BREAK_LENGTH - state.indentation) / cell),
      COMPACT_LEVELS * 4,
      15,
    );
    if (width <= 1) return parts;

    const widths = list();
    for (let i = 0; i < width; i++) {
      let widest = 0;
      for (let j = i; j < count; j += width) widest = max(widest, parts[j].length);
      widths[i] = widest + 2;
    }
    let numbers = true;
    for (let i = 0; numbers && i < parts.length; i++) {
      numbers = typeof array[i] === "number" || typeof array[i] === "bigint";
    }
    const lines = list();
    for (let i = 0; i < count; i += width) {
      const end = min(i + width, count) - 1;
      let line = "";
      for (let j = i; j < end; j++) {
        line += (numbers ? padStart : padEnd)(`${parts[j]}, `, widths[j - i], " ");
      }
      lines[lines.length] = line + (numbers ? padStart(parts[end], widths[end - i] - 2, " ") : parts[end]);
    }
    if (trailer !== undefined) lines[lines.length] = trailer;
    return lines;
  };

  const value = (target, depth, state) => {
    if (target === null || (typeof target !== "object" && typeof target !== "function")) {
      return primitive(target, state);
    }
    for (let i = 0; i < state.ancestors.length; i++) {
      if (state.ancestors[i] !== target) continue;
      let index = 0;
      while (index < state.circular.length && state.circular[index] !== target) index++;
      state.circular[index] = target;
      return `[Circular *${index + 1}]`;
    }
    return object(target, depth, state);
  };

  internals.inspect = (target, maxDepth = 2) =>
    value(target, 0, { __proto__: null, maxDepth, indentation: 0, deepest: 0, ancestors: list(), circular: list() });
}
