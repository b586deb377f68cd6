// Writes a value that is nested a hundred thousand levels deep, to overflow the stack of whoever parses it. Depth is bounded
// before anything is parsed, in the line and in the value.
//
// images: ["node","deno"]
// outcome: ["protocol_error","invalid_result"]
import fs from 'node:fs';

export default () => {
  const deep = '['.repeat(1e5) + ']'.repeat(1e5);
  const line = Buffer.from(`{"event":"result","status":"success","value":${deep}}\n`);
  const channel = fs.openSync('/proc/self/fd/3', 'w');
  for (let sent = 0; sent < line.length; ) sent += fs.writeSync(channel, line, sent);
  return 'real';
};
