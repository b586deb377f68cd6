// Writes the beginning of a line before the runner writes its own. The two together are no JSON, and it is the function that
// broke them.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), '{"event":"output","stream":"stdout","message":"');
  return 'real';
};
