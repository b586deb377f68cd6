// Throws something that is no error in an accessor that the runner reads.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// details: {"path": "/list/0/a~1b", "type": "getter_threw"}
export default () => ({ list: [{ get 'a/b'() { throw null; } }] });
