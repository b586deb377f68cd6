// Reports a failure whose code is a megabyte of nonsense. No such code is passed on.
//
// images: ["node","deno"]
// outcome: "protocol_error"
import fs from 'node:fs';

export default () => {
  const failure = `{"code":"${'x'.repeat(1 << 20)}","message":"forged","details":{}}`;
  const channel = fs.openSync('/proc/self/fd/3', 'w');
  const line = Buffer.from(`{"event":"result","status":"failure","failure":${failure}}\n`);
  for (let sent = 0; sent < line.length; ) sent += fs.writeSync(channel, line, sent);
  return 'real';
};
