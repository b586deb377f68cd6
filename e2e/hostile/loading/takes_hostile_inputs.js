// Gets inputs with names that mean something to the language, and returns them. They are data.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: {"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"then":1,"toJSON":2,"polluted":false}
// request: {"inputs": {"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"then":1,"toJSON":2}}
export default (inputs) => {
  Object.defineProperty(inputs, 'polluted', { value: ({}).polluted === true, enumerable: true });
  return inputs;
};
