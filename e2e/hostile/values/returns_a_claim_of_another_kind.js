// Returns what another kind of function returns. The dispatcher checks it against the kind of the request.
//
// images: ["quickjs","node","deno"]
// outcome: "invalid_result"
// request: {"kind": "validation"}
export default () => ({ result: 'success', status: 'ok' });
