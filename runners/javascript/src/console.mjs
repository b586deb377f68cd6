// The caller's `console`: every method becomes one output event with its stream and level.

import { append, create, defineProperty, floor, isArray, keys, max, repeat, slice, toFixed, toText } from './primordials.mjs';

const INDENT = '  ';
const MAX_TABLE_ROWS = 1000;

/**
 * Replaces the methods of `target`. `output(stream, level, message)` takes what is said; `format(args)` and `inspect` are
 * those of `node:util`; `frames` returns the caller's own frames that are on the stack, `now` a time in milliseconds.
 */
export const installConsole = (target, { output, format, inspect, frames, now }) => {
  let indentation = '';
  const counts = create(null);
  const timers = create(null);

  const emit = (stream, level, message) => output(stream, level, indentation === '' ? message : indent(message, indentation));
  const say = (stream, level) => (...args) => emit(stream, level, format(args));
  const info = say('stdout', 'info');
  const warn = say('stderr', 'warn');

  /** Formats `args` after a fixed beginning. */
  const followedBy = (beginning, args) => (args.length === 0 ? beginning : `${beginning} ${format(args)}`);
  const labelOf = (label) => (label === undefined ? 'default' : toText(label));
  const elapsed = (method, label, args) => {
    const start = timers[label];
    if (start === undefined) warn(`No such label '${label}' for console.${method}()`);
    else emit('stdout', 'info', followedBy(`${label}: ${duration(now() - start)}`, args));
  };
  const rest = (args) => {
    const tail = [];
    for (let i = 1; i < args.length; i += 1) append(tail, args[i]);
    return tail;
  };
  const group = (...args) => {
    if (args.length > 0) emit('stdout', 'info', format(args));
    indentation += INDENT;
  };

  const methods = {
    __proto__: null,
    log: info,
    info,
    dirxml: info,
    debug: say('stdout', 'debug'),
    warn,
    error: say('stderr', 'error'),
    trace: (...args) => {
      const stack = frames();
      const said = args.length === 0 ? 'Trace' : `Trace: ${format(args)}`;
      emit('stderr', 'debug', stack === '' ? said : `${said}\n${indent(stack, '    ')}`);
    },
    assert: (...args) => {
      if (args[0]) return;
      const said = rest(args);
      if (typeof said[0] === 'string') {
        said[0] = `Assertion failed: ${said[0]}`;
        emit('stderr', 'error', format(said));
      } else {
        emit('stderr', 'error', followedBy('Assertion failed', said));
      }
    },
    dir: (value, options) => emit('stdout', 'info', inspect(value, options)),
    table: (data, columns) => {
      const rows = tabulate(data, columns, inspect);
      emit('stdout', 'info', rows === null ? format([data]) : rows);
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indentation = slice(indentation, 0, max(0, indentation.length - INDENT.length));
    },
    count: (label) => {
      const name = labelOf(label);
      counts[name] = (counts[name] ?? 0) + 1;
      emit('stdout', 'info', `${name}: ${counts[name]}`);
    },
    countReset: (label) => {
      const name = labelOf(label);
      if (counts[name] === undefined) warn(`Count for '${name}' does not exist`);
      else counts[name] = 0;
    },
    time: (label) => {
      const name = labelOf(label);
      if (timers[name] === undefined) timers[name] = now();
      else warn(`Label '${name}' already exists for console.time()`);
    },
    timeLog: (...args) => elapsed('timeLog', labelOf(args[0]), rest(args)),
    timeEnd: (label) => {
      const name = labelOf(label);
      elapsed('timeEnd', name, []);
      timers[name] = undefined;
    },
    clear: () => {},
  };

  const names = keys(methods);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    defineProperty(methods[name], 'name', { __proto__: null, value: name });
    defineProperty(target, name, { __proto__: null, value: methods[name], writable: true, enumerable: true, configurable: true });
  }
};

/** Puts `indentation` before every line. */
const indent = (message, indentation) => {
  let indented = indentation;
  let start = 0;
  for (let i = 0; i < message.length; i += 1) {
    if (message[i] === '\n') {
      indented += slice(message, start, i + 1) + indentation;
      start = i + 1;
    }
  }
  return indented + slice(message, start);
};

/** Writes a duration as Node.js does: milliseconds below a second, then seconds, minutes, hours. */
const duration = (ms) => {
  if (ms < 1000) return `${+toFixed(ms, 3)}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${toFixed(seconds, 3)}s`;
  const two = (n) => (n < 10 ? `0${n}` : `${n}`);
  const whole = floor(seconds);
  const clock = `${two(floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? `${clock} (m:ss)` : `${floor(whole / 3600)}:${clock} (h:mm:ss)`;
};

/** Draws `data` as a table, or returns null if it has no rows. */
const tabulate = (data, columns, inspect) => {
  if (typeof data !== 'object' || data === null) return null;
  const cell = (value) => inspect(value, { depth: 0, breakLength: Infinity });
  const indices = keys(data);
  const names = [];
  const known = create(null);
  const rows = [];
  let hasValues = false;
  if (isArray(columns)) {
    for (let i = 0; i < columns.length; i += 1) {
      append(names, toText(columns[i]));
    }
  }
  for (let i = 0; i < indices.length && i < MAX_TABLE_ROWS; i += 1) {
    const value = data[indices[i]];
    const row = { __proto__: null, index: indices[i], cells: create(null), value: '' };
    if (typeof value === 'object' && value !== null) {
      const fields = isArray(columns) ? names : keys(value);
      for (let j = 0; j < fields.length; j += 1) {
        const name = fields[j];
        if (!isArray(columns) && known[name] === undefined) {
          known[name] = true;
          append(names, name);
        }
        if (name in value) row.cells[name] = cell(value[name]);
      }
    } else {
      hasValues = true;
      row.value = cell(value);
    }
    append(rows, row);
  }
  return draw(rows, names, hasValues);
};

const draw = (rows, names, hasValues) => {
  const columns = [column('(index)', rows, (row) => row.index)];
  for (let i = 0; i < names.length; i += 1) append(columns, column(names[i], rows, (row) => row.cells[names[i]] ?? ''));
  if (hasValues) append(columns, column('Values', rows, (row) => row.value));

  const line = (left, middle, right, cellOf) => {
    let drawn = left;
    for (let i = 0; i < columns.length; i += 1) drawn += (i === 0 ? '' : middle) + cellOf(columns[i]);
    return drawn + right;
  };
  const rule = ({ width }) => repeat('─', width + 2);
  const padded = (content, width) => ` ${content}${repeat(' ', width - content.length + 1)}`;

  const row = (contentOf) => `${line('│', '│', '│', (shown) => padded(contentOf(shown), shown.width))}\n`;

  let table = `${line('┌', '┬', '┐', rule)}\n${row(({ name }) => name)}${line('├', '┼', '┤', rule)}\n`;
  for (let i = 0; i < rows.length; i += 1) table += row(({ cells }) => cells[i]);
  return table + line('└', '┴', '┘', rule);
};

const column = (name, rows, cellOf) => {
  const cells = [];
  let width = name.length;
  for (let i = 0; i < rows.length; i += 1) {
    append(cells, cellOf(rows[i]));
    width = max(width, cells[i].length);
  }
  return { __proto__: null, name, cells, width };
};
