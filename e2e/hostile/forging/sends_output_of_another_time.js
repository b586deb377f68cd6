// Sends an output event with an id and a time that is none. The message is the function's; the id and the time are not, and
// are replaced.
//
// images: ["node","deno"]
// outcome: "success"
// value: "real"
// output: "from the past"
// no_output: "yesterday"
import fs from 'node:fs';

export default () => {
  const members = '"id":"another","timestamp":"yesterday","sequence":-1';
  const line = `{"event":"output",${members},"stream":"stdout","level":"info","message":"from the past"}\n`;
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), line);
  return 'real';
};
