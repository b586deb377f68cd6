// Returns texts and names of members with half of a surrogate pair. No UTF-8 can hold that.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"type": "lone_surrogate"}
export default () => ({ ['\udc00']: '\ud83d' });
