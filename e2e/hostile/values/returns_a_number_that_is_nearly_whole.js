// Returns a number where an integer was asked for, by a fraction that is as small as it can be.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// request: {"response_type": "integer"}
export default () => 1 + Number.EPSILON;
