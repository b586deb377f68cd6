// Replaces what regular expressions are made of and throws: the stack is still put together.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "RangeError: real"
// details: {"class": "RangeError", "message": "real"}
for (const key of ['exec', 'test', Symbol.match, Symbol.replace, Symbol.split, Symbol.search]) {
  RegExp.prototype[key] = () => { throw new Error('trapped'); };
}
for (const name of ['flags', 'global', 'source', 'unicode']) {
  Object.defineProperty(RegExp.prototype, name, { get() { throw new Error('trapped'); } });
}

export default () => {
  throw new RangeError('real');
};
