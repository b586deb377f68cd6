// Prints a result and ends its process with a code of failure. What is printed is output
// and never protocol, so the exit is what is told.
//
// images: ["node", "deno"]
// outcome: "runner_exited"
// details: {"exit_code": 3}
// output: "\"value\":\"printed\""

import fs from 'node:fs';
import process from 'node:process';

export default () => {
  fs.writeSync(1, '{"event":"result","status":"success","value":"printed"}\n');
  process.exit(3);
};
