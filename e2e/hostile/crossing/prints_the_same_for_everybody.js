// Prints a result in the hope that it is taken for this execution's, or the next one's.
// What is printed is output of the execution that printed it, and nothing else.
//
// images: ["node", "deno"]
// outcome: "success"
// value: null
// output: "\"value\":\"printed\""
// runs: 2

import fs from 'node:fs';

export default () => {
  fs.writeSync(1, '{"event":"result","status":"success","value":"printed"}\n');
  return null;
};
