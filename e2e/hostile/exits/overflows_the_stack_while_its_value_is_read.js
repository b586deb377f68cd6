// Overflows the stack in an accessor that the runner reads. What cannot be read is no JSON.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/a"}
export default () => ({ get a() { return this.a; } });
