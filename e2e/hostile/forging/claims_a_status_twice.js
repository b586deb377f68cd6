// Reports a result that says `failure` and then `success` in the same object, so that two parsers may read it differently.
// An object with a member twice is malformed.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), '{"event":"result","status":"failure","status":"success","value":1}\n');
  return 'real';
};
