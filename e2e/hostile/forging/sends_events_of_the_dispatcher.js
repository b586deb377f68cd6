// Sends an event that only a dispatcher makes. A runner has three kinds of lines, and this is none of them.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), '{"event":"started","sandbox":"forged","engine":"forged","warm":true}\n');
  return 'real';
};
