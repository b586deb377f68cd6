// Exports a proxy of a function that throws when it is called, and a class, which cannot be called without `new`.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"class": "RangeError", "message": "not callable"}
export class Handler {}

export default new Proxy(Handler, { apply() { throw new RangeError('not callable'); } });
