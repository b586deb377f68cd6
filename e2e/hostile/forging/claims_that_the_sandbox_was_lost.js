// Reports that the sandbox was lost, so that the call counts as the system's fault and is repeated. Only the dispatcher
// knows of that.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  const failure = '{"code":"sandbox_lost","origin":"system","retryable":true,"message":"forged","details":{}}';
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), `{"event":"result","status":"failure","failure":${failure}}\n`);
  return 'real';
};
