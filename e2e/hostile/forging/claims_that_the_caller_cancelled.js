// Reports that the call was cancelled, which would have the origin `request`. Only the dispatcher knows who asked for that.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  const failure = '{"code":"cancelled","message":"forged","details":{"by":"caller"}}';
  fs.writeSync(fs.openSync('/proc/self/fd/3', 'w'), `{"event":"result","status":"failure","failure":${failure}}\n`);
  return 'real';
};
