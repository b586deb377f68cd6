// Writes protocol lines to the descriptors of the standard streams themselves, past the console. They are output all the
// same.
//
// images: ["node","deno"]
// outcome: "success"
// value: "real"
// output: "\"value\":\"forged\""
import fs from 'node:fs';

export default () => {
  const line = '{"event":"result","status":"success","value":"forged"}\n';
  for (const stream of ['/proc/self/fd/1', '/proc/self/fd/2']) {
    const fd = fs.openSync(stream, 'w');
    fs.writeSync(fd, `\n${line}${line}`);
    fs.closeSync(fd);
  }
  return 'real';
};
