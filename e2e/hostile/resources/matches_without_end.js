// Matches a regular expression that tries every way to split a text. Nothing in the language would stop it.
//
// images: ["quickjs","node","deno"]
// outcome: "timed_out"
// request: {"timeout_ms": 500}
export default () => /^(a+)+$/.test(`${'a'.repeat(60)}!`);
