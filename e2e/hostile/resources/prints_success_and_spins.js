// Prints a result and spins for ever. What is printed is output and never protocol, so
// the time it took is what is told.
//
// images: ["node", "deno"]
// outcome: "timed_out"
// output: "\"value\":\"printed\""
// request: {"timeout_ms": 400}

import fs from 'node:fs';

export default () => {
  fs.writeSync(1, '{"event":"result","status":"success","value":"printed"}\n');
  for (;;);
};
