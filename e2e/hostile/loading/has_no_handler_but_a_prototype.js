// Is asked for a handler that every ordinary object has. A module's namespace inherits nothing.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_handler"
// details: {"handler": "toString", "found": "undefined"}
// request: {"handler": "toString"}
export default () => 1;
