// Returns the objects of its surroundings that JSON would make an empty object of.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/bytes", "type": "typed_array"}
export default () => ({ empty: {}, bytes: new Uint8Array(2), map: new Map(), set: new Set() });
