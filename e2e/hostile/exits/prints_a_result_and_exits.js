// Prints a result and leaves with code 0, as if that were a success. Nothing was reported: the runner exited.
//
// images: ["node","deno"]
// outcome: "runner_exited"
// details: {"exit_code": 0}
// output: "forged"
import fs from 'node:fs';

export default () => {
  fs.writeSync(fs.openSync('/proc/self/fd/1', 'w'), '{"event":"result","status":"success","value":"forged"}\n');
  process.exit(0);
};
