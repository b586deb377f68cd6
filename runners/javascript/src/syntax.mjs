// Errors in the source itself: how an evaluation reports one, and where in the source it is.

// Named apart from its `import()`: Deno loads at its start what the text of an `import()` names.
const PARSER = '../vendor/acorn.mjs';

/**
 * Thrown by an evaluation whose engine refused the source. `cause` has the message; `position` is `{line, column}`, both from
 * 1, or null where no one could tell.
 */
export class SourceError {
  constructor(cause, position) {
    this.cause = cause;
    this.position = position;
  }
}

/**
 * Returns what `acorn` says is wrong with a source, `{message, line, column}` counted from 1, or null where it finds nothing.
 * Neither Node.js nor Deno tells where in a module an error is.
 */
export const locateSyntaxError = async (source) => {
  const { parse } = await import(PARSER);
  try {
    parse(source, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
    return null;
  } catch ({ message, loc }) {
    return loc === undefined ? null : { message: message.replace(/ \(\d+:\d+\)$/, ''), line: loc.line, column: loc.column + 1 };
  }
};
