// Reads `caller` and `arguments` of functions, which old sloppy code could use to reach the runner's.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: []
function handler() {
  const stolen = [];
  const sloppy = new Function('const f = function () { return f.caller }; return f()');
  const attempts = {
    caller: () => handler.caller,
    arguments: () => handler.arguments,
    callee: () => arguments.callee,
    'the caller of a sloppy function': () => {
      const caller = sloppy();
      return caller === null || caller === undefined || caller.name === 'anonymous' ? undefined : caller.caller;
    },
  };
  for (const name in attempts) {
    try {
      const found = attempts[name]();
      if (found !== null && found !== undefined) stolen.push(name);
    } catch { /* refused */ }
  }
  return stolen;
}

export default handler;
