// Says once more that the runner is ready, as if the sandbox could take another execution. It cannot.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), '{"event":"ready"}\n');
  return 'real';
};
