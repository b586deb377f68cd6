// Exports an object that says it is a function in every way but one.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_handler"
// details: {"handler": "default", "found": "object"}
const disguise = { call: () => 1, apply: () => 1, get [Symbol.toStringTag]() { return 'Function'; } };

export default Object.setPrototypeOf(disguise, Function.prototype);
