// Exits with the code of a V8 that ran out of heap, and prints what that prints. It has memory left: the verdict is not
// decided by what a function prints or by a number that it chooses.
//
// images: ["node","deno"]
// outcome: "runner_exited"
// details: {"exit_code": 134}
import fs from 'node:fs';

export default () => {
  const words = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';
  fs.writeSync(fs.openSync('/proc/self/fd/2', 'w'), words);
  process.exit(134);
};
