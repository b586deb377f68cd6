// Returns a function, and a class, that has members like an object.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/a", "type": "function"}
export default () => ({ a: Object.assign(() => {}, { b: 1 }), c: class {} });
