// Returns an object whose `then` cannot be read. Awaiting it fails, which is the function's error.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// message: "no then"
export default () => ({ get then() { throw new Error('no then'); } });
