// Writes bytes to the channel that are no JSON.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), 'HTTP/1.1 200 OK\r\n\r\n');
  return 'real';
};
