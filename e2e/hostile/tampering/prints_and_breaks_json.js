// Makes JSON useless for whoever reports after it, and prints a result in place of its
// own. The runner took what it reports with before, and what is printed is output.
//
// images: ["node", "deno"]
// outcome: "success"
// value: "returned"
// output: "\"value\":\"printed\""

import fs from 'node:fs';

export default () => {
  JSON.stringify = () => '{"value":"tampered"}';
  fs.writeSync(1, '{"event":"result","status":"success","value":"printed"}\n');
  return 'returned';
};
