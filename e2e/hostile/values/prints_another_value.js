// Returns what JSON cannot hold, and prints a result with a value that it can. What is
// printed is output and never protocol, so the value stays refused.
//
// images: ["node", "deno"]
// outcome: "invalid_result"
// output: "\"value\":\"printed\""

import fs from 'node:fs';

export default () => {
  fs.writeSync(1, '{"event":"result","status":"success","value":"printed"}\n');
  return 1n;
};
