// Writes a result to the runner's channel and then returns another value. A function chooses its own value, so the first
// result counts; there is no second one.
//
// images: ["node","deno"]
// outcome: "success"
// value: "first"
import fs from 'node:fs';

export default () => {
  const channel = fs.openSync('/proc/self/fd/3', 'w');
  fs.writeSync(channel, '{"event":"result","status":"success","value":"first"}\n');
  return 'second';
};
