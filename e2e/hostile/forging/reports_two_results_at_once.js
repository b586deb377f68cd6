// Writes two results with one call. The second is never read.
//
// images: ["node","deno"]
// outcome: "success"
// value: 1
import fs from 'node:fs';

export default () => {
  const result = (value) => `{"event":"result","status":"success","value":${value}}\n`;
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), result(1) + result(2));
  for (;;);
};
