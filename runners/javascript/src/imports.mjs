// Tells from a source's text alone whether all it can import are `node:` modules.
//
// The check errs on the safe side: it looks at every place where the word `import`, or `from` before a string, stands, be it
// code, comment or string, and is content only if each is one of the plain forms below. A source it is not content with is not
// refused; it only takes the slower path, on which each specifier is checked when it is resolved.

const IMPORT = /(?<![\w$.#])import\b/g;
const FROM = /\bfrom\s*(?=["'/])/g;
/** A binding list or nothing, then a `node:` specifier; a dynamic import of one; or `import.meta`. */
const PLAIN_IMPORT =
  /(?:[\w$\s{},*]*?\bfrom)?\s*(?:"node:[\w/]+"|'node:[\w/]+')|\s*\(\s*(?:"node:[\w/]+"|'node:[\w/]+')\s*\)|\s*\.\s*meta\b/y;
const PLAIN_FROM = /"node:[\w/]+"|'node:[\w/]+'/y;
/** An export called `then` makes a namespace look like a promise to `import()`. */
const EXPORTS_THEN = /\bexport\s*\{[^}]*\bthen\b|\bexport\s+(?:async\s+)?(?:function|class|const|let|var)[\s*]+then\b/;

const everyFollowedBy = (source, word, plain) => {
  word.lastIndex = 0;
  while (word.exec(source) !== null) {
    plain.lastIndex = word.lastIndex;
    if (!plain.test(source)) return false;
  }
  return true;
};

/** Says whether `source` is certain to import `node:` modules only and to have a namespace that is no promise. */
export const importsArePlain = (source) =>
  everyFollowedBy(source, IMPORT, PLAIN_IMPORT) && everyFollowedBy(source, FROM, PLAIN_FROM) && !EXPORTS_THEN.test(source);
