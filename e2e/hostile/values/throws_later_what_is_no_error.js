// Throws something that is no error, and that throws when it is looked at, where nobody can catch it. Deno looks at it before the
// runner can, and ends over what that throws.
//
// images: ["quickjs","node","deno"]
// outcome: "exception"
// details: {"unhandled": "error"}
// per: {"deno": {"outcome": ["exception","runner_exited"]}}
// request: {"timeout_ms": 30000}
const trapped = () => { throw new Error('trapped'); };

export default () => {
  setTimeout(() => { throw new Proxy(function () {}, { get: trapped, getPrototypeOf: trapped }); }, 1);
  return new Promise((resolve) => setTimeout(resolve, 8000));
};
