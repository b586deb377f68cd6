// Returns an integer that JSON has no type for. It is refused, with its place.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/a/1", "type": "bigint"}
export default () => ({ a: [1, 2n ** 64n] });
