// Bounds on JSON text, checked before anything parses it; and the text of its members, which
// parsing would not keep.

/** JSON text that is not even looked at further. */
export class OutOfBounds extends Error {
  override name = "OutOfBounds";
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Returns `bytes` as text, if it is UTF-8 of at most `maxBytes` with at most `maxDepth` levels of
 * nesting. The text need not be valid JSON; if it is, no parser will recurse deeper.
 *
 * @throws {@link OutOfBounds} with the bound that was exceeded.
 */
export function bounded(bytes: Uint8Array, maxBytes: number, maxDepth: number): string {
  if (bytes.length > maxBytes) {
    throw new OutOfBounds(`is ${bytes.length} bytes long, the limit is ${maxBytes}`);
  }
  if (isDeeperThan(bytes, maxDepth)) {
    throw new OutOfBounds(`is nested more than ${maxDepth} levels deep`);
  }
  try {
    // A byte order mark is kept, so that it is refused: JSON has none.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OutOfBounds("is not UTF-8");
  }
}

/** Whether arrays and objects in the text lie more than `maxDepth` levels deep. */
export function isDeeperThan(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inString) {
      if (byte === BACKSLASH) {
        at += 1;
      } else if (byte === QUOTE) {
        inString = false;
      }
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      depth += 1;
      if (depth > maxDepth) {
        return true;
      }
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      depth = Math.max(0, depth - 1);
    }
  }
  return false;
}

/**
 * Returns the text of each member of an object, by its name.
 *
 * @param text - An object's text that has been parsed before: it is valid.
 * @throws SyntaxError if two members have the same name, since parsers do not agree on which counts.
 */
export function members(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let at = skipSpace(text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const endOfName = endOfString(text, at);
    const name = JSON.parse(text.slice(at, endOfName)) as string;
    const start = skipSpace(text, text.indexOf(":", endOfName) + 1);
    const end = endOfValue(text, start);
    if (found.has(name)) {
      throw new SyntaxError(`two members are called ${JSON.stringify(name.slice(0, 64))}`);
    }
    found.set(name, text.slice(start, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) {
      at = skipSpace(text, at + 1);
    }
  }
  return found;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) {
    at += 1;
  }
  return at;
}

/** Returns the index after the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === BACKSLASH) {
      at += 1;
    } else if (unit === QUOTE) {
      return at + 1;
    }
  }
  return text.length;
}

/** Returns the index after the value that starts at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at) - 1;
      if (depth === 0) {
        return at + 1;
      }
    } else if (unit === OPEN_BRACKET || unit === OPEN_BRACE) {
      depth += 1;
    } else if (unit === CLOSE_BRACKET || unit === CLOSE_BRACE) {
      if (depth <= 1) {
        // Of the value itself, or of what a number or a word is the last member of.
        return depth === 1 ? at + 1 : at;
      }
      depth -= 1;
    } else if (depth === 0 && (unit === COMMA || isSpace(unit))) {
      return at;
    }
  }
  return text.length;
}
