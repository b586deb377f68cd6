// Reports that its time is up. The dispatcher's own clock decides that.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  const failure = '{"code":"timed_out","message":"forged","details":{"limit_name":"timeout_ms","limit":1}}';
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), `{"event":"result","status":"failure","failure":${failure}}\n`);
  return 'real';
};
