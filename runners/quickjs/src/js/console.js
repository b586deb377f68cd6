// `console`: every method of Node's, each a message of some level.
export default function (internals) {
  const { native, format, inspect, toWellFormed, repeat, split, join, list, expose } = internals;
  const { isArray, keys, hasOwn, padEnd, max, toFixed } = internals;
  const counts = { __proto__: null };
  const timings = { __proto__: null };
  let indentation = "";

  const emit = (level, message) => {
    if (native.silenced()) return;
    if (indentation !== "") {
      message = indentation + (internals.includes(message, "\n") ? join(split(message, "\n"), "\n" + indentation) : message);
    }
    native.emit(level, toWellFormed(message));
  };
  const print = (level, values) => {
    if (!native.silenced()) emit(level, format(values));
  };
  const labelled = (label) => (label === undefined ? "default" : `${label}`);
  const elapsed = (start) => {
    const ms = native.monotonic() - start;
    return ms >= 1000 ? `${toFixed(ms / 1000, 3)}s` : `${toFixed(ms, 3)}ms`;
  };

  // A table with box-drawing borders, one row for each element and one column for each property.
  const table = (data, only) => {
    const rows = list();
    const columns = list();
    const known = { __proto__: null };
    const column = (name) => {
      if (!known[name]) {
        known[name] = true;
        columns[columns.length] = name;
      }
    };
    let hasValues = false;
    const row = (index, value, key) => {
      const cells = { __proto__: null };
      let own = null;
      if (value !== null && typeof value === "object") {
        const names = only === undefined ? keys(value) : only;
        for (let i = 0; i < names.length; i++) {
          const name = `${names[i]}`;
          column(name);
          if (hasOwn(value, name)) cells[name] = inspect(value[name], 0);
        }
      } else {
        hasValues = true;
        own = inspect(value, 0);
      }
      rows[rows.length] = { __proto__: null, index, key, cells, own };
    };

    const kind = internals.brand(data);
    let indexName = "(index)";
    let keyed = false;
    if (kind === "Map") {
      indexName = "(iteration index)";
      keyed = true;
      let i = 0;
      internals.mapForEach(data, (value, key) => row(`${i++}`, value, inspect(key, 0)));
    } else if (kind === "Set") {
      indexName = "(iteration index)";
      let i = 0;
      internals.setForEach(data, (value) => row(`${i++}`, value, null));
    } else {
      const names = keys(data);
      for (let i = 0; i < names.length; i++) row(names[i], data[names[i]], null);
    }

    const titles = list();
    titles[0] = indexName;
    if (keyed) titles[titles.length] = "Key";
    for (let i = 0; i < columns.length; i++) titles[titles.length] = columns[i];
    if (hasValues) titles[titles.length] = "Values";
    const lines = list();
    const widths = list();
    for (let i = 0; i < titles.length; i++) widths[i] = titles[i].length + 2;
    for (let i = 0; i < rows.length; i++) {
      const { index, key, cells, own } = rows[i];
      const line = list();
      line[0] = index;
      if (keyed) line[line.length] = key;
      for (let j = 0; j < columns.length; j++) line[line.length] = cells[columns[j]] ?? "";
      if (hasValues) line[line.length] = own ?? "";
      for (let j = 0; j < line.length; j++) widths[j] = max(widths[j], line[j].length + 2);
      lines[i] = line;
    }
    const rule = (left, middle, right) => {
      const parts = list();
      for (let i = 0; i < widths.length; i++) parts[i] = repeat("─", widths[i]);
      return left + join(parts, middle) + right;
    };
    const rendered = (cells) => {
      const parts = list();
      for (let i = 0; i < widths.length; i++) parts[i] = padEnd(` ${cells[i]} `, widths[i], " ");
      return "│" + join(parts, "│") + "│";
    };
    const output = list();
    output[0] = rule("┌", "┬", "┐");
    output[1] = rendered(titles);
    output[2] = rule("├", "┼", "┤");
    for (let i = 0; i < lines.length; i++) output[output.length] = rendered(lines[i]);
    output[output.length] = rule("└", "┴", "┘");
    return join(output, "\n");
  };

  const timeLog = (label, values) => {
    const name = labelled(label);
    const start = timings[name];
    if (start === undefined) {
      emit("warn", `Warning: No such label '${name}' for console.time()`);
      return false;
    }
    const line = `${name}: ${elapsed(start)}`;
    emit("info", values.length === 0 ? line : `${line} ${format(values)}`);
    return true;
  };

  const methods = {
    log(...values) { print("info", values); },
    info(...values) { print("info", values); },
    debug(...values) { print("debug", values); },
    warn(...values) { print("warn", values); },
    error(...values) { print("error", values); },
    trace(...values) {
      const message = values.length === 0 ? "" : format(values);
      const stack = internals.ownFrames(new internals.Error().stack);
      emit("trace", `Trace${message === "" ? "" : ": " + message}${stack === "" ? "" : "\n" + stack}`);
    },
    assert(condition, ...values) {
      if (condition) return;
      if (typeof values[0] === "string") {
        values[0] = `Assertion failed: ${values[0]}`;
        print("error", values);
      } else {
        emit("error", values.length === 0 ? "Assertion failed" : `Assertion failed ${format(values)}`);
      }
    },
    dir(value, options) {
      let depth = 2;
      if (options !== null && typeof options === "object" && hasOwn(options, "depth")) {
        depth = options.depth === null ? Infinity : internals.Number(options.depth);
      }
      if (!native.silenced()) emit("info", inspect(value, depth));
    },
    dirxml(...values) { print("info", values); },
    table(data, columns) {
      if (data === null || typeof data !== "object") return print("info", [data]);
      emit("info", table(data, isArray(columns) ? columns : undefined));
    },
    group(...values) {
      if (values.length > 0) print("info", values);
      indentation += "  ";
    },
    groupCollapsed(...values) {
      if (values.length > 0) print("info", values);
      indentation += "  ";
    },
    groupEnd() {
      indentation = internals.slice(indentation, 2);
    },
    count(label) {
      const name = labelled(label);
      counts[name] = (counts[name] ?? 0) + 1;
      emit("info", `${name}: ${counts[name]}`);
    },
    countReset(label) {
      const name = labelled(label);
      if (counts[name] === undefined) emit("warn", `Warning: Count for '${name}' does not exist`);
      else delete counts[name];
    },
    time(label) {
      const name = labelled(label);
      if (timings[name] !== undefined) emit("warn", `Warning: Label '${name}' already exists for console.time()`);
      else timings[name] = native.monotonic();
    },
    timeLog(label, ...values) { timeLog(label, values); },
    timeEnd(label) {
      if (timeLog(label, [])) delete timings[labelled(label)];
    },
    timeStamp() {},
    profile() {},
    profileEnd() {},
  };
  const console = {};
  const names = keys(methods);
  for (let i = 0; i < names.length; i++) console[names[i]] = methods[names[i]];
  internals.defineProperty(console, internals.toStringTag, { __proto__: null, value: "console", configurable: true });
  expose("console", console);
}
