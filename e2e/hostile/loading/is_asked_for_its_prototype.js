// Is asked for a handler whose name is that of the prototype.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_handler"
// details: {"handler": "__proto__", "found": "undefined"}
// request: {"handler": "__proto__"}
export default () => 1;
