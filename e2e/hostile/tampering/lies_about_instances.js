// Has `instanceof` throw or lie for every class of errors. An error is told as the error it is.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "TypeError: real"
for (const type of [Error, TypeError, SyntaxError, Object, Function, Array]) {
  Object.defineProperty(type, Symbol.hasInstance, { value: () => { throw new Error('trapped'); } });
}

export default () => {
  throw new TypeError('real');
};
