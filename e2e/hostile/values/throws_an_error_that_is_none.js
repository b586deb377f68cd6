// Throws an object that pretends to be an error by its prototype, with members of every wrong type.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
export default () => {
  throw Object.create(Error.prototype, {
    name: { value: Symbol('name') },
    message: { value: { toString() { throw new Error('trapped'); } } },
    stack: { value: 1n },
    cause: { value: [] },
    errors: { value: { length: -1 } },
  });
};
