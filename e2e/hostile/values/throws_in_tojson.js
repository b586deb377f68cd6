// Throws in `toJSON`, which the runner has to call.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/a", "type": "to_json_threw"}
export default () => ({ a: { toJSON() { throw undefined; } } });
